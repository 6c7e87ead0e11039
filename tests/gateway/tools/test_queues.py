"""get_queue_state: one queue, as it stands."""

from dataclasses import replace

import pytest

from gateway.ports import Unreadable
from gateway.registry import Occasion
from gateway.subjects import ConsumerState
from gateway.tools.queues import QueueParams, read_queue
from tests.gateway.outside import SCOPE, Outside
from tests.gateway.outside_work import GROUP, PIPELINE


async def test_a_queue_is_read(outside: Outside) -> None:
    """Depth, age and rates under our own names."""
    found = await read_queue(
        QueueParams(queue="default"), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert ("default", 12, 40.0, 41.0) == (
        found.queue,
        found.depth,
        found.in_rate,
        found.out_rate,
    )


async def test_a_consumer_group_shows_its_pipeline(outside: Outside) -> None:
    """With what restart_consumer and start_backfill take."""
    found = await read_queue(
        QueueParams(queue=GROUP), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert found.group
    assert found.pipeline
    assert (GROUP, PIPELINE) == (found.group.consumer_group, found.pipeline.pipeline)
    told = found.model_dump(mode="json")["pipeline"]["gaps"]
    assert [
        {"from_at": "2023-11-14T22:08:20Z", "to_at": "2023-11-14T22:13:20Z"}
    ] == told


async def test_a_lag_that_the_broker_does_not_know_is_none(outside: Outside) -> None:
    """And what else it says of the group is told."""
    rows = outside.consumers.rows
    rows[GROUP] = replace(rows[GROUP], lag=-1, lag_seconds=-1.0)
    found = await read_queue(
        QueueParams(queue=GROUP), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert found.group
    assert (None, None, 3) == (
        found.group.lag,
        found.group.lag_seconds,
        found.group.restarts,
    )
    assert [] == found.missing


async def test_a_gap_without_end_ends_with_the_calendar(outside: Outside) -> None:
    """And not in 1978."""
    rows = outside.pipelines.rows
    rows[PIPELINE] = replace(rows[PIPELINE], gaps=((0.0, 253_402_300_799.0),))
    found = await read_queue(
        QueueParams(queue=GROUP), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert found.pipeline
    assert [9999] == [one.to_at.year for one in found.pipeline.gaps]


async def test_a_plain_queue_has_neither(outside: Outside) -> None:
    """That it is no group is no trouble."""
    found = await read_queue(
        QueueParams(queue="default"), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert (None, None, []) == (found.group, found.pipeline, found.missing)


async def test_a_source_that_does_not_answer_is_named(outside: Outside) -> None:
    """Without it nobody could tell a plain queue from a consumer group's."""
    outside.consumers = Away()  # type: ignore[assignment]
    found = await read_queue(
        QueueParams(queue=GROUP), outside.ports, Occasion(SCOPE, 0.0, None, None)
    )

    assert (None, ["consumers: HTTP 503"]) == (found.group, found.missing)


class Away:
    async def get(self, consumer_group: str) -> ConsumerState:
        assert consumer_group
        raise Unreadable("HTTP 503")


@pytest.mark.parametrize("name", ["", ".default", "a/b", "../etc", "a b"])
def test_a_queues_name_is_no_path(name: str) -> None:
    """No path and no blank reaches a URL."""
    with pytest.raises(ValueError, match="queue"):
        QueueParams(queue=name)
