"""Let only the holder of the platform's bearer in."""

import hmac
from dataclasses import dataclass

from fastapi import HTTPException, Request


@dataclass(frozen=True)
class BearerRequired:
    """A FastAPI dependency."""

    token: str

    async def __call__(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            raise HTTPException(
                401,
                detail="send Authorization: Bearer <the platform's token>",
                headers={"WWW-Authenticate": "Bearer"},
            )
