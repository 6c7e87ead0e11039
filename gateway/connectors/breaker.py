"""A circuit breaker: pure state, with the clock passed in."""

from dataclasses import dataclass

from gateway.ports import NothingSent, Unreadable


class CircuitOpen(NothingSent, Unreadable):
    """
    The system failed too often just now: nothing was sent to it.

    ``retry_after`` is the breaker's own; the system has not said when it is back.
    """

    def __init__(self, said: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(said, retry_after=retry_after)
        self.away_seconds = None


@dataclass(slots=True)
class Breaker:
    """
    Stops asking a system that failed so many times in a row.

    Theory of operation: closed while fewer than ``most_failures`` calls failed one
    after the other; then open for ``open_seconds``; then half-open: one call may try,
    and its outcome closes or opens again. A probe that never reports (its caller was
    cancelled) holds the others off for another ``open_seconds`` and no longer.
    Instants are seconds of any clock that never goes back.
    """

    most_failures: int = 5
    open_seconds: float = 10.0
    _failures: int = 0
    _next_try_at: float = 0.0

    def admit(self, now: float) -> bool:
        """Tell whether a call may go; one that may must be followed by a ``record``."""
        if self._failures < self.most_failures:
            return True
        if now < self._next_try_at:
            return False
        self._next_try_at = now + self.open_seconds
        return True

    def record(self, now: float, *, answered: bool) -> None:
        """Count a call's outcome; an error that the system explains is an answer."""
        if answered:
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= self.most_failures:
            self._next_try_at = now + self.open_seconds

    def seconds_left(self, now: float) -> float:
        """Give how long it stays shut; 0 where a call may go."""
        if self._failures < self.most_failures:
            return 0.0
        return max(0.0, self._next_try_at - now)
