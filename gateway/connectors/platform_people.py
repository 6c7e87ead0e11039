"""The platform's users: accounts, bans, push tokens, and their way in."""

from gateway.connectors.http import Api
from gateway.connectors.platform_call import (
    Answered,
    End,
    Instant,
    PlatformCall,
    iso,
    part,
)
from gateway.subjects import Account, IdentityState


class _Account(Answered):
    user_id: str
    handle: str
    display_name: str
    email: str
    phone: str
    country: str
    created_at: Instant
    followers: int
    status: str
    banned_until: End
    strikes: int
    reports_last_day: int
    posts_last_day: int
    push_tokens: int
    push_revoked: bool
    recent_content: tuple[str, ...]
    version: int


class _Identity(Answered):
    user_id: str
    sessions: int
    last_login_at: Instant | None
    failed_logins_last_hour: int
    locked: bool
    reset_sent_at: Instant | None
    version: int
    session_ids: tuple[str, ...] | None = None


class PlatformAccounts:
    """Fulfils ``Accounts``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, user_id: str) -> Account:
        found = await self._call.read(_Account, f"/users/{part(user_id)}")
        return Account(**found.model_dump())

    async def set_push(
        self, user_id: str, *, revoked: bool, seen_version: int, idempotency_key: str
    ) -> Account:
        found = await self._call.write(
            _Account,
            f"/users/{part(user_id)}/push",
            {"revoked": revoked},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return Account(**found.model_dump())

    async def ban(
        self,
        user_id: str,
        *,
        until: float | None,
        reason_code: str,
        seen_version: int,
        idempotency_key: str,
    ) -> Account:
        found = await self._call.write(
            _Account,
            f"/users/{part(user_id)}/ban",
            {
                "until": None if until is None else iso(until),
                "reason_code": reason_code,
            },
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return Account(**found.model_dump())


class PlatformIdentity:
    """Fulfils ``Identity``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._call = PlatformCall(api)

    async def get(self, user_id: str) -> IdentityState:
        found = await self._call.read(_Identity, f"/users/{part(user_id)}/identity")
        return IdentityState(**found.model_dump())

    async def end_sessions(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        return await self._write(
            f"/users/{part(user_id)}/sessions", seen_version, idempotency_key
        )

    async def send_reset_link(
        self, user_id: str, *, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        return await self._write(
            f"/users/{part(user_id)}/reset-link", seen_version, idempotency_key
        )

    async def _write(
        self, path: str, seen_version: int, idempotency_key: str
    ) -> IdentityState:
        found = await self._call.write(
            _Identity,
            path,
            {},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return IdentityState(**found.model_dump())
