"""Consumer groups, pipelines and the audit log at the platform."""

import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_data import (
    PlatformAudit,
    PlatformConsumers,
    PlatformPipelines,
)
from gateway.ports import (
    Refused,
)
from tests.gateway.connectors.cases_platform import backfill, rehearse_backfill, restart
from tests.gateway.connectors.platform_answers import (
    AT,
    CONSUMER,
    ENTRY,
    PIPELINE,
    SECONDS,
)


async def test_a_group_and_a_pipeline_are_read(
    platform: Api, outside: respx.MockRouter
) -> None:
    """Gaps are pairs of seconds, backfills rows of their own."""
    outside.get("/consumers/loader").respond(json=CONSUMER)
    outside.get("/pipelines/warehouse").respond(json=PIPELINE)
    group = await PlatformConsumers(platform).get("loader")
    pipeline = await PlatformPipelines(platform).get("warehouse")

    assert (10, SECONDS) == (group.lag, group.restarted_at)
    assert ((SECONDS, SECONDS),) == pipeline.gaps
    assert 9 == pipeline.backfills[0].rows_total


async def test_a_rehearsal_gives_rows_or_refuses(
    platform: Api, outside: respx.MockRouter
) -> None:
    """In the platform's words; it is a read."""
    route = outside.get("/pipelines/warehouse/rehearsal")
    route.respond(json={"rows": 7, "refused": None})
    rows = await PlatformPipelines(platform).rehearse(
        "warehouse", from_at=0, to_at=SECONDS
    )
    route.respond(json={"rows": 7, "refused": "not yet"})

    assert 7 == rows
    assert AT == route.calls.last.request.url.params["to_at"]
    with pytest.raises(Refused, match="not yet"):
        await rehearse_backfill(PlatformPipelines(platform))


async def test_the_audit_is_searched(platform: Api, outside: respx.MockRouter) -> None:
    """By words, since an instant, at most so many."""
    route = outside.get("/audit").respond(json={"entries": [ENTRY]})
    [found] = await PlatformAudit(platform).search("x y", since=5.0, most=9)

    assert (SECONDS, "d") == (found.at, found.detail)
    assert {"query": "x y", "since": "5.0", "limit": "9"} == dict(
        route.calls.last.request.url.params
    )


async def test_a_restart_and_a_backfill_are_written(
    platform: Api, outside: respx.MockRouter
) -> None:
    """Each at its own path."""
    restarted = outside.put("/consumers/loader/restart").respond(json=CONSUMER)
    backfilled = outside.put("/pipelines/warehouse/backfills").respond(json=PIPELINE)
    await restart(PlatformConsumers(platform), 3)
    await backfill(PlatformPipelines(platform), 3)

    assert restarted.called
    assert f'"to_at":"{AT}"'.encode() in backfilled.calls.last.request.content
