"""Consumer groups and pipelines: lag, watermark, gaps, backfills."""

import pytest

from lab.platform.pipeline import (
    LOST_SECONDS,
    ConsumerGroup,
    Pipeline,
    rest_of,
    usual_groups,
)

NOW = 1_800_000_000.0


def stuck() -> tuple[ConsumerGroup, Pipeline]:
    """Give a loader that died at NOW, and the pipeline that it feeds."""
    group, pipeline = usual_groups()[0], Pipeline("warehouse", 400.0, NOW - 100)
    live(group, pipeline, 0, 5)
    group.stopped = True
    pipeline.lose(NOW + 5)
    return group, pipeline


def live(group: ConsumerGroup, pipeline: Pipeline, begin: int, end: int) -> None:
    for second in range(begin, end):
        group.advance(1)
        pipeline.advance(group, 1, now=NOW + second + 1)


def test_a_stopped_group_lags_and_the_watermark_stands() -> None:
    """A restart drains the lag; the gap stays."""
    group, pipeline = stuck()
    stood = pipeline.watermark_at
    live(group, pipeline, 5, 25)
    lag, behind = group.lag, pipeline.rendered(NOW + 25)["lag_seconds"]
    group.restart(NOW + 25)
    live(group, pipeline, 25, 55)

    assert 8000 == lag
    assert 22 == behind
    assert 0 == group.lag
    assert pipeline.watermark_at == NOW + 53
    assert [(stood - LOST_SECONDS, stood)] == pipeline.gaps


def test_a_backfill_runs_and_closes_the_gap() -> None:
    """120,000 rows take six seconds."""
    group, pipeline = stuck()
    [(begin, end)] = pipeline.gaps
    pipeline.backfill(begin, end)
    live(group, pipeline, 5, 8)
    under_way = pipeline.backfills[0].rendered()
    live(group, pipeline, 8, 12)

    assert ("running", 60_000, 120_000) == (
        under_way["state"],
        under_way["rows_done"],
        under_way["rows_total"],
    )
    assert ("done", []) == (pipeline.backfills[0].state, pipeline.gaps)


@pytest.mark.parametrize(
    ("begin", "end", "why"),
    [
        (-10, -10, "more than nothing"),
        (-8 * 86_400, -10, "at most 7 days"),
        (-10, 60, "beyond the watermark"),
        (-320, -200, "overlaps"),
    ],
)
def test_what_can_not_be_filled_is_refused(begin: float, end: float, why: str) -> None:
    """Ranges that are empty, endless, not there yet or under way."""
    _, pipeline = stuck()
    pipeline.backfill(NOW - 250, NOW - 100)

    assert why in (pipeline.why_not(NOW + begin, NOW + end) or "")


@pytest.mark.parametrize(
    ("begin", "end", "left"),
    [
        (0, 10, []),
        (2, 4, [(0, 2), (4, 10)]),
        (-5, 4, [(4, 10)]),
        (20, 30, [(0, 10)]),
    ],
)
def test_what_a_backfill_leaves_of_a_gap(
    begin: float, end: float, left: list[tuple[float, float]]
) -> None:
    """Nothing, an end, both ends, or all of it."""
    assert left == rest_of((0, 10), begin, end)


def test_a_group_is_the_queue_of_what_waits() -> None:
    """Depth is its lag."""
    group, _ = stuck()
    group.advance(2)

    assert ("warehouse-loader", 800, 0) == (
        group.as_queue()["name"],
        group.as_queue()["depth"],
        group.as_queue()["consumers"],
    )
