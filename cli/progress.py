"""Say what is going on while it goes on: a spinner on a terminal, plain lines else."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS = 0.08


class Progress:
    """Writes to standard error, so that standard output stays for facts."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._live = sys.stderr.isatty()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def say(self, text: str = "") -> None:
        print(text, file=sys.stderr, flush=True)

    def live(self, text: str) -> None:
        """Rewrite one line on a terminal; nothing elsewhere."""
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()

    @asynccontextmanager
    async def step(self, text: str) -> AsyncIterator[None]:
        """Show a step with its time; ✗ where it fails."""
        began = time.monotonic()
        spinner = asyncio.ensure_future(self._spin(text))
        mark = "✗"
        try:
            yield
            mark = "✓"
        finally:
            spinner.cancel()
            await asyncio.gather(spinner, return_exceptions=True)
            if self._live:
                sys.stderr.write("\r\x1b[2K")
            self.say(f"{mark} {text}  {time.monotonic() - began:.1f} s")

    async def _spin(self, text: str) -> None:
        frame = 0
        while self._live:
            self.live(f"{_FRAMES[frame % len(_FRAMES)]} {text}")
            frame += 1
            await asyncio.sleep(_FRAME_SECONDS)
