"""Pagers: what each is sent, for what nobody is called, and what a lost answer is."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
import respx

from gateway.assembly import build
from gateway.ports import NothingSent, OutcomeUnknown, Page, Pager, Refused
from policy.alert import Severity
from tests.gateway.connectors.cases import HOST
from tests.gateway.test_connector_kinds import OPSGENIE, made

SECRETS = {"CONNECTOR_P": "routing-key"}
KINDS: dict[str, dict[str, object]] = {
    "pagerduty": {"routing_key": "CONNECTOR_P"},
    "opsgenie": dict(OPSGENIE),
    "hook": {"path": "/call"},
    "platform": {},
}
PATHS = {
    "pagerduty": "/v2/enqueue",
    "opsgenie": "/v2/alerts",
    "hook": "/call",
    "platform": "/pages/ops-autopilot%3A1",
}
kinds = pytest.mark.parametrize("kind", KINDS)
PAGE = Page(
    key="ops-autopilot:1",
    summary="5xx at 18 %: turn new_ranker off? nobody has decided on it",
    severity=Severity.critical,
    service="discourse",
    environment="prod",
    details={"task": "8f21"},
)


@asynccontextmanager
async def pager(kind: str, **options: object) -> AsyncIterator[Pager]:
    config = made(kind, **KINDS[kind], **options)
    async with httpx.AsyncClient(base_url=HOST) as client:
        yield build(kind, config, client, SECRETS)["pager"]


def sent(system: respx.MockRouter) -> dict[str, object]:
    found: dict[str, object] = json.loads(system.calls.last.request.content)
    return found


@kinds
async def test_a_page_calls_somebody_under_its_key(
    outside: respx.MockRouter, kind: str
) -> None:
    """Once; the key names one incident at each of them."""
    outside.route().respond(202, json={"status": "success"})
    async with pager(kind) as port:
        taken = await port.page(PAGE)
    [call] = outside.calls

    assert taken
    assert PATHS[kind] == call.request.url.raw_path.decode()
    body = sent(outside)
    keys = {body.get("dedup_key"), body.get("alias"), body.get("key")}
    assert "ops-autopilot:1" in keys


@kinds
@pytest.mark.parametrize("body", ["ok", "", "<html>", "{", "x" * 5_000_000])
async def test_any_2xx_is_a_yes(
    outside: respx.MockRouter, kind: str, body: str
) -> None:
    """A system of one's own may answer in words; nobody is called twice for that."""
    outside.route().respond(200, text=body)
    async with pager(kind) as port:
        assert await port.page(PAGE)


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        (
            "pagerduty",
            "/v2/enqueue",
            {"event_action": "resolve", "dedup_key": "ops-autopilot:1"},
        ),
        (
            "opsgenie",
            "/v2/alerts/ops-autopilot%3A1/close?identifierType=alias",
            {"note": PAGE.summary},
        ),
        ("hook", "/call", {"key": "ops-autopilot:1", "resolved": True}),
        ("platform", "/pages/ops-autopilot%3A1/resolved", {}),
    ],
)
async def test_a_page_ends_by_its_key(
    outside: respx.MockRouter, kind: str, path: str, said: dict[str, object]
) -> None:
    """In each vendor's own way."""
    outside.route().respond(202, json={})
    async with pager(kind) as port:
        taken = await port.resolve(PAGE)
    [call] = outside.calls

    assert taken
    assert path == call.request.url.raw_path.decode()
    assert said.items() <= sent(outside).items()


async def test_a_hooks_end_has_a_key_of_its_own(outside: respx.MockRouter) -> None:
    """Else a receiver would take it for the call that it has."""
    outside.route().respond(200)
    async with pager("hook") as port:
        await port.page(PAGE)
        await port.resolve(PAGE)

    keys = [call.request.headers["Idempotency-Key"] for call in outside.calls]
    assert ["ops-autopilot:1", "ops-autopilot:1:resolved"] == keys


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie", "hook"])
async def test_what_called_nobody_is_not_ended(
    outside: respx.MockRouter, kind: str
) -> None:
    async with pager(kind, least_severity="critical") as port:
        taken = await port.resolve(replace(PAGE, severity=Severity.error))

    assert (False, 0) == (taken, len(outside.calls))


async def test_pagerduty_gets_its_own_shape(outside: respx.MockRouter) -> None:
    """Events API v2; a summary of at most 1,024 signs."""
    outside.route().respond(202, json={"status": "success"})
    async with pager("pagerduty") as port:
        await port.page(replace(PAGE, summary="s" * 2000))
    body = sent(outside)

    assert ("routing-key", "trigger") == (body["routing_key"], body["event_action"])
    assert {
        "summary": "s" * 1024,
        "source": "ops-autopilot prod",
        "severity": "critical",
        "component": "discourse",
        "custom_details": {"task": "8f21"},
    } == body["payload"]


async def test_opsgenie_gets_its_own_shape(outside: respx.MockRouter) -> None:
    """Alert API v2; a message of at most 130 signs, the whole as description."""
    outside.route().respond(202, json={"result": "Request will be processed"})
    async with pager("opsgenie") as port:
        await port.page(replace(PAGE, summary="s" * 200))
    body = sent(outside)

    assert ("s" * 130, "s" * 200) == (body["message"], body["description"])
    assert ("P1", "discourse") == (body["priority"], body["entity"])


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie", "hook"])
@pytest.mark.parametrize(
    ("least", "severity", "called"),
    [
        ("critical", "error", False),
        ("critical", "critical", True),
        ("warning", "error", True),
        ("warning", "info", False),
    ],
)
async def test_nobody_is_called_for_what_is_too_mild(
    outside: respx.MockRouter, kind: str, least: str, severity: str, *, called: bool
) -> None:
    """``least_severity`` itself is worth a call."""
    outside.route().respond(202, json={})
    async with pager(kind, least_severity=least) as port:
        taken = await port.page(replace(PAGE, severity=Severity(severity)))

    assert (called, int(called)) == (taken, len(outside.calls))


@kinds
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (403, Refused),
        (429, NothingSent),
        (500, OutcomeUnknown),
        (301, OutcomeUnknown),
    ],
)
async def test_a_status_says_what_became_of_it(
    outside: respx.MockRouter, kind: str, status: int, error: type[Exception]
) -> None:
    outside.route().respond(status)
    async with pager(kind) as port:
        with pytest.raises(error) as caught:
            await port.page(PAGE)

    assert "routing-key" not in str(caught.value)
