import pytest

from runner.budget import Budget
from wire.session import BudgetView


@pytest.mark.parametrize(
    ("now", "calls", "why"),
    [
        (105.0, 1, None),
        (110.0, 1, "the time budget of 10 s is spent"),
        (105.0, 2, "the budget of 2 tool calls is spent"),
    ],
)
def test_a_budget_says_what_is_spent(now: float, calls: int, why: str | None) -> None:
    """Seconds and calls, whichever ends first."""
    budget = Budget.from_view(BudgetView(tool_calls=2, seconds=10), now=100.0)

    assert budget.spent_on(now=now, calls=calls) == why


def test_seconds_left_are_never_negative() -> None:
    """Also long after the end."""
    budget = Budget(tool_calls=1, seconds=10, started_at=0)

    assert (budget.seconds_left(4), budget.seconds_left(99)) == (6, 0)
