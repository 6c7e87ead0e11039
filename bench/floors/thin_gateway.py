"""A gateway by hand: allow-list, intent committed, HTTP call, result committed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import aiohttp
from fastapi import FastAPI, HTTPException, Request

from bench.floors.asgi import pool_of

_ALLOWED = {"trace_lookup": "/platform/v1/traces?limit=20&status=error&service="}


def make(url: str) -> FastAPI:
    database, _, upstream = url.partition("#")
    pool = pool_of(database, 16)
    sessions: list[aiohttp.ClientSession] = []
    last = {"hash": ""}

    @asynccontextmanager
    async def opened(_app: FastAPI) -> AsyncIterator[None]:
        async with pool, aiohttp.ClientSession(upstream) as session:
            sessions.append(session)
            yield

    app = FastAPI(lifespan=opened, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {}

    async def keep(call: int | None, body: object) -> int:
        text = json.dumps(body)
        last["hash"] = sha256((last["hash"] + text).encode()).hexdigest()
        async with pool.connection() as connection:
            row = await (
                await connection.execute(
                    "INSERT INTO calls (call, body, hash) VALUES (%s, %s, %s)"
                    " RETURNING id",
                    (call, text, last["hash"]),
                )
            ).fetchone()
        return int(row[0]) if row else 0

    @app.post("/v1/tools/{tool}")
    async def call(tool: str, request: Request) -> object:
        if tool not in _ALLOWED:
            raise HTTPException(403)
        asked = await request.json()
        intent = await keep(None, {"tool": tool, "asked": asked})
        async with sessions[0].get(_ALLOWED[tool] + asked["params"]["service"]) as got:
            result = await got.json()
        await keep(intent, result)
        return result

    return app
