"""
Alternating rounds, ratios within a round, and the A/A check.

A machine's figures drift two- and threefold, so that only ratios inside a round count.
Each round takes the floor, the product and the floor again; the verdict is on the
median ratio. Where the two floors of a round differ by more than a tenth in the
median, the comparison says nothing and is void.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

AA_MOST = 1.1
# p99 of fewer samples is noise.
P99_LEAST_COUNT = 1_000


class WrongAnswer(Exception):
    """A measured side answered wrongly; its figures are worth nothing."""


RATE, P50, P99 = "requests/s", "p50 ms", "p99 ms"


@dataclass(frozen=True, slots=True)
class Sample:
    """What one side did in one round: figures by name and unit, of ``count`` events."""

    figures: Mapping[str, float]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """
    A bound on one figure: on the product's over the floor's, or, absolute, on its own.

    Rates are to be at least the bound, all else at most.
    """

    figure: str
    bound: float
    absolute: bool = False

    @property
    def text(self) -> str:
        sign = "≥" if self.figure == RATE else "≤"
        return f"{sign} {self.bound:g}{'' if self.absolute else ' times'}"

    def met(self, value: float) -> bool:
        return value >= self.bound if self.figure == RATE else value <= self.bound


@dataclass(frozen=True, slots=True)
class Result:
    """
    One line of the report.

    ``aa`` is the median of the floor over itself; ``verdict`` is met, missed or void.
    """

    case: str
    floor_name: str
    figure: str
    product: float
    floor: float
    ratio: float
    lowest: float
    highest: float
    aa: float
    goal: str
    verdict: str


Side = Callable[[], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Case:
    """
    A product, its floors and its goals.

    ``base``: what both carry and neither adds; then the figures are differences to it.
    """

    name: str
    product: Side
    floors: dict[str, tuple[Side, tuple[Goal, ...]]]
    base: Side | None = None


async def compare(case: Case, rounds: int) -> list[Result]:
    """Measure all sides by turns."""
    taken: dict[str, list[Sample]] = {}

    async def take(name: str, side: Side) -> None:
        taken.setdefault(name, []).append(await side())

    for _ in range(rounds):
        for name, (floor, _) in case.floors.items():
            await take(f"A {name}", floor)
        if case.base is not None:
            await take("base", case.base)
        await take("product", case.product)
        for name, (floor, _) in case.floors.items():
            await take(f"B {name}", floor)
    return [
        _judge(case.name, name, goal, taken)
        for name, (_, goals) in case.floors.items()
        for goal in goals
    ]


def summary(milliseconds: Sequence[float], seconds: float) -> Sample:
    """Sum up the times of one side's requests within ``seconds``."""
    ordered = sorted(milliseconds)
    if not ordered:
        raise WrongAnswer("nothing was answered; look at the logs of the run's folder")
    last = math.ceil(len(ordered) * 0.99) - 1
    figures = {
        RATE: len(ordered) / seconds,
        P50: median(ordered),
        P99: ordered[last],
    }
    return Sample(figures, len(ordered))


def _judge(case: str, name: str, goal: Goal, taken: dict[str, list[Sample]]) -> Result:
    base = _figures(taken.get("base", []), goal.figure)
    product, first, second = (
        _above(_figures(taken[side], goal.figure), base)
        for side in ("product", f"A {name}", f"B {name}")
    )
    floors = [math.sqrt(a * b) for a, b in zip(first, second, strict=True)]
    ratios = [p / f for p, f in zip(product, floors, strict=True)]
    aa = median(b / a for a, b in zip(first, second, strict=True))
    counts = sum(one.count for one in taken["product"])
    thin = goal.figure == P99 and counts < P99_LEAST_COUNT
    void = not goal.absolute and (thin or not 1 / AA_MOST <= aa <= AA_MOST)
    ratio = median(ratios)
    met = goal.met(median(product) if goal.absolute else ratio)
    return Result(
        case=case,
        floor_name=name,
        figure=goal.figure,
        product=median(product),
        floor=median(floors),
        ratio=ratio,
        lowest=min(ratios),
        highest=max(ratios),
        aa=aa,
        goal=goal.text,
        verdict="void" if void else "met" if met else "missed",
    )


def _figures(samples: Sequence[Sample], figure: str) -> list[float]:
    return [sample.figures[figure] for sample in samples]


def _above(figures: list[float], base: list[float]) -> list[float]:
    """What a side adds to the base of its round; never below a microsecond."""
    if not base:
        return figures
    return [max(0.001, f - b) for f, b in zip(figures, base, strict=True)]
