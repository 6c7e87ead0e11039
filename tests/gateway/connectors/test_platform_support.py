"""Tickets, campaigns and experiments at the platform."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_support import (
    PlatformCampaigns,
    PlatformExperiments,
    PlatformTickets,
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
COMMENT = {"author": "a", "body": "b", "public": True, "at": AT}
TICKET = {
    "ticket_id": "48",
    "subject": "s",
    "status": "open",
    "priority": "normal",
    "requester_name": "N",
    "requester_email": "n@example.com",
    "user_id": None,
    "tags": ["login"],
    "created_at": AT,
    "updated_at": AT,
    "comments": [COMMENT],
    "version": 3,
}
CAMPAIGN = {
    "campaign_key": "autumn",
    "state": "scheduled",
    "segment": "s",
    "template": "t",
    "starts_at": AT,
    "audience": 5,
    "version": 3,
}
RESULT = {
    "metric": "m",
    "variation": "a",
    "users": 1,
    "value": 1.5,
    "chance_to_win": None,
}
EXPERIMENT = {
    "key": "e",
    "name": "E",
    "status": "running",
    "phase": "main",
    "started_at": AT,
    "coverage": 0.5,
    "variations": ["a", "b"],
    "results": [RESULT],
}
READS: list[Call] = [
    lambda api: PlatformTickets(api).get("48"),
    lambda api: PlatformTickets(api).search("x", most=5),
    lambda api: PlatformCampaigns(api).get("autumn"),
    lambda api: PlatformCampaigns(api).rehearse(
        "autumn", segment="s", template="t", starts_at=SECONDS
    ),
    lambda api: PlatformExperiments(api).get("e"),
]
WRITES: list[Call] = [
    lambda api: PlatformTickets(api).comment(
        "48", body="hi", public=False, seen_version=3, idempotency_key="k"
    ),
    lambda api: PlatformCampaigns(api).schedule(
        "autumn",
        segment="s",
        template="t",
        starts_at=SECONDS,
        seen_version=3,
        idempotency_key="k",
    ),
]


async def test_each_subject_is_read(api: Api, system: respx.MockRouter) -> None:
    """Comments and results are values of their own."""
    system.get("/tickets/48").respond(json=TICKET)
    system.get("/tickets").respond(json={"tickets": [TICKET]})
    system.get("/campaigns/autumn").respond(json=CAMPAIGN)
    system.get("/experiments/e").respond(json=EXPERIMENT)
    ticket = await PlatformTickets(api).get("48")
    [found] = await PlatformTickets(api).search("login", most=5)
    campaign = await PlatformCampaigns(api).get("autumn")
    experiment = await PlatformExperiments(api).get("e")

    assert ticket == found
    assert (SECONDS, SECONDS) == (ticket.comments[0].at, campaign.starts_at)
    assert 1.5 == experiment.results[0].value


async def test_a_rehearsal_gives_people_or_refuses(
    api: Api, system: respx.MockRouter
) -> None:
    """In the platform's words; it is a read."""
    route = system.get("/campaigns/autumn/rehearsal")
    route.respond(json={"audience": 7, "refused": None})
    people = await PlatformCampaigns(api).rehearse(
        "autumn", segment="s", template="t", starts_at=SECONDS
    )
    route.respond(json={"audience": 0, "refused": "no segment s"})

    assert 7 == people
    with pytest.raises(Refused, match="no segment s"):
        await READS[3](api)


async def test_a_comment_and_a_campaign_are_written(
    api: Api, system: respx.MockRouter
) -> None:
    """Each at its own path."""
    comment = system.put("/tickets/48/comments").respond(json=TICKET)
    campaign = system.put("/campaigns/autumn").respond(json=CAMPAIGN)
    await WRITES[0](api)
    await WRITES[1](api)

    assert b'"public":false' in comment.calls.last.request.content
    assert f'"starts_at":"{AT}"'.encode() in campaign.calls.last.request.content


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
