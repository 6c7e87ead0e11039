"""Connections that lead nowhere, and keep what was written to them."""

import httpcore
from httpcore import AsyncMockStream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Wire(httpcore.AsyncMockStream):
    """A connection that keeps what was written before TLS."""

    def __init__(self) -> None:
        super().__init__([OK])
        self.in_clear: list[bytes] = []

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        self.in_clear.append(buffer)

    async def start_tls(self, *_given: object, **_named: object) -> AsyncMockStream:
        return AsyncMockStream([OK])


class Wires(httpcore.AsyncMockBackend):
    """Sockets that lead nowhere, to whatever address."""

    def __init__(self) -> None:
        super().__init__([])
        self.wire = Wire()

    async def connect_tcp(self, *_given: object, **_named: object) -> Wire:
        return self.wire
