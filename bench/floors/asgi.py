"""What the raw floors share: read a body, answer, open and close with the server."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Handler = Callable[[Message, bytes], Awaitable[bytes]]


def pool_of(url: str, size: int) -> AsyncConnectionPool:
    return AsyncConnectionPool(
        url, min_size=size, max_size=size, open=False, kwargs={"autocommit": True}
    )


def raw(
    handle: Handler, open_: Callable[[], AbstractAsyncContextManager[None]], status: int
) -> App:
    """Give an ASGI application without a framework; GET is its health."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            async with open_():
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["method"] == "GET":
            await answer(send, 200, b"{}")
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await answer(send, status, await handle(scope, body))

    return app


async def answer(send: Send, status: int, body: bytes) -> None:
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def app_over(pool: AsyncConnectionPool) -> FastAPI:
    """Give a FastAPI application with a pool and its health."""

    @asynccontextmanager
    async def opened(_app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=opened, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {}

    return app
