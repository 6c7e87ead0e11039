"""Risk: a sum whose every part is said, in words that a person can weigh."""

from dataclasses import replace
from typing import Any

import pytest

from policy.risk import (
    AgentRecord,
    Measured,
    Proof,
    Risk,
    assess_risk,
    risk_word,
)
from policy.tool_spec import ToolCategory

REVERSIBLE = ToolCategory.write_reversible
IRREVERSIBLE = ToolCategory.write_irreversible


SEEN = Proof(pieces=2, oldest_seconds=60, most_seconds=1800)
PROVEN = AgentRecord(verified=5, failed=0)
LEAST = Measured(
    category=REVERSIBLE,
    environment="dev",
    amount=0.0,
    unit="users",
    uncited=False,
    tainted=False,
    proof=SEEN,
    record=PROVEN,
)


def assess(category: ToolCategory = REVERSIBLE, **changes: Any) -> Risk:
    return assess_risk(replace(LEAST, category=category, **changes))


def test_the_least_risk_is_its_class() -> None:
    """Nothing else counts where nobody is reached."""
    assert Risk(2, ("reversible +2",)) == assess()
    assert Risk(6, ("can't be undone +6",)) == assess(IRREVERSIBLE)


@pytest.mark.parametrize(
    ("amount", "unit", "points"),
    [
        (999, "users", 0),
        (1_000, "users", 1),
        (99_999, "users", 1),
        (100_000, "users", 2),
        (9.99, "requests/s", 0),
        (10, "requests/s", 1),
        (1_000, "requests/s", 2),
        (999, "jobs", 0),
    ],
)
def test_reach_counts_from_a_thousand(amount: float, unit: str, points: int) -> None:
    """A request per second stands for a hundred users."""
    assert 2 + points == assess(amount=amount, unit=unit).score


@pytest.mark.parametrize(
    ("changed", "points", "said"),
    [
        (assess(environment="prod"), 1, "production +1"),
        (assess(uncited=True), 2, "a target is in no cited evidence +2"),
        (assess(tainted=True), 2, "a target comes from untrusted text +2"),
        (assess(amount=212_000), 2, "reaches 212,000 users +2"),
        (assess(proof=Proof(0, 0, 1800)), 1, "cites no evidence +1"),
        (assess(proof=Proof(1, 1200, 1800)), 1, "its evidence is 20 min old +1"),
        (
            assess(record=AgentRecord(2, 0)),
            1,
            "this agent version has 2 verified actions +1",
        ),
        (
            assess(record=AgentRecord(6, 2)),
            2,
            "2 of this agent version's last 8 failed +2",
        ),
    ],
)
def test_each_part_is_added_and_said(changed: Risk, points: int, said: str) -> None:
    """The factors are the score, written out."""
    assert Risk(2 + points, ("reversible +2", said)) == changed


def test_the_highest_is_ten() -> None:
    """However much comes together; and every part is still said."""
    everything = assess(
        IRREVERSIBLE,
        environment="prod",
        amount=1e9,
        uncited=True,
        tainted=True,
        proof=Proof(0, 0, 1800),
        record=AgentRecord(0, 3),
    )

    assert 10 == everything.score
    assert 7 == len(everything.factors)


@pytest.mark.parametrize(
    "changes",
    [
        {"proof": Proof(1, 900, 1800)},
        {"proof": None, "record": None},
        {"record": AgentRecord(3, 0)},
        {"record": AgentRecord(7, 2)},
    ],
)
def test_what_speaks_against_nothing_adds_nothing(changes: dict[str, Any]) -> None:
    """Fresh enough, proven enough, fewer than a quarter; an undo is not asked."""
    assert 2 == assess(**changes).score


@pytest.mark.parametrize(
    ("score", "word"),
    [(1, "low"), (3, "low"), (4, "medium"), (6, "medium"), (7, "high"), (10, "high")],
)
def test_a_score_has_a_word(score: int, word: str) -> None:
    assert word == risk_word(score)
