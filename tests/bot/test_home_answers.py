"""What was decided in Home is answered on top of it."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.home import Shown
from bot.home_answers import HomeAnswers
from bot.links import Links
from bot.listeners.home import Home
from bot.origin import Kind, Origin, stored
from bot.web import Rules
from storage import answers, inbox
from storage.doorbell import Bell, Doorbell, listening
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step
from tests.bot.listeners.test_home import home, opened
from tests.bot.world import OPERATOR, TEAM, Bot
from tests.database import RELEASE
from tests.lab.world import World

ORIGIN = Origin(Kind.home, team=TEAM, home=Shown("waiting").word)


def answering(bot: Bot, lab: World, rules: Rules) -> HomeAnswers:
    """Make the loop of a web process that has just begun."""
    database = bot.database("web")
    shown = Home(database, rules.people, Links(lab.slack, monotonic))
    return HomeAnswers(database, lab.slack, shown)


async def answer(bot: Bot, proposal: Proposal, text: str = "Approved.") -> None:
    """Answer a click in Home, as the gateway does."""
    payload = {"proposal_id": str(proposal.id), **stored(ORIGIN)}
    new = Delivery("slack", f"click {text}", "decision", payload)
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        receipt = await inbox.receive(tx, new)
    assert receipt is not None
    async with bot.database("gateway").transaction(bot.scope, Step.look) as tx:
        await answers.post_answer(
            tx, proposal.task_id, inbox_id=receipt, user=OPERATOR, text=text
        )


async def test_a_home_is_made_anew_with_its_answer(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """As it was filtered, once, whoever made the row and however long ago."""
    proposal = await slack_bot.proposal(estimate={"title": "Throttle GET /feed"})
    await answer(slack_bot, proposal)
    loop = answering(slack_bot, lab, rules)
    shown = [await loop.show(), await loop.show()]
    stands = await home(lab)

    assert [1, 0] == shown
    assert "*Throttle GET /feed*: Approved. · <!date^" in stands
    assert "waiting" in stands
    assert [{"state": "sent"}] == await slack_bot.rows("SELECT state FROM outbox")


async def test_an_answer_stays_a_while(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """However often the Home is made anew; ten minutes later it is gone."""
    await answer(slack_bot, await slack_bot.proposal(), "Rejected.")
    await answering(slack_bot, lab, rules).show()
    await slack_bot.event(opened())
    soon = await home(lab)
    slack_bot.database.clock.move(seconds=601)
    await slack_bot.event(opened())

    assert ("Rejected." in soon, "Rejected." in await home(lab)) == (True, False)


@pytest.mark.parametrize("kind", ["reset_before", "http_429", "http_500"])
async def test_a_slack_that_is_away_is_asked_again(
    slack_bot: Bot, lab: World, rules: Rules, kind: str
) -> None:
    """The row waits; nobody's answer is lost with a connection."""
    await answer(slack_bot, await slack_bot.proposal())
    fault = {"kind": kind, "method": "views.publish"}
    await lab.post("/lab/faults", fault)
    loop = answering(slack_bot, lab, rules)
    first = await loop.show()
    slack_bot.database.clock.move(seconds=6)
    async with slack_bot.database("web").transaction(slack_bot.scope, Step.look) as tx:
        await tx.change(
            "UPDATE outbox SET payload = payload || '{\"held_until\": 0}'::jsonb"
        )

    assert (0, 1) == (first, await loop.show())
    assert "Approved." in await home(lab)


class NoHome(Home):
    """A workspace in which the app has no Home."""

    async def publish(
        self, client: AsyncWebClient, user: str, team: str, shown: Shown
    ) -> None:
        del client, user, team, shown
        raise SlackApiError("no", {"error": "not_enabled"})  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("trouble", ["publish", "workspace"])
async def test_where_there_is_no_home_it_is_told_directly(
    slack_bot: Bot, lab: World, rules: Rules, trouble: str
) -> None:
    """A workspace without Home, or one that is connected no more."""
    await answer(slack_bot, await slack_bot.proposal())
    loop = answering(slack_bot, lab, rules)
    if trouble == "publish":
        home = NoHome(loop.home.database, loop.home.people, loop.home.links)
        loop = replace(loop, home=home)
    else:
        async with slack_bot.database(RELEASE).transaction(
            slack_bot.scope, Step.set_up
        ) as tx:
            await tx.change("DELETE FROM slack_teams")
    await loop.show()
    found = (await lab.workspace())["messages"]

    assert [("D0OPERATOR", True)] == [
        (one["channel"], "Approved." in one["text"]) for one in found
    ]


async def test_it_is_shown_as_soon_as_it_is_there(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """The commit of the answer rings."""
    loop = answering(slack_bot, lab, rules)
    async with (
        asyncio.timeout(10),
        listening(slack_bot.database.urls["web"], Bell.outbox) as bell,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(loop.run(bell))
        await answer(slack_bot, await slack_bot.proposal())
        while "Approved." not in await home(lab):
            await Doorbell().wait(0.02)
        running.cancel()
