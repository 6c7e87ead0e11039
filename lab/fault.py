"""Arm misbehaviour of the lab's HTTP surface and carry it out on the wire.

Theory of operation: a fault waits for requests of its method and path, and is spent
once per request. The wall stands outside the web framework, because cutting a
connection without an answer needs the server's transport.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.json_object import JsonObject

ANY = "*"


class FaultKind(StrEnum):
    HTTP_429 = "http_429"
    HTTP_500 = "http_500"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SLOW = "slow"


@dataclass
class Fault:
    """`left` requests are still to meet it; `label` is what the caller named."""

    kind: FaultKind
    http_method: str
    path_prefix: str
    left: int
    label: str = ""
    retry_after_seconds: int = 1
    seconds: float = 5.0

    def meets(self, http_method: str, path: str) -> bool:
        return (
            self.left > 0
            and self.http_method in (ANY, http_method)
            and path.startswith(self.path_prefix)
        )


class FaultPlan:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self, path_prefix: str) -> None:
        self._faults = [
            fault
            for fault in self._faults
            if not fault.path_prefix.startswith(path_prefix)
        ]

    def take(self, http_method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.meets(http_method, path):
                fault.left -= 1
                return fault
        return None

    def listed(self, path_prefix: str) -> list[JsonObject]:
        return [
            asdict(fault)
            for fault in self._faults
            if fault.left > 0 and fault.path_prefix.startswith(path_prefix)
        ]


class FaultWall:
    """The outermost ASGI layer: spends armed faults on matching requests."""

    def __init__(self, app: ASGIApp, plan: FaultPlan) -> None:
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = (
            self._plan.take(scope["method"], scope["path"])
            if scope["type"] == "http"
            else None
        )
        if fault is None:
            await self._app(scope, receive, send)
            return
        await self._suffer(fault, scope, receive, send)

    async def _suffer(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        match fault.kind:
            case FaultKind.HTTP_429:
                wait = {"retry-after": str(fault.retry_after_seconds)}
                await answer(send, 429, {"ok": False, "error": "ratelimited"}, wait)
            case FaultKind.HTTP_500:
                await answer(send, 500, {"detail": "the lab was told to fail"}, {})
            case FaultKind.SLOW:
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case FaultKind.RESET_BEFORE:
                await cut(send, receive)
            case FaultKind.RESET_AFTER:
                await self._app(scope, receive, unheard)
                await cut(send, receive)


async def unheard(message: Message) -> None:
    """Take the application's answer and tell nobody."""


async def cut(send: Send, receive: Receive) -> None:
    """Drop the TCP connection without a byte of an answer.

    uvicorn's `send` belongs to the request's cycle, which holds the transport; a
    server without one sees ConnectionResetError instead.
    """
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("the lab was told to cut this connection")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(
    send: Send, status: int, body: JsonObject, headers: Mapping[str, str]
) -> None:
    content = json.dumps(body).encode()
    named = {
        "content-type": "application/json",
        "content-length": str(len(content)),
        **headers,
    }
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})
