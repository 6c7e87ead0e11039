"""get_queue_state: a queue's depth and rates, and the pipeline behind its consumers."""

from functools import partial

from pydantic import Field

from gateway.ports import NotThere, Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.subjects import ConsumerState, PipelineState
from gateway.tools.instant import Instant, instant_of
from gateway.tools.picked import pick
from gateway.tools.quantity import (
    Count,
    CountIfKnown,
    PerSecond,
    Seconds,
    SecondsIfKnown,
    UnixSeconds,
)
from gateway.tools.sources import Sources
from policy.names import NAME


class QueueParams(Strict):
    """``queue`` may be a consumer group: the queue of what waits for it."""

    queue: str = Field(pattern=NAME)


class GroupRow(Strict):
    """
    Whom restart_consumer takes; rates are messages per second.

    ``lag`` and ``lag_seconds`` are None where the broker does not know them.
    """

    consumer_group: str
    topic: str
    pipeline: str | None
    members: Count
    lag: CountIfKnown
    lag_seconds: SecondsIfKnown
    restarts: Count


class Gap(Strict):
    """What start_backfill takes: instants in ISO 8601."""

    from_at: Instant
    to_at: Instant


class PipelineRow(Strict):
    """Everything older than the watermark has arrived, but for the gaps."""

    pipeline: str
    watermark_at: UnixSeconds
    lag_seconds: Seconds
    gaps: list[Gap]
    running_backfills: Count


class QueueState(Strict):
    """
    Rates are messages per second.

    ``group`` and ``pipeline`` are there where the queue is a consumer group's;
    ``missing`` names the sources without an answer.
    """

    queue: str
    depth: Count
    oldest_age_seconds: Seconds
    in_rate: PerSecond
    out_rate: PerSecond
    consumers: Count
    group: GroupRow | None = None
    pipeline: PipelineRow | None = None
    missing: list[str]


async def read_queue(
    params: QueueParams, ports: Ports, _occasion: Occasion
) -> QueueState:
    """Read one queue's load, and its consumer group's if it is one's."""
    load = await ports.queues.get(params.queue)
    sources = Sources()
    group = await sources.ask("consumers", _find_group(ports, params.queue))
    pipeline = None
    if group is not None and group.pipeline is not None:
        pipeline = await sources.ask("pipelines", ports.pipelines.get(group.pipeline))
    return pick(
        QueueState,
        load,
        group=sources.take("consumers", group, partial(pick, GroupRow)),
        pipeline=sources.take("pipelines", pipeline, _pipeline),
        missing=sources.missing,
    )


async def _find_group(ports: Ports, name: str) -> ConsumerState | None:
    """Give the consumer group of this name; that a queue is none is no trouble."""
    try:
        return await ports.consumers.get(name)
    except NotThere:
        return None


def _pipeline(found: PipelineState) -> PipelineRow:
    running = sum(one.state == "running" for one in found.backfills)
    gaps = [
        {"from_at": instant_of(begin), "to_at": instant_of(end)}
        for begin, end in found.gaps
    ]
    return pick(PipelineRow, found, gaps=gaps, running_backfills=running)


GET_QUEUE_STATE = ReadTool(
    name="get_queue_state",
    version=3,
    params=QueueParams,
    result=QueueState,
    read=read_queue,
)
