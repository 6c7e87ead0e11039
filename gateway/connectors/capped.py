"""An answer whose body ends at a size, however small it was packed."""

import zlib
from collections.abc import AsyncIterator

import httpx

from gateway.ports import ConnectorError

# What we say that we take; see ``cap``.
ACCEPT_ENCODING = "gzip"
_GZIP = frozenset({"gzip", "x-gzip"})
_PLAIN = frozenset({"", "identity"})


class BodyRefused(ConnectorError):
    """The body is too large, or packed in a way that nobody asked for."""


def cap(answer: httpx.Response, most_bytes: int) -> None:
    """
    Let nobody read more of this body than ``most_bytes``, unpacked.

    httpx unpacks a piece from the wire whole, before anybody can count: some kilobytes
    may become gigabytes. So its own unpacking is taken away, and gzip, the only packing
    that we say we take, is done here, no further than the cap. Reading raises
    BodyRefused past it.
    """
    packing = answer.headers.pop("content-encoding", "").strip().lower()
    if not isinstance(answer.stream, httpx.AsyncByteStream):
        raise BodyRefused("its body was read already")
    answer.stream = _Capped(answer.stream, packing, most_bytes)


class _Capped(httpx.AsyncByteStream):
    def __init__(
        self, stream: httpx.AsyncByteStream, packing: str, most_bytes: int
    ) -> None:
        self._stream = stream
        self._packing = packing
        self._most_bytes = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most_bytes
        unpack = self._unpacking()
        async for raw in self._stream:
            waiting = raw
            while waiting:
                # One byte more than is left tells that there are more.
                piece, waiting = unpack.take(waiting, left + 1)
                left -= len(piece)
                if left < 0:
                    raise BodyRefused(f"more than {self._most_bytes} bytes")
                yield piece
        unpack.end()

    async def aclose(self) -> None:
        await self._stream.aclose()

    def _unpacking(self) -> "_Plain | _Gzip":
        if self._packing in _PLAIN:
            return _Plain()
        if self._packing in _GZIP:
            return _Gzip()
        raise BodyRefused(f"packed as {self._packing[:40]!r}, which was not asked for")


class _Plain:
    def take(self, raw: bytes, _most: int) -> tuple[bytes, bytes]:
        return raw, b""

    def end(self) -> None:
        """Take any end: HTTP itself counts a plain body."""


class _Gzip:
    def __init__(self) -> None:
        self._packed = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self._begun = False

    def take(self, raw: bytes, most: int) -> tuple[bytes, bytes]:
        """Give at most ``most`` unpacked bytes, and what is still to be unpacked."""
        self._begun = True
        if self._packed.eof:
            raise BodyRefused("something follows its gzip")
        try:
            piece = self._packed.decompress(raw, most)
        except zlib.error as exc:
            raise BodyRefused(f"its gzip is broken: {exc}") from exc
        return piece, self._packed.unconsumed_tail + self._packed.unused_data

    def end(self) -> None:
        if self._begun and not self._packed.eof:
            raise BodyRefused("its gzip ends too early")
