"""The described ports: each call reaches its operation with its arguments."""

import json
from collections.abc import Awaitable, Callable
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

# One answer that holds every field of every subject.
EVERYTHING: dict[str, object] = {
    **dict.fromkeys(
        (
            "service", "queue", "user_id", "handle", "display_name", "email", "phone",
            "country", "status", "content_id", "author_id", "kind", "text", "target",
            "appeal_id", "action", "subject_id", "statement", "consumer_group", "topic",
            "pipeline", "campaign_key", "state", "segment", "template", "actor",
            "detail", "route", "friction_type", "removed_reason",
        ),
        "x",
    ),
    **dict.fromkeys(
        (
            "requests_per_second", "error_ratio", "p99_ms", "active_users", "depth",
            "oldest_age_seconds", "in_rate", "out_rate", "consumers", "created_at",
            "followers", "strikes", "reports_last_day", "posts_last_day", "push_tokens",
            "views_last_hour", "replies_last_hour", "repliers_last_hour", "reports",
            "thread_size", "people_last_hour", "actions_last_hour", "opened_at",
            "members", "lag", "lag_seconds", "restarts", "watermark_at",
            "rows_per_second", "audience", "at", "limit_rps", "version", "count",
        ),
        3,
    ),
    "routes": [], "recent_content": [], "labels": [], "gaps": [], "backfills": [],
    "push_revoked": False,
    "banned_until": None,
    "expires_at": None,
    "restarted_at": None,
    "starts_at": None,
}  # fmt: skip
SEEN: dict[str, Any] = {"seen_version": 3, "idempotency_key": "k1"}
Call = Callable[[Any], Awaitable[object]]

READS: dict[str, Call] = {
    "catalogue": lambda port: port.service("a/b"),
    "queues": lambda port: port.get("a/b"),
    "throttles": lambda port: port.get("s", "GET /a"),
    "accounts": lambda port: port.get("a/b"),
    "contents": lambda port: port.get("a/b"),
    "frictions": lambda port: port.get("a/b"),
    "appeals": lambda port: port.get("a/b"),
    "consumers": lambda port: port.get("a/b"),
    "pipelines": lambda port: port.get("a/b"),
    "campaigns": lambda port: port.get("a/b"),
}
WRITES: dict[str, tuple[str, Call, dict[str, object]]] = {
    "throttle": (
        "throttles",
        lambda port: port.set("s", "GET /a", limit_rps=None, **SEEN),
        {"service": "s", "route": "GET /a", "limit_rps": None},
    ),
    "push": (
        "accounts",
        lambda port: port.set_push("u", revoked=True, **SEEN),
        {"user_id": "u", "revoked": True},
    ),
    "ban": (
        "accounts",
        lambda port: port.ban("u", until=9.5, reason_code="spam", **SEEN),
        {"user_id": "u", "until": 9.5, "reason_code": "spam"},
    ),
    "remove": (
        "contents",
        lambda port: port.remove("c", reason_code="spam", **SEEN),
        {"content_id": "c", "reason_code": "spam"},
    ),
    "friction": (
        "frictions",
        lambda port: port.set("t", friction_type="slow", expires_at=8.0, **SEEN),
        {"target": "t", "friction_type": "slow", "expires_at": 8.0},
    ),
    "resolve": (
        "appeals",
        lambda port: port.resolve("a", resolution="upheld", **SEEN),
        {"appeal_id": "a", "resolution": "upheld"},
    ),
    "restart": (
        "consumers",
        lambda port: port.restart("g", **SEEN),
        {"consumer_group": "g"},
    ),
    "backfill": (
        "pipelines",
        lambda port: port.backfill("p", from_at=1.0, to_at=2.0, **SEEN),
        {"pipeline": "p", "from_at": 1.0, "to_at": 2.0},
    ),
    "schedule": (
        "campaigns",
        lambda port: port.schedule(
            "c", segment="s", template="t", starts_at=3.0, **SEEN
        ),
        {"campaign_key": "c", "segment": "s", "template": "t", "starts_at": 3.0},
    ),
}
COUNTS: dict[str, Call] = {
    "pipelines": lambda port: port.rehearse("p", from_at=1.0, to_at=2.0),
    "campaigns": lambda port: port.rehearse(
        "c", segment="s", template="t", starts_at=3.0
    ),
}


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
    outside.get("/campaigns").respond(
        json={
            "campaigns": [{"campaign_key": "c", "state": "none"}],
            "segments": [{"segment": "s", "people": 5}],
            "templates": ["t"],
        }
    )
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
        assert await call(served)
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
            await call(served)

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
