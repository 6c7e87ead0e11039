"""One port before several: each connection goes to the next that takes it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

_BYTES = 65_536


@asynccontextmanager
async def balanced(door: int, ports: Sequence[int]) -> AsyncIterator[None]:
    """Pass connections to ``door`` on; nothing to do where it is one of the ports."""
    if door in ports:
        yield
        return
    turns = count()

    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        turn = next(turns)
        for place in range(len(ports)):
            port = ports[(turn + place) % len(ports)]
            with suppress(OSError):
                there = await asyncio.open_connection("127.0.0.1", port)
                await _join((reader, writer), there)
                return
        writer.close()

    server = await asyncio.start_server(pass_on, "127.0.0.1", door)
    async with server:
        yield


_Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(one: _Ends, other: _Ends) -> None:
    """Carry bytes both ways until either side ends."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_carry(one[0], other[1]))
        group.create_task(_carry(other[0], one[1]))


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while read := await source.read(_BYTES):
            target.write(read)
            await target.drain()
    target.close()
