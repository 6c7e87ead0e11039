"""Consumer groups, pipelines and the audit log at the platform."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_data import (
    PlatformAudit,
    PlatformConsumers,
    PlatformPipelines,
)
from gateway.ports import (
    ConnectorError,
    OutcomeUnknown,
    Refused,
    StateMoved,
    Unreadable,
)

URL = "http://platform.test"
AT = "2026-01-01T00:00:00Z"
SECONDS = 1_767_225_600.0


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client)


Call = Callable[[Api], Awaitable[object]]
CONSUMER = {
    "consumer_group": "loader",
    "topic": "events",
    "pipeline": "warehouse",
    "members": 4,
    "lag": 10,
    "lag_seconds": 1.5,
    "in_rate": 2.0,
    "out_rate": 3.0,
    "restarts": 1,
    "restarted_at": AT,
    "version": 3,
}
BACKFILL = {
    "id": "bf_1",
    "from_at": AT,
    "to_at": AT,
    "state": "running",
    "rows_done": 1,
    "rows_total": 9,
}
PIPELINE = {
    "pipeline": "warehouse",
    "watermark_at": AT,
    "lag_seconds": 2.0,
    "rows_per_second": 400.0,
    "gaps": [[AT, AT]],
    "backfills": [BACKFILL],
    "version": 3,
}
READS: list[Call] = [
    lambda api: PlatformConsumers(api).get("loader"),
    lambda api: PlatformPipelines(api).get("warehouse"),
    lambda api: PlatformPipelines(api).rehearse("warehouse", from_at=0, to_at=1),
    lambda api: PlatformAudit(api).search("x", since=0, most=5),
]
WRITES: list[Call] = [
    lambda api: PlatformConsumers(api).restart(
        "loader", seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformPipelines(api).backfill(
        "warehouse", from_at=0, to_at=SECONDS, seen_version=3, idempotency_key="k"
    ),
]


async def test_a_group_and_a_pipeline_are_read(
    api: Api, system: respx.MockRouter
) -> None:
    """Gaps are pairs of seconds, backfills rows of their own."""
    system.get("/consumers/loader").respond(json=CONSUMER)
    system.get("/pipelines/warehouse").respond(json=PIPELINE)
    group = await PlatformConsumers(api).get("loader")
    pipeline = await PlatformPipelines(api).get("warehouse")

    assert (10, SECONDS) == (group.lag, group.restarted_at)
    assert ((SECONDS, SECONDS),) == pipeline.gaps
    assert 9 == pipeline.backfills[0].rows_total


async def test_a_rehearsal_gives_rows_or_refuses(
    api: Api, system: respx.MockRouter
) -> None:
    """In the platform's words; it is a read."""
    route = system.get("/pipelines/warehouse/rehearsal")
    route.respond(json={"rows": 7, "refused": None})
    rows = await PlatformPipelines(api).rehearse("warehouse", from_at=0, to_at=SECONDS)
    route.respond(json={"rows": 7, "refused": "not yet"})

    assert 7 == rows
    assert AT == route.calls.last.request.url.params["to_at"]
    with pytest.raises(Refused, match="not yet"):
        await READS[2](api)


async def test_the_audit_is_searched(api: Api, system: respx.MockRouter) -> None:
    """By words, since an instant, at most so many."""
    entry = {"at": AT, "actor": "a", "action": "b", "target": "c", "detail": "d"}
    route = system.get("/audit").respond(json={"entries": [entry]})
    [found] = await PlatformAudit(api).search("x y", since=5.0, most=9)

    assert (SECONDS, "d") == (found.at, found.detail)
    assert {"query": "x y", "since": "5.0", "limit": "9"} == dict(
        route.calls.last.request.url.params
    )


async def test_a_restart_and_a_backfill_are_written(
    api: Api, system: respx.MockRouter
) -> None:
    """Each at its own path."""
    restart = system.put("/consumers/loader/restart").respond(json=CONSUMER)
    backfill = system.put("/pipelines/warehouse/backfills").respond(json=PIPELINE)
    await WRITES[0](api)
    await WRITES[1](api)

    assert restart.called
    assert f'"to_at":"{AT}"'.encode() in backfill.calls.last.request.content


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, json={"ok": True}), OutcomeUnknown),
        (httpx.Response(412), StateMoved),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
    ],
)
async def test_a_write_without_a_usable_answer(
    api: Api,
    system: respx.MockRouter,
    call: Call,
    answer: httpx.Response | Exception,
    error: type[ConnectorError],
) -> None:
    """Another shape or silence: it may stand. 412: somebody was faster."""
    system.put().mock(side_effect=[answer])

    with pytest.raises(error):
        await call(api)


@pytest.mark.parametrize("call", READS)
async def test_a_read_of_another_shape(
    api: Api, system: respx.MockRouter, call: Call
) -> None:
    """The field that is missing is named."""
    system.get().respond(json={"surprise": 1})

    with pytest.raises(Unreadable, match="unexpected shape"):
        await call(api)
