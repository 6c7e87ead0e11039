"""
A load generator for HTTP/1.1 over TCP or a Unix socket, keep-alive.

A bare asyncio protocol: it answers about ten thousand times a second on these machines,
three times what the fastest durable floor can do, and costs both sides the same.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from bench.measure import Sample, WrongAnswer, summary

Requests = Callable[[int], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a server listens: a loopback port, or a Unix socket."""

    port: int = 0
    unix: str = ""

    async def connect(self, made: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        if self.unix:
            await loop.create_unix_connection(made, self.unix)
        else:
            await loop.create_connection(made, "127.0.0.1", self.port)


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Give the bytes of one request."""
    lines = [f"POST {path} HTTP/1.1", "host: bench", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def load(
    target: Target,
    requests: Requests,
    *,
    connections: int,
    seconds: float,
    status: int,
) -> Sample:
    """
    Ask for ``seconds`` on each connection, one request after the other.

    ``requests`` gives those of the n-th connection; every answer must have ``status``.

    Raises:
        WrongAnswer: an answer had another status, or a connection was lost.
    """
    began = perf_counter()
    clients = [
        _Client(requests(number), began + seconds, status)
        for number in range(connections)
    ]
    for client in clients:
        await target.connect(lambda client=client: client)  # type: ignore[misc]
    try:
        await asyncio.gather(*(client.done for client in clients))
    finally:
        for client in clients:
            client.close()
    times = [time for client in clients for time in client.milliseconds]
    return summary(times, perf_counter() - began)


class _Client(asyncio.Protocol):
    """One connection: sends the next request when the last is answered."""

    def __init__(self, requests: Iterator[bytes], until: float, status: int) -> None:
        self.milliseconds: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._until = until
        self._wanted = str(status).encode()
        self._sent = 0.0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = b""
        if head[9:12] != self._wanted:
            self._fail(f"{head[:15].decode()}: {rest[:300].decode('utf-8', 'replace')}")
            return
        self.milliseconds.append((perf_counter() - self._sent) * 1000)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was lost: {exc}")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        now = perf_counter()
        request = next(self._requests, None) if now < self._until else None
        if request is None or self._transport is None:
            if not self.done.done():
                self.done.set_result(None)
            return
        self._sent = perf_counter()
        self._transport.write(request)

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswer(why))


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    if at < 0:
        raise WrongAnswer(f"an answer without a length: {head[:60]!r}")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])
