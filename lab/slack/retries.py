"""Events that the app has not acknowledged: Slack sends each three times more."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lab.clock import Clock

# Behind the attempt before: at once, a minute, five minutes (docs apis/events-api).
RETRY_SECONDS = (0.0, 60.0, 300.0)
_LOOKS_SECONDS = 0.1
T = TypeVar("T")


@dataclass
class Retries(Generic[T]):
    """
    What is to be sent again, and when; ``send`` takes it with the attempt's number.

    ``scale`` divides Slack's seconds, for tests that can't wait minutes.
    """

    send: Callable[[T, int], Awaitable[bool]]
    clock: Clock
    scale: float = 1.0
    _due: list[tuple[float, int, int, T]] = field(default_factory=list)
    _noted: int = 0

    def note(self, what: T, attempts: int = 0) -> None:
        """Have it sent again; ``attempts`` were made beside the first."""
        if attempts < len(RETRY_SECONDS):
            at = self.clock() + RETRY_SECONDS[attempts] / self.scale
            self._noted += 1
            heapq.heappush(self._due, (at, self._noted, attempts + 1, what))

    async def send_due(self) -> int:
        """Send what is due by now; give how many that were."""
        sent = 0
        while self._due and self._due[0][0] <= self.clock():
            _, _, attempt, what = heapq.heappop(self._due)
            sent += 1
            if not await self.send(what, attempt):
                self.note(what, attempt)
        return sent

    async def run(self) -> None:
        while True:
            await self.send_due()
            await asyncio.sleep(_LOOKS_SECONDS)
