"""A body ends at its cap, whoever reads it and however it was packed."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.connectors.capped import BodyRefused, cap


class Pieces(httpx.AsyncByteStream):
    """A body as it comes from the wire, which knows how much was taken."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for one in self._pieces:
            self.taken += 1
            yield one

    async def aclose(self) -> None:
        self.closed = True


def answer(*pieces: bytes, packing: str = "") -> httpx.Response:
    headers = {"content-encoding": packing} if packing else {}
    return httpx.Response(200, headers=headers, stream=Pieces(*pieces))


@pytest.mark.parametrize(
    ("packing", "pieces"),
    [
        ("", (b"abc", b"de")),
        ("identity", (b"abcde",)),
        ("gzip", (gzip.compress(b"abcde"),)),
        ("GZIP", (gzip.compress(b"abcde"),)),
        ("x-gzip", tuple(bytes([one]) for one in gzip.compress(b"abcde"))),
    ],
    ids=["plain", "identity", "gzip", "GZIP", "x-gzip in bytes"],
)
async def test_a_body_up_to_the_cap_is_read(
    packing: str, pieces: tuple[bytes, ...]
) -> None:
    """Plain or as gzip, in whatever pieces it comes."""
    found = answer(*pieces, packing=packing)
    cap(found, 5)

    assert b"abcde" == await found.aread()


@pytest.mark.parametrize("packing", ["", "gzip"])
async def test_an_empty_body_is_one(packing: str) -> None:
    """A 204 may say that it is packed."""
    found = answer(packing=packing)
    cap(found, 5)

    assert b"" == await found.aread()


async def test_what_is_past_the_cap_is_not_read() -> None:
    """Not a piece more than the one that passes it."""
    body = Pieces(b"abc", b"def", b"ghi")
    found = httpx.Response(200, stream=body)
    cap(found, 5)

    with pytest.raises(BodyRefused, match="more than 5 bytes"):
        await found.aread()
    assert 2 == body.taken


async def test_a_bomb_is_not_unpacked() -> None:
    """64 MB in one piece of 64 kB: no more than the cap is ever in memory."""
    bomb = gzip.compress(b"\0" * 64 * 1024 * 1024)
    found = answer(bomb, packing="gzip")
    cap(found, 100_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyRefused, match="more than 100000 bytes"):
            await found.aread()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("packing", "body", "why"),
    [
        ("br", b"x", "packed as 'br'"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "packed as 'gzip, gzip'"),
        ("gzip", b"no gzip", "its gzip is broken"),
        ("gzip", gzip.compress(b"x")[:-4], "ends too early"),
        ("gzip", gzip.compress(b"x") + b"y", "something follows"),
    ],
    ids=["brotli", "twice", "none", "cut", "more"],
)
async def test_another_packing_is_refused(packing: str, body: bytes, why: str) -> None:
    """Nobody asked for it, or it is none."""
    found = answer(body, packing=packing)
    cap(found, 100)

    with pytest.raises(BodyRefused, match=why):
        await found.aread()


async def test_a_connection_is_given_back() -> None:
    """Closing goes through to the wire."""
    body = Pieces(b"abc")
    found = httpx.Response(200, stream=body)
    cap(found, 5)
    await found.aclose()

    assert body.closed
