"""A question to a model: its states, its failures by name, and what it may cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum


class ModelCallState(StrEnum):
    """``begun`` may have been paid for, whatever became of it."""

    begun = "begun"
    answered = "answered"
    failed = "failed"


class ModelFault(StrEnum):
    """Why a model gave no answer that a run can use."""

    busy = "busy"
    server_error = "server_error"
    stalled = "stalled"
    cut = "cut"
    malformed = "malformed"
    empty = "empty"
    declined = "declined"
    over_length = "over_length"
    wrong_model = "wrong_model"
    not_trusted = "not_trusted"
    no_entry = "no_entry"
    rejected = "rejected"
    away = "away"
    late = "late"
    lost = "lost"
    budget_spent = "budget_spent"


@dataclass(frozen=True, slots=True)
class Spent:
    """``seconds`` that a model took; ``microusd``: millionths of a US dollar."""

    turns: int = 0
    tokens: int = 0
    seconds: float = 0.0
    microusd: int = 0


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """What may be spent, each of the four for itself; ``whose`` names it to people."""

    whose: str
    turns: int
    tokens: int
    seconds: float
    microusd: int


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input_usd: Decimal
    output_usd: Decimal

    def microusd(self, input_tokens: int, output_tokens: int) -> int:
        """Give the cost, rounded up: a dollar a million is a millionth a token."""
        exact = self.input_usd * input_tokens + self.output_usd * output_tokens
        return int(exact.to_integral_value(ROUND_CEILING))


def find_spent(
    asked: Spent, budgets: Sequence[tuple[ModelBudget, Spent]]
) -> str | None:
    """
    Say which budget ``asked`` would go past, given what is spent; None if none.

    A budget of seconds lets a question begin while any of it is left.
    """
    for budget, spent in budgets:
        if spent.turns + asked.turns > budget.turns:
            return f"{budget.turns} turns of {budget.whose} are spent"
        if spent.tokens + asked.tokens > budget.tokens:
            return (
                f"{spent.tokens} of {budget.tokens} tokens of {budget.whose} are "
                f"spent, and up to {asked.tokens} more would be"
            )
        if spent.seconds >= budget.seconds:
            return f"{budget.seconds:g} s of {budget.whose} are spent"
        if spent.microusd + asked.microusd > budget.microusd:
            return (
                f"{usd(spent.microusd)} of {usd(budget.microusd)} of {budget.whose} "
                f"are spent, and up to {usd(asked.microusd)} more would be"
            )
    return None


def usd(microusd: int) -> str:
    """Give dollars for people: two digits after the point, four where it is less."""
    dollars = Decimal(microusd) / 1_000_000
    small = 0 < microusd < 10_000  # noqa: PLR2004 - one cent
    return f"${dollars:.4f}" if small else f"${dollars:.2f}"
