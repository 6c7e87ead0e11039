"""
A TCP proxy before an HTTP server that breaks one exchange at one byte.

``truncate`` ends the response cleanly after so many bytes, ``cut`` resets there,
``delay`` stops there until all is over, ``duplicate`` sends that many
bytes twice, ``request`` lets only so many bytes of the request through; where those
are all, it arrives and its answer is lost.
"""

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

_HEAD_END = b"\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)
# The place after the last byte of any message: all of it passes, and then it breaks.
WHOLE = sys.maxsize


class Mode(StrEnum):
    none = "none"
    truncate = "truncate"
    cut = "cut"
    delay = "delay"
    duplicate = "duplicate"
    request = "request"


@dataclass(frozen=True)
class Plan:
    """
    What happens to an exchange, and at which byte; before 0 it counts from the end.

    ``exchange`` numbers the one that breaks, from 0; None breaks each. ``method``
    leaves all others alone, and uncounted.
    """

    mode: Mode
    at: int = 0
    exchange: int | None = None
    method: str = ""


@dataclass
class FaultProxy:
    """
    ``request`` and ``response`` keep the last whole exchange, ``seen`` all of them.

    ``arm`` says what is to break, and counts exchanges anew.
    """

    upstream_port: int
    port: int = 0
    plan: Plan = Plan(Mode.none)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    request: bytes = b""
    response: bytes = b""
    seen: list[tuple[bytes, bytes]] = field(default_factory=list)
    taken: int = 0
    forwarding: int = 0

    async def settle(self) -> None:
        """Wait until nothing that was taken is on its way to the system any more."""
        await asyncio.sleep(0.005)
        while self.forwarding:  # noqa: ASYNC110 - a count
            await asyncio.sleep(0.005)

    def arm(self, plan: Plan) -> None:
        self.plan, self.seen, self.taken = plan, [], 0

    def _take(self) -> Plan:
        if not self.request.startswith(self.plan.method.encode()):
            return Plan(Mode.none)
        number, self.taken = self.taken, self.taken + 1
        broken = self.plan.exchange in {None, number}
        return self.plan if broken else Plan(Mode.none)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            self.request = await _read_message(reader)
            plan = self._take()
            if plan.mode is Mode.request:
                await self._forward_part(plan.at)
                _reset(writer)
                return
            self.response = await self._forward(self.request)
            self.seen.append((self.request, self.response))
            await self._answer(writer, plan)
        except (ConnectionError, asyncio.IncompleteReadError):
            _reset(writer)
        finally:
            writer.close()

    async def _forward(self, request: bytes) -> bytes:
        self.forwarding += 1
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.upstream_port
            )
            try:
                writer.write(request)
                await writer.drain()
                return await _read_message(reader)
            finally:
                writer.close()
        finally:
            self.forwarding -= 1

    async def _forward_part(self, at: int) -> None:
        """Send the head of a request alone, and hang up; all of it is waited for."""
        if at >= len(self.request):
            await self._forward(self.request)
            return
        _, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        writer.write(self.request[:at])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def _answer(self, writer: asyncio.StreamWriter, plan: Plan) -> None:
        whole, at = self.response, plan.at
        parts = {
            Mode.none: whole,
            Mode.truncate: whole[:at],
            Mode.cut: whole[:at],
            Mode.delay: whole[:at],
            Mode.duplicate: whole[:at] + whole[:at] + whole[at:],
        }
        writer.write(parts[plan.mode])
        await writer.drain()
        if plan.mode is Mode.cut:
            _reset(writer)
        if plan.mode is Mode.delay:
            await self.released.wait()


@asynccontextmanager
async def proxied(upstream_port: int) -> AsyncIterator[FaultProxy]:
    """Serve a proxy on a free loopback port until the block ends."""
    proxy = FaultProxy(upstream_port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.released.set()
        server.close()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    """Read one HTTP/1.1 message, which has a Content-Length, chunks, or no body."""
    head = await reader.readuntil(_HEAD_END)
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        return head + await _read_chunks(reader)
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    read = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        length = int(line.split(b";")[0], 16)
        read += line + await reader.readexactly(length + 2)
        if length == 0:
            return read


def _reset(writer: asyncio.StreamWriter) -> None:
    """Have the peer see a reset instead of an end."""
    made: socket.socket | None = writer.get_extra_info("socket")
    if made is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport = writer.transport
    transport.abort()
