"""Unleash: the exact requests; tests/services asks a real one."""

import json
from typing import Any

import httpx
import pytest
import respx

from gateway.assembly import build
from gateway.ports import NothingSent, OutcomeUnknown, Unreadable
from gateway.subjects import FlagState
from tests.gateway.connectors.asking import BY_NAME, asked, port_of
from tests.gateway.connectors.cases import FEATURE, HOST, STRATEGY

FLAG = "/api/admin/projects/default/features/f"
AT = f"{FLAG}/environments/production"


async def test_a_flag_is_read_with_its_last_change(outside: respx.MockRouter) -> None:
    """Who changed it, when, and from which rollout; its service by its tag."""
    async with port_of("unleash", outside) as port:
        found = await port.get("f")

    assert isinstance(found, FlagState)
    assert ("f", "discourse", True, 25, 10, "anna", 1_767_312_000.0) == (
        found.key,
        found.service,
        found.enabled,
        found.rollout_percent,
        found.previous_rollout_percent,
        found.changed_by,
        found.changed_at,
    )
    assert {"enabled", "strategies"} == set(json.loads(found.former))


async def write(
    port: object, seen: FlagState, percent: int, *, enabled: bool
) -> object:
    return await port.set(  # type: ignore[attr-defined]
        "f",
        enabled=enabled,
        rollout_percent=percent,
        former="",
        seen_version=seen.version,
        idempotency_key="k",
    )


async def test_a_rollout_is_one_put(outside: respx.MockRouter) -> None:
    """The strategy as it is, with another percentage."""
    route = outside.put(f"{AT}/strategies/s1").respond(json={})
    async with port_of("unleash", outside) as port:
        await write(port, await port.get("f"), 50, enabled=True)
    body = json.loads(route.calls.last.request.content)

    parameters = {"rollout": "50", "stickiness": "default", "groupId": "f"}
    wanted = {key: value for key, value in STRATEGY.items() if key != "id"}
    assert {**wanted, "parameters": parameters} == body
    assert 1 == sum(not one.startswith("GET") for one in asked(outside))


async def test_off_comes_first(outside: respx.MockRouter) -> None:
    """Whatever fails afterwards, the flag is closed."""
    outside.post(f"{AT}/off").respond(200)
    outside.put(f"{AT}/strategies/s1").respond(json={})
    async with port_of("unleash", outside) as port:
        await write(port, await port.get("f"), 0, enabled=False)

    assert [f"POST {AT}/off", f"PUT {AT}/strategies/s1"] == [
        one for one in asked(outside) if not one.startswith("GET")
    ]


@pytest.mark.parametrize(
    "failure", [httpx.Response(403), httpx.Response(500), httpx.ConnectError("no")]
)
async def test_a_failure_between_two_requests_is_unknown(
    outside: respx.MockRouter, failure: httpx.Response | Exception
) -> None:
    """Also a refusal: the first one has changed something."""
    outside.post(f"{AT}/off").respond(200)
    route = outside.put(f"{AT}/strategies/s1")
    if isinstance(failure, Exception):
        route.mock(side_effect=failure)
    else:
        route.mock(return_value=failure)
    async with port_of("unleash", outside) as port:
        with pytest.raises(OutcomeUnknown, match="failed after 1 of its requests"):
            await write(port, await port.get("f"), 0, enabled=False)


async def test_a_flag_that_can_not_be_read_is_not_written(
    outside: respx.MockRouter,
) -> None:
    async with port_of("unleash", outside) as port:
        seen = await port.get("f")
        for route in outside.routes:
            route.mock(return_value=httpx.Response(404))
        with pytest.raises(NothingSent, match="not readable"):
            await write(port, seen, 5, enabled=True)


async def test_a_former_state_that_did_not_come_back_is_unknown(
    outside: respx.MockRouter,
) -> None:
    """Unleash said yes, and shows something else."""
    outside.put(f"{AT}/strategies/s1").respond(json={})
    former = {"enabled": True, "strategies": [{**STRATEGY, "title": "another"}]}
    async with port_of("unleash", outside) as port:
        seen = await port.get("f")
        with pytest.raises(OutcomeUnknown, match="exact former state"):
            await port.set(
                "f",
                enabled=True,
                rollout_percent=25,
                former=json.dumps(former),
                seen_version=seen.version,
                idempotency_key="k",
            )


async def test_a_service_has_the_flags_of_its_tag(outside: respx.MockRouter) -> None:
    route = outside.get("/api/admin/search/features").respond(
        json={"features": [{"name": "f"}], "total": 61}
    )
    async with port_of("unleash", outside) as port:
        found = await port.list_of("discourse")

    assert (["f"], 60) == ([one.key for one in found.flags], found.unread)
    assert {
        "project": "IS:default",
        "limit": "50",
        "tag": "INCLUDE:service:discourse",
    } == dict(route.calls.last.request.url.params)


async def test_one_flag_that_fails_fails_the_list(outside: respx.MockRouter) -> None:
    """A list with a hole would look whole."""
    found = {"features": [{"name": "f"}, {"name": "gone"}], "total": 2}
    outside.get("/api/admin/search/features").respond(json=found)
    outside.get("/api/admin/projects/default/features/gone").respond(404)
    async with port_of("unleash", outside) as port:
        with pytest.raises(Unreadable, match=r"flags of discourse.*404"):
            await port.list_of("discourse")


@pytest.mark.parametrize("name", ["", "..", "a/b", "a,other:b", "a b", "x" * 101])
async def test_what_is_no_name_is_asked_for_nowhere(
    outside: respx.MockRouter, name: str
) -> None:
    """A comma would widen a filter."""
    async with port_of("unleash", outside) as port:
        with pytest.raises(Unreadable, match="no name of a"):
            await port.list_of(name)
        with pytest.raises(Unreadable, match="no name of a"):
            await port.get(name)
    assert [] == asked(outside)


async def test_another_environment_is_said(outside: respx.MockRouter) -> None:
    outside.get("/api/admin/projects/default/features/g").respond(
        json=FEATURE | {"environments": []}
    )
    outside.get("/api/admin/features/g/tags").respond(json={"tags": []})
    async with port_of("unleash", outside) as port:
        with pytest.raises(Unreadable, match="no environment production"):
            await port.get("g")


async def test_without_a_service_tag_a_flag_is_of_no_service(
    outside: respx.MockRouter,
) -> None:
    """A project is no service: whoever counts its users would count others."""
    case = BY_NAME["unleash"]
    case.answer(outside)
    config = case.config.model_copy(update={"service_tag": None})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port: Any = build(case.name, config, client, {})[case.port]
        found = await port.get("f")

    assert "" == found.service
    assert not any("/tags" in one for one in asked(outside))


async def test_a_flag_with_two_tags_is_of_both_services(
    outside: respx.MockRouter,
) -> None:
    """None is taken for the only one."""
    outside.get("/api/admin/features/f/tags").respond(
        json={
            "tags": [
                {"type": "service", "value": "discourse"},
                {"type": "team", "value": "ranking"},
                {"type": "service", "value": "feed"},
            ]
        }
    )
    async with port_of("unleash", outside) as port:
        found = await port.get("f")

    assert ("discourse", ("feed",)) == (found.service, found.also_of)
