"""Tickets, campaigns and experiments at the platform."""

import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.platform_support import (
    PlatformCampaigns,
    PlatformExperiments,
    PlatformTickets,
)
from gateway.ports import Refused
from gateway.subjects import PlannedCampaign, Segment
from tests.gateway.connectors.cases_platform import comment, rehearse_campaign, schedule
from tests.gateway.connectors.platform_answers import (
    AT,
    CAMPAIGN,
    EXPERIMENT,
    PLAN,
    SECONDS,
    TICKET,
)


async def test_each_subject_is_read(platform: Api, outside: respx.MockRouter) -> None:
    """Comments and results are values of their own."""
    outside.get("/tickets/48").respond(json=TICKET)
    outside.get("/tickets").respond(json={"tickets": [TICKET]})
    outside.get("/campaigns/autumn").respond(json=CAMPAIGN)
    outside.get("/experiments/e").respond(json=EXPERIMENT)
    ticket = await PlatformTickets(platform).get("48")
    [found] = await PlatformTickets(platform).search("login", most=5)
    campaign = await PlatformCampaigns(platform).get("autumn")
    experiment = await PlatformExperiments(platform).get("e")

    assert ticket == found
    assert (SECONDS, SECONDS) == (ticket.comments[0].at, campaign.starts_at)
    assert 1.5 == experiment.results[0].value


async def test_a_plan_is_read_whole(platform: Api, outside: respx.MockRouter) -> None:
    """Campaigns by key and state, segments with their people, templates."""
    outside.get("/campaigns").respond(json=PLAN)
    found = await PlatformCampaigns(platform).plan()

    assert (PlannedCampaign("autumn", "none"),) == found.campaigns
    assert ((Segment("s", 5),), ("t",)) == (found.segments, found.templates)


async def test_a_rehearsal_gives_people_or_refuses(
    platform: Api, outside: respx.MockRouter
) -> None:
    """In the platform's words; it is a read."""
    route = outside.get("/campaigns/autumn/rehearsal")
    route.respond(json={"audience": 7, "refused": None})
    people = await PlatformCampaigns(platform).rehearse(
        "autumn", segment="s", template="t", starts_at=SECONDS
    )
    route.respond(json={"audience": 0, "refused": "no segment s"})

    assert 7 == people
    with pytest.raises(Refused, match="no segment s"):
        await rehearse_campaign(PlatformCampaigns(platform))


async def test_a_comment_and_a_campaign_are_written(
    platform: Api, outside: respx.MockRouter
) -> None:
    """Each at its own path."""
    commented = outside.put("/tickets/48/comments").respond(json=TICKET)
    scheduled = outside.put("/campaigns/autumn").respond(json=CAMPAIGN)
    await comment(PlatformTickets(platform), 3)
    await schedule(PlatformCampaigns(platform), 3)

    assert b'"public":false' in commented.calls.last.request.content
    assert f'"starts_at":"{AT}"'.encode() in scheduled.calls.last.request.content
