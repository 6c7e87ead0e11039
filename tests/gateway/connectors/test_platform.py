"""The platform's API: its shapes, and what an unexpected one means."""

import respx

from gateway.connectors.http import Api
from gateway.connectors.platform import (
    PlatformFlags,
    PlatformQueues,
    PlatformServices,
    PlatformThrottles,
    PlatformTraces,
)
from tests.gateway.connectors.platform_answers import (
    FLAG,
    QUEUE,
    SERVICE,
    THROTTLE,
    TRACE,
)


async def test_a_flag_tells_what_it_was(
    platform: Api, outside: respx.MockRouter
) -> None:
    """The rollout before the last change comes from the history."""
    outside.get("/flags/new_ranker").respond(json=FLAG)
    flag = await PlatformFlags(platform).get("new_ranker")

    assert (50, 5, 7) == (
        flag.rollout_percent,
        flag.previous_rollout_percent,
        flag.version,
    )
    assert 1_767_225_600.0 == flag.changed_at


async def test_a_new_flag_was_nothing_before(
    platform: Api, outside: respx.MockRouter
) -> None:
    """Without history there is no former rollout."""
    outside.get("/flags").respond(json={"flags": [{**FLAG, "history": []}]})
    [flag] = (await PlatformFlags(platform).list_of("discourse")).flags

    assert flag.previous_rollout_percent is None


async def test_a_flag_is_written_as_seen(
    platform: Api, outside: respx.MockRouter
) -> None:
    """State, rollout, condition and key go out; the new state comes back."""
    route = outside.put("/flags/new_ranker").respond(json={**FLAG, "version": 8})
    flag = await PlatformFlags(platform).set(
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
    platform: Api, outside: respx.MockRouter
) -> None:
    """A route with blank, slash and braces is one query value."""
    route = outside.put("/throttles/discourse").respond(json=THROTTLE)
    await PlatformThrottles(platform).set(
        "discourse",
        "GET /t/{id}&x=1",
        limit_rps=None,
        seen_version=1,
        idempotency_key="k",
    )

    assert "GET /t/{id}&x=1" == route.calls.last.request.url.params["route"]
    assert b'"limit_rps":null' in route.calls.last.request.content


async def test_queues_and_services_are_read(
    platform: Api, outside: respx.MockRouter
) -> None:
    """Rates and loads come under our own names."""
    outside.get("/queues/default").respond(json=QUEUE)
    outside.get("/services/discourse").respond(json=SERVICE)
    queue = await PlatformQueues(platform).get("default")
    service = await PlatformServices(platform).service("discourse")

    assert (2.0, 4.0) == (queue.in_rate, queue.out_rate)
    assert "GET /" == service.routes[0].route


async def test_traces_keep_their_error_type_apart(
    platform: Api, outside: respx.MockRouter
) -> None:
    """``error.type`` is a field of its own, the other attributes are sorted pairs."""
    route = outside.get("/traces").respond(json={"traces": [TRACE]})
    [found] = await PlatformTraces(platform).search(
        service="discourse", correlation_id=None, most=5
    )

    assert "Timeout" == found.spans[0].error_type
    assert (("a", "2"), ("z", "1")) == found.spans[0].attributes
    assert {"limit": "5", "service": "discourse", "status": "error"} == dict(
        route.calls.last.request.url.params
    )
