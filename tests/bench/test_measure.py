"""Verdicts: on the median ratio, and only where floors agree with themselves."""

from collections.abc import Iterator

import pytest

from bench.measure import (
    P50,
    P99,
    RATE,
    Case,
    Goal,
    Result,
    Sample,
    Side,
    WrongAnswer,
    compare,
    summary,
)


def side(figure: str, *values: float, count: int = 1_000) -> Side:
    """Give one value a call, and begin again at the end."""

    def again() -> Iterator[float]:
        while True:
            yield from values

    figures = again()

    async def take() -> Sample:
        return Sample({figure: next(figures)}, count)

    return take


async def judged(product: Side, floor: Side, goal: Goal, rounds: int = 3) -> Result:
    case = Case("case", product, {"floor": (floor, (goal,))})
    [result] = await compare(case, rounds)
    return result


@pytest.mark.parametrize(
    ("product", "bound", "verdict"),
    [(50.0, 0.5, "met"), (49.0, 0.5, "missed")],
)
async def test_a_rate_must_reach_its_bound(
    product: float, bound: float, verdict: str
) -> None:
    """A share of the floor's."""
    result = await judged(side(RATE, product), side(RATE, 100.0), Goal(RATE, bound))

    assert (verdict, product / 100) == (result.verdict, result.ratio)


@pytest.mark.parametrize(("product", "verdict"), [(1.5, "met"), (1.6, "missed")])
async def test_a_time_must_stay_below_its_bound(product: float, verdict: str) -> None:
    """A multiple of the floor's."""
    result = await judged(side(P50, product), side(P50, 1.0), Goal(P50, 1.5))

    assert verdict == result.verdict


async def test_the_median_of_the_rounds_counts() -> None:
    """One bad round is shown, and decides nothing; its floor was bad as well."""
    product = side(RATE, 60.0, 6.0, 60.0)
    floor = side(RATE, 100.0, 100.0, 10.0, 100.0, 100.0, 100.0)
    result = await judged(product, floor, Goal(RATE, 0.5))

    assert "met" == result.verdict
    assert 0.18 < result.lowest < 0.2
    assert (0.6, 0.6) == (result.ratio, result.highest)


async def test_a_floor_that_differs_from_itself_says_nothing() -> None:
    """More than a tenth apart: void, however good the ratio looks."""
    result = await judged(side(RATE, 1000.0), side(RATE, 100.0, 120.0), Goal(RATE, 0.5))

    assert ("void", 1.2) == (result.verdict, result.aa)


async def test_a_p99_of_few_requests_says_nothing() -> None:
    """Under a thousand, it is the noise's maximum."""
    product = side(P99, 1.0, count=300)
    result = await judged(product, side(P99, 1.0), Goal(P99, 2))

    assert "void" == result.verdict


async def test_an_absolute_goal_asks_no_floor() -> None:
    """The product's own figure, in its unit."""
    goal = Goal("PSS MiB", 222, absolute=True)
    within = await judged(side("PSS MiB", 200.0), side("PSS MiB", 10.0), goal)
    beyond = await judged(side("PSS MiB", 300.0), side("PSS MiB", 10.0), goal)

    assert ("met", "missed") == (within.verdict, beyond.verdict)


async def test_what_both_carry_is_taken_off() -> None:
    """Both call the same tool: what each adds to it is compared."""
    case = Case(
        "case",
        side(P50, 5.0),
        {"floor": (side(P50, 4.0), (Goal(P50, 1.5),))},
        base=side(P50, 2.0),
    )
    [result] = await compare(case, 1)

    assert (3.0, 2.0, 1.5) == (result.product, result.floor, result.ratio)


def test_times_are_summed_up() -> None:
    """The median, and the 99th of a hundred."""
    sample = summary([float(number) for number in range(1, 101)], 2.0)

    assert {RATE: 50.0, P50: 50.5, P99: 99.0} == sample.figures
    assert 100 == sample.count


def test_no_answer_is_no_figure() -> None:
    """A side that answered nothing is an error, not a zero."""
    with pytest.raises(WrongAnswer, match="logs"):
        summary([], 1.0)
