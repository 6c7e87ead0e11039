"""start_backfill: rehearsed, followed to its end, verified by the gap."""

from dataclasses import replace

import pytest

from gateway.ports import Refused
from gateway.registry import Settled
from gateway.tools import backfill as tool
from gateway.tools.backfill import BackfillParams, BackfillTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_work import PIPELINE, WATERMARK

SEEN = BackfillTarget(
    pipeline=PIPELINE,
    watermark_at=WATERMARK,
    gaps=((WATERMARK - 300, WATERMARK),),
    known=("bf_1",),
    covered=False,
    version=7,
)


def span(begin: float, end: float) -> BackfillParams:
    return BackfillParams.model_validate(
        {"pipeline": PIPELINE, "from_at": begin, "to_at": end}
    )


PARAMS = span(WATERMARK - 300, WATERMARK)


async def test_reach_is_what_the_rehearsal_says(outside: Outside) -> None:
    """Rows, and whether the span covers a gap."""
    found = await tool.estimate(
        PARAMS, await tool.observe(PARAMS, outside.ports), outside.ports
    )
    elsewhere = await tool.estimate(
        span(WATERMARK - 900, WATERMARK - 800), SEEN, outside.ports
    )

    assert (120_000, "rows") == (found.amount, found.unit)
    assert ("covers its gap" in found.text, "no known gap" in elsewhere.text) == (
        True,
        True,
    )


async def test_what_the_system_refuses_is_not_proposed(outside: Outside) -> None:
    """Nor run: the rehearsal is the same call."""
    outside.pipelines.refusal = "a running backfill overlaps that"

    with pytest.raises(Refused, match="overlaps"):
        await tool.estimate(PARAMS, SEEN, outside.ports)
    with pytest.raises(Refused, match="overlaps"):
        await tool.rehearse(PARAMS, SEEN, outside.ports)


async def test_it_is_followed_to_its_end(outside: Outside) -> None:
    """Too early while it runs; done when the gap is gone; failed when it is not."""
    none = await tool.verify(PARAMS, SEEN, outside.ports)
    await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    runs = await tool.verify(PARAMS, SEEN, outside.ports)
    rows = outside.pipelines.rows
    old, fresh = rows[PIPELINE].backfills
    done = replace(fresh, state="done", rows_done=40)
    rows[PIPELINE] = replace(rows[PIPELINE], backfills=(old, done))
    left = await tool.verify(PARAMS, SEEN, outside.ports)
    rows[PIPELINE] = replace(rows[PIPELINE], gaps=())
    gone = await tool.verify(PARAMS, SEEN, outside.ports)

    assert [False, None, False, True] == [one.done for one in (none, runs, left, gone)]
    assert ("10 of 40 rows written", "40 of 40 rows written, no gap left") == (
        runs.text,
        gone.text,
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"watermark_at": 1.0}, Settled.not_applied),
        (
            {"version": 8, "covered": True, "known": ("bf_1", "bf_2")},
            Settled.applied,
        ),
        ({"version": 8, "known": ("bf_1", "bf_2")}, Settled.unknown),
        ({"version": 8, "covered": True}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """A backfill that is new, and of exactly this span."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


@pytest.mark.parametrize(("begin", "end"), [(5, 5), (9, 5), (0, 7 * 86_400 + 1)])
def test_a_span_is_in_order_and_bounded(begin: float, end: float) -> None:
    """Seven days at most."""
    with pytest.raises(ValueError, match="seven days at most"):
        span(begin, end)


def test_it_says_what_it_does() -> None:
    """In one line, and what is missing."""
    assert f"Backfill {PIPELINE}: 5 min from 2023-11-14 22:08 UTC" == tool.title(PARAMS)
    assert ("5 min missing in the span", "a backfill runs") == tool.describe(
        PARAMS, SEEN
    )


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ({}, None),
        ({"covered": True}, None),
        (
            {"covered": True, "running": True},
            f"a backfill of {PIPELINE} from 2023-11-14 22:08 UTC is running",
        ),
    ],
)
def test_what_stands_already_is_said(
    now: dict[str, object], stands: str | None
) -> None:
    """One that is done may be run again."""
    assert stands == tool.already(PARAMS, SEEN.model_copy(update=now))
