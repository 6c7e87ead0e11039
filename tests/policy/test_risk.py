"""Risk: a sum whose every part is said, in words that a person can weigh."""

import pytest

from policy.risk import Risk, assess_risk, risk_word
from policy.tool_spec import ToolCategory

REVERSIBLE = ToolCategory.write_reversible
IRREVERSIBLE = ToolCategory.write_irreversible


def assess(
    category: ToolCategory = REVERSIBLE,
    *,
    environment: str = "dev",
    amount: float = 0.0,
    unit: str = "users",
    uncited: bool = False,
    tainted: bool = False,
) -> Risk:
    return assess_risk(
        category,
        environment=environment,
        amount=amount,
        unit=unit,
        uncited=uncited,
        tainted=tainted,
    )


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
    ],
)
def test_each_part_is_added_and_said(changed: Risk, points: int, said: str) -> None:
    """The factors are the score, written out."""
    assert Risk(2 + points, ("reversible +2", said)) == changed


def test_the_highest_is_ten() -> None:
    """However much comes together; and every part is still said."""
    everything = assess(
        IRREVERSIBLE, environment="prod", amount=1e9, uncited=True, tainted=True
    )

    assert 10 == everything.score
    assert 5 == len(everything.factors)


@pytest.mark.parametrize(
    ("score", "word"),
    [(1, "low"), (3, "low"), (4, "medium"), (6, "medium"), (7, "high"), (10, "high")],
)
def test_a_score_has_a_word(score: int, word: str) -> None:
    assert word == risk_word(score)
