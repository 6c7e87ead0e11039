"""Tell watchers that something changed, without saying what."""

import asyncio


class ChangeFeed:
    """A version that only grows; one event loop."""

    def __init__(self) -> None:
        self._version = 0
        self._next = asyncio.Event()

    @property
    def version(self) -> int:
        return self._version

    def announce(self) -> None:
        self._version += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait_beyond(self, version: int, *, timeout_seconds: float) -> int:
        """Return the newest version, at once if it is already beyond `version`."""
        if self._version <= version:
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._next.wait()
            except TimeoutError:
                pass
        return self._version
