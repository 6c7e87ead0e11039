"""The load generator: what it sends, what it counts, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from bench.load import Target, load, post
from bench.measure import WrongAnswer

REQUEST = post("/x", b'{"a": 1}', {"content-type": "application/json"})


class _Answering(asyncio.Protocol):
    """Answer each request in two parts."""

    def __init__(self, answer: bytes, seen: list[bytes]) -> None:
        self._answer, self._seen = answer, seen

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen.append(data)
        half = len(self._answer) // 2
        self._transport.write(self._answer[:half])
        later = asyncio.get_running_loop().call_later
        later(0.001, self._transport.write, self._answer[half:])


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve ``answer`` to each request; give port and requests."""
    seen: list[bytes] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(answer, seen), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


def some(how_many: int) -> Iterator[bytes]:
    return iter([REQUEST] * how_many)


async def test_each_answer_is_counted() -> None:
    """On every connection, until its requests are spent."""
    answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
    async with answering(answer) as (port, seen):
        sample = await load(
            Target(port), lambda _: some(5), connections=3, seconds=30, status=202
        )

    assert 15 == sample.count == len(seen)
    assert {REQUEST} == set(seen)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
async def test_another_status_is_a_wrong_answer(answer: bytes) -> None:
    """Fast refusals are no throughput."""
    async with answering(answer) as (port, _):
        with pytest.raises(WrongAnswer, match="HTTP"):
            await load(
                Target(port), lambda _: some(2), connections=1, seconds=30, status=202
            )
