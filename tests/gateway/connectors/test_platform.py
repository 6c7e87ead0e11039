"""The platform's API: its shapes, and what an unexpected one means."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform import (
    PlatformFlags,
    PlatformQueues,
    PlatformServices,
    PlatformThrottles,
    PlatformTraces,
)
from gateway.ports import OutcomeUnknown, Unreadable

URL = "http://platform.test"
FLAG = {
    "key": "new_ranker",
    "service": "discourse",
    "enabled": True,
    "rollout_percent": 50,
    "version": 7,
    "changed_at": "2026-01-01T00:00:00Z",
    "changed_by": "deploy",
    "history": [
        {"version": 5, "rollout_percent": 1},
        {"version": 6, "rollout_percent": 5},
        {"version": 7, "rollout_percent": 50},
    ],
}
THROTTLE = {
    "service": "discourse",
    "route": "GET /feed",
    "limit_rps": None,
    "version": 1,
}


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Api("platform", client)


async def test_a_flag_tells_what_it_was(api: Api, system: respx.MockRouter) -> None:
    """The rollout before the last change comes from the history."""
    system.get("/flags/new_ranker").respond(json=FLAG)
    flag = await PlatformFlags(api).get("new_ranker")

    assert (50, 5, 7) == (
        flag.rollout_percent,
        flag.previous_rollout_percent,
        flag.version,
    )
    assert 1_767_225_600.0 == flag.changed_at


async def test_a_new_flag_was_nothing_before(
    api: Api, system: respx.MockRouter
) -> None:
    """Without history there is no former rollout."""
    system.get("/flags").respond(json={"flags": [{**FLAG, "history": []}]})
    [flag] = await PlatformFlags(api).list_of("discourse")

    assert flag.previous_rollout_percent is None


async def test_a_flag_is_written_as_seen(api: Api, system: respx.MockRouter) -> None:
    """State, rollout, condition and key go out; the new state comes back."""
    route = system.put("/flags/new_ranker").respond(json={**FLAG, "version": 8})
    flag = await PlatformFlags(api).set(
        "new_ranker",
        enabled=False,
        rollout_percent=0,
        former="",
        seen_version=7,
        idempotency_key="k",
    )

    assert 8 == flag.version
    assert b'"rollout_percent":0' in route.calls.last.request.content
    assert "7" == route.calls.last.request.headers["if-match"]


async def test_a_routes_blank_survives_the_url(
    api: Api, system: respx.MockRouter
) -> None:
    """A route with blank, slash and braces is one query value."""
    route = system.put("/throttles/discourse").respond(json=THROTTLE)
    await PlatformThrottles(api).set(
        "discourse",
        "GET /t/{id}&x=1",
        limit_rps=None,
        seen_version=1,
        idempotency_key="k",
    )

    assert "GET /t/{id}&x=1" == route.calls.last.request.url.params["route"]
    assert b'"limit_rps":null' in route.calls.last.request.content


async def test_a_written_answer_of_another_shape_is_unknown(
    api: Api, system: respx.MockRouter
) -> None:
    """The write may stand: what came back does not say."""
    system.put("/throttles/discourse").respond(json={"ok": True})

    with pytest.raises(OutcomeUnknown):
        await PlatformThrottles(api).set(
            "discourse",
            "GET /feed",
            limit_rps=5,
            seen_version=1,
            idempotency_key="k",
        )


async def test_a_read_answer_of_another_shape_is_unreadable(
    api: Api, system: respx.MockRouter
) -> None:
    """Every read says which object had the wrong shape."""
    system.get().respond(json={"surprise": 1})
    reads = [
        PlatformFlags(api).get("f"),
        PlatformFlags(api).list_of("s"),
        PlatformThrottles(api).get("s", "GET /"),
        PlatformQueues(api).get("q"),
        PlatformServices(api).service("s"),
        PlatformTraces(api).search(service="s", correlation_id=None, most=5),
    ]
    for one in reads:
        with pytest.raises(Unreadable, match="unexpected shape"):
            await one


async def test_queues_and_services_are_read(api: Api, system: respx.MockRouter) -> None:
    """Rates and loads come under our own names."""
    system.get("/queues/default").respond(
        json={
            "name": "default",
            "depth": 3,
            "oldest_age_seconds": 1.5,
            "in_per_second": 2.0,
            "out_per_second": 4.0,
            "consumers": 1,
        }
    )
    load = {"requests_per_second": 9.0, "error_ratio": 0.1}
    route = {**load, "route": "GET /", "capacity_rps": 5.0, "rejected_per_second": 0.0}
    system.get("/services/discourse").respond(
        json={
            **load,
            "service": "discourse",
            "p99_ms": 10.0,
            "active_users": 4,
            "routes": [route],
        }
    )
    queue = await PlatformQueues(api).get("default")
    service = await PlatformServices(api).service("discourse")

    assert (2.0, 4.0) == (queue.in_rate, queue.out_rate)
    assert "GET /" == service.routes[0].route


async def test_traces_keep_their_error_type_apart(
    api: Api, system: respx.MockRouter
) -> None:
    """``error.type`` is a field of its own, the other attributes are sorted pairs."""
    span = {
        "operation": "rank",
        "duration_ms": 1.0,
        "status": "error",
        "message": "boom",
        "attributes": {"z": "1", "error.type": "Timeout", "a": "2"},
    }
    trace = {
        "id": "t1",
        "correlation_id": "c1",
        "status": "error",
        "started_at": "2026-01-01T00:00:00Z",
        "duration_ms": 2.0,
        "spans": [span],
    }
    route = system.get("/traces").respond(json={"traces": [trace]})
    [found] = await PlatformTraces(api).search(
        service="discourse", correlation_id=None, most=5
    )

    assert "Timeout" == found.spans[0].error_type
    assert (("a", "2"), ("z", "1")) == found.spans[0].attributes
    assert {"limit": "5", "service": "discourse", "status": "error"} == dict(
        route.calls.last.request.url.params
    )
