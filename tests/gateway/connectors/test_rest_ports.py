"""The described ports: each call reaches its operation with its arguments."""

import json
from typing import Any

import httpx
import pytest
import respx
from pydantic import JsonValue

from gateway.connectors.http import Api
from gateway.connectors.rest import Operation, RestPort
from gateway.connectors.rest_ports import REST_PORTS
from gateway.ports import StateMoved
from gateway.rest_calls import CALLS, LIST, READ
from gateway.subjects import PlannedCampaign, Segment
from tests.gateway.connectors.cases import HOST
from tests.gateway.connectors.cases_rest import (
    COUNTS,
    EVERYTHING,
    PLAN,
    READS,
    WRITES,
)

SEEN = 3


def described(port: str, api: Api, **headers: str) -> Any:
    """Describe a port so that every argument is sent: in the path, or in the body."""
    operations = {}
    for name, (kind, arguments) in CALLS[port].items():
        body: dict[str, JsonValue] = {one: f"{{{one}}}" for one in arguments}
        query = {one: f"{{{one}}}" for one in arguments}
        operations[name] = (
            Operation("GET", _path(port, arguments), query, rows="rows")
            if kind in {READ, LIST}
            else Operation("POST", f"/{port}/{name}", body=body)
        )
    return REST_PORTS[port](RestPort(api, operations, **headers))


def _path(port: str, arguments: tuple[str, ...]) -> str:
    return f"/{port}/{{{arguments[0]}}}" if arguments else f"/{port}"


async def test_a_plan_needs_no_argument(outside: respx.MockRouter) -> None:
    """Its rows are built of the answer's."""
    outside.get("/campaigns").respond(json=PLAN)
    async with httpx.AsyncClient(base_url=HOST) as client:
        found = await described("campaigns", Api("x", client)).plan()

    assert ((PlannedCampaign("c", "none"),), (Segment("s", 5),), ("t",)) == (
        found.campaigns,
        found.segments,
        found.templates,
    )


def test_every_call_is_served() -> None:
    """The table by which the file is checked, and the classes behind it, agree."""
    assert set(CALLS) == set(REST_PORTS)
    assert set(CALLS) == {*READS, "audit"}


@pytest.mark.parametrize("port", READS)
async def test_a_read_reaches_its_operation(
    outside: respx.MockRouter, port: str
) -> None:
    """Its first argument as one encoded segment."""
    route = outside.get(path__regex=rf"^/{port}/").respond(json=EVERYTHING)
    async with httpx.AsyncClient(base_url=HOST) as client:
        assert await READS[port](described(port, Api("x", client)))

    raw = route.calls.last.request.url.raw_path.decode()
    assert raw.startswith((f"/{port}/a%2Fb?", f"/{port}/s?"))


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_carries_its_arguments_typed(
    outside: respx.MockRouter, name: str
) -> None:
    """With the version seen and the key in the configured headers."""
    port, call, body = WRITES[name]
    outside.get(path__regex=rf"^/{port}/").respond(json=EVERYTHING)
    route = outside.post(path__regex=rf"^/{port}/").respond(204)
    async with httpx.AsyncClient(base_url=HOST) as client:
        served = described(
            port, Api("x", client), version_header="If-Match", key_header="X-Key"
        )
        assert await call(served, SEEN)
    sent = route.calls.last.request

    assert body == json.loads(sent.content)
    assert ("3", "k1") == (sent.headers["if-match"], sent.headers["x-key"])
    assert served.repeatable


@pytest.mark.parametrize("name", WRITES)
async def test_without_headers_a_write_looks_first(
    outside: respx.MockRouter, name: str
) -> None:
    """And may not be repeated."""
    port, call, _ = WRITES[name]
    outside.get(path__regex=rf"^/{port}/").respond(json=EVERYTHING | {"version": 4})
    route = outside.post(path__regex=rf"^/{port}/").respond(204)
    async with httpx.AsyncClient(base_url=HOST) as client:
        served = described(port, Api("x", client))
        with pytest.raises(StateMoved):
            await call(served, SEEN)

    assert not served.repeatable
    assert not route.called


@pytest.mark.parametrize("port", COUNTS)
async def test_a_rehearsal_is_a_number(outside: respx.MockRouter, port: str) -> None:
    outside.post(f"/{port}/rehearse").respond(json={"count": 41})
    async with httpx.AsyncClient(base_url=HOST) as client:
        assert 41 == await COUNTS[port](described(port, Api("x", client)))


async def test_an_audit_search_gives_rows(outside: respx.MockRouter) -> None:
    """No more than were asked for."""
    outside.get(path__regex="^/audit/").respond(json={"rows": [EVERYTHING] * 5})
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = described("audit", Api("x", client))
        found = await port.search("words", since=1.0, most=2)

    assert ["x", "x"] == [one.actor for one in found]
