"""Tickets, campaigns and experiments over HTTP."""

from lab.clock import iso
from tests.lab.platform.steps import get, put, status
from tests.lab.world import World

CAMPAIGN = "/platform/campaigns/autumn"


async def test_a_campaign_is_rehearsed_and_scheduled(world: World) -> None:
    """A key that nobody used is none; then it is scheduled, for as many people."""
    order = {
        "segment": "lapsed-30d",
        "template": "come-back",
        "starts_at": iso(world.clock() + 3600),
    }
    none = await get(world, CAMPAIGN)
    rehearsed = await get(world, f"{CAMPAIGN}/rehearsal", **order)
    answer = await put(world, CAMPAIGN, order, If_Match="0")
    again = await put(world, CAMPAIGN, order, If_Match="1")

    assert ("none", 0) == (none["state"], none["version"])
    assert (48_210, None) == (rehearsed["audience"], rehearsed["refused"])
    assert ("scheduled", 48_210) == (
        answer.json()["state"],
        answer.json()["audience"],
    )
    assert 409 == again.status_code


async def test_a_plan_is_what_a_campaign_may_be_made_of(world: World) -> None:
    """Each of its segments and templates is one that a rehearsal takes."""
    plan = await get(world, "/platform/campaigns")
    keys = {one["campaign_key"] for one in plan["campaigns"]}

    assert {"welcome-spring", "gathering-autumn"} == keys
    assert {"segment": "lapsed-30d", "people": 48_210} in plan["segments"]
    assert "come-back" in plan["templates"]


async def test_a_ticket_is_found_and_commented(world: World) -> None:
    """The best first; the comment is the last."""
    found = await get(world, "/platform/tickets", query="password login push")
    answer = await put(
        world,
        "/platform/tickets/48211/comments",
        {"body": "On its way.", "public": False},
        If_Match="1",
    )

    assert ["48211", "48212"] == [one["ticket_id"] for one in found["tickets"]]
    assert "On its way." == answer.json()["comments"][-1]["body"]


async def test_experiments_are_read(world: World) -> None:
    """By key."""
    found = await get(world, "/platform/experiments/ranker-v2")

    assert ("running", 2) == (found["status"], len(found["results"]))
    assert 404 == await status(world, "/platform/experiments/x")
    assert 404 == await status(world, "/platform/tickets/1")
