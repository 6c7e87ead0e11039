"""The platform's HTTP API, its conditions and its keys."""

import httpx
import pytest

from lab.json_object import JsonObject
from tests.lab.world import World, platform_headers

FLAG = "/platform/flags/new_ranker"
THROTTLE = "/platform/throttles/discourse?route=POST%20/v1/replies"
CHANGE = {"enabled": True, "rollout_percent": 100, "changed_by": "operator"}


async def put(
    world: World, path: str, body: JsonObject, **headers: str
) -> httpx.Response:
    return await world.http.put(path, json=body, headers=platform_headers(**headers))


async def get(world: World, path: str) -> httpx.Response:
    return await world.http.get(path, headers=platform_headers())


async def test_the_bearer_is_required(world: World) -> None:
    """Without it, or with another, there is nothing to see."""
    none = await world.http.get("/platform/flags")
    wrong = await world.http.get(
        "/prometheus/api/v1/query", headers={"Authorization": "Bearer x"}
    )

    assert (401, 401) == (none.status_code, wrong.status_code)


async def test_services_tell_their_routes(world: World) -> None:
    """The shape of the contract, with capacity and rejections per route."""
    service = (await get(world, "/platform/services/discourse")).json()

    assert 212_000 == service["active_users"]
    assert {
        "route",
        "requests_per_second",
        "capacity_rps",
        "error_ratio",
        "rejected_per_second",
    } == set(service["routes"][0])


async def test_unknown_names_list_the_known_ones(world: World) -> None:
    """A 404 says what there is."""
    answer = await get(world, "/platform/services/billing")

    assert 404 == answer.status_code
    assert "discourse" in answer.json()["detail"]


async def test_a_flag_changes_under_its_version(world: World) -> None:
    """The right If-Match is accepted, and history keeps the old state."""
    answer = await put(world, FLAG, CHANGE, If_Match='"1"')

    flag = answer.json()
    assert (200, 2, 100) == (
        answer.status_code,
        flag["version"],
        flag["rollout_percent"],
    )
    assert [2, 1] == [moment["version"] for moment in flag["history"]]
    assert '"2"' == answer.headers["ETag"]


async def test_a_stale_version_is_refused_with_the_state(world: World) -> None:
    """412 carries what is there now; 428 asks for the condition."""
    await put(world, FLAG, CHANGE, If_Match="1")
    stale = await put(world, FLAG, CHANGE, If_Match="1")
    missing = await put(world, FLAG, CHANGE)

    assert (412, 2) == (stale.status_code, stale.json()["current"]["version"])
    assert 428 == missing.status_code


async def test_a_key_makes_a_write_happen_once(world: World) -> None:
    """The retry gets the first answer, another body a conflict."""
    first = await put(world, FLAG, CHANGE, If_Match="1", Idempotency_Key="k")
    retry = await put(world, FLAG, CHANGE, If_Match="1", Idempotency_Key="k")
    other = await put(
        world, FLAG, {**CHANGE, "rollout_percent": 5}, If_Match="2", Idempotency_Key="k"
    )

    assert first.json() == retry.json()
    assert "true" == retry.headers["Idempotent-Replay"]
    assert 409 == other.status_code
    writes = (await get(world, "/platform/writes")).json()["writes"]
    assert [("k", 1)] == [(write["key"], write["replays"]) for write in writes]


@pytest.mark.parametrize(
    "body",
    [
        {"enabled": True, "rollout_percent": 101, "changed_by": "x"},
        {"enabled": "yes", "rollout_percent": 1, "changed_by": "x"},
        {"enabled": True, "rollout_percent": 1, "changed_by": ""},
        {"enabled": True, "rollout_percent": 1},
        {"enabled": True, "rollout_percent": 1, "changed_by": "x", "more": 1},
    ],
)
async def test_bad_changes_are_422(world: World, body: JsonObject) -> None:
    """Nothing half-understood is applied."""
    answer = await put(world, FLAG, body, If_Match="1")

    assert 422 == answer.status_code


async def test_a_throttle_is_set_and_lifted(world: World) -> None:
    """A null lifts it, and a missing limit is no null."""
    limited = await put(
        world, THROTTLE, {"limit_rps": 300, "changed_by": "x"}, If_Match="1"
    )
    lifted = await put(
        world, THROTTLE, {"limit_rps": None, "changed_by": "x"}, If_Match="2"
    )
    left_out = await put(world, THROTTLE, {"changed_by": "x"}, If_Match="3")

    assert (300, None, 422) == (
        limited.json()["limit_rps"],
        lifted.json()["limit_rps"],
        left_out.status_code,
    )


async def test_queues_flags_and_traces_are_listed(world: World) -> None:
    """The lists filter as documented."""
    flags = (await get(world, "/platform/flags?service=push")).json()["flags"]
    queues = (await get(world, "/platform/queues")).json()["queues"]
    traces = (await get(world, "/platform/traces?service=feed&limit=5")).json()

    assert ["push_batching"] == [flag["key"] for flag in flags]
    assert ["discourse-replies", "push-outbound"] == [q["name"] for q in queues]
    assert {"feed"} == {trace["service"] for trace in traces["traces"]}
    assert 200 == (await get(world, "/platform/queues/push-outbound")).status_code
