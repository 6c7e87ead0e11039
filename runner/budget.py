"""How much a run may still do; the clock's reading is passed in."""

from dataclasses import dataclass

from wire.session import BudgetView


@dataclass(frozen=True, slots=True)
class Budget:
    """``started_at`` is a reading of the same monotonic clock as every ``now``."""

    tool_calls: int
    seconds: float
    started_at: float

    @classmethod
    def from_view(cls, view: BudgetView, *, now: float) -> "Budget":
        return cls(tool_calls=view.tool_calls, seconds=view.seconds, started_at=now)

    def seconds_left(self, now: float) -> float:
        return max(0.0, self.seconds - (now - self.started_at))

    def spent_on(self, *, now: float, calls: int) -> str | None:
        """Say which budget is spent before one more call; None if neither is."""
        if self.seconds_left(now) <= 0:
            return f"the time budget of {self.seconds:g} s is spent"
        if calls >= self.tool_calls:
            return f"the budget of {self.tool_calls} tool calls is spent"
        return None
