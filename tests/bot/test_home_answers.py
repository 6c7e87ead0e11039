"""What was decided in Home is answered on top of it."""

import asyncio
from dataclasses import dataclass, field, replace
from time import monotonic
from uuid import UUID

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks.home import ANSWERS, Shown
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


def homeless(bot: Bot, lab: World, rules: Rules) -> HomeAnswers:
    """Make the loop of a workspace in which the app has no Home."""
    loop = answering(bot, lab, rules)
    return replace(
        loop, home=NoHome(loop.home.database, loop.home.people, loop.home.links)
    )


async def held(bot: Bot) -> list[float]:
    """Give for how long each row that waits is held, in seconds from now."""
    rows = await bot.rows(
        "SELECT payload->>'held_until' AS at FROM outbox WHERE state = 'pending'"
        " AND payload->>'held_until' IS NOT NULL"
    )
    now = bot.database.clock().timestamp()
    return [round(float(row["at"]) - now, 3) for row in rows]


async def let_go(bot: Bot) -> None:
    """Have no row wait any longer."""
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        await tx.change("UPDATE outbox SET payload = payload - 'held_until'")


async def told(lab: World, user: str = OPERATOR) -> list[str]:
    """Give what a person was told directly."""
    found = (await lab.workspace(user))["messages"]
    return [one["text"] for one in found if one["channel"] == f"D{user[1:]}"]


async def answer(
    bot: Bot, proposal: Proposal, text: str = "Approved.", user: str = OPERATOR
) -> None:
    """Answer a click in Home, as the gateway does."""
    payload = {"proposal_id": str(proposal.id), **stored(ORIGIN)}
    new = Delivery("slack", f"click {text}", "decision", payload)
    async with bot.database("web").transaction(bot.scope, Step.look) as tx:
        receipt = await inbox.receive(tx, new)
    assert receipt is not None
    async with bot.database("gateway").transaction(bot.scope, Step.look) as tx:
        await answers.post_answer(
            tx, proposal.task_id, inbox_id=receipt, user=user, text=text
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
    await let_go(slack_bot)

    assert (0, 1) == (first, await loop.show())
    assert "Approved." in await home(lab)


class NoHome(Home):
    """A workspace in which the app has no Home."""

    async def publish(
        self, client: AsyncWebClient, user: str, team: str, shown: Shown
    ) -> frozenset[UUID]:
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
        loop = homeless(slack_bot, lab, rules)
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


async def test_an_answer_counts_from_when_it_was_shown(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """Slack was away for longer than an answer stands."""
    await answer(slack_bot, await slack_bot.proposal(), "Late.")
    stood = []
    slack_bot.database.clock.move(seconds=700)
    shown = await answering(slack_bot, lab, rules).show()
    for seconds in (0, 590, 20):
        slack_bot.database.clock.move(seconds=seconds)
        await slack_bot.event(opened())
        stood.append("Late." in await home(lab))

    assert (1, [True, True, False]) == (shown, stood)
    assert [] == await told(lab)


async def test_what_does_not_fit_is_told_directly(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """As many as fit stand; the others are in the messages: each in one place."""
    proposal = await slack_bot.proposal()
    for number in range(ANSWERS + 2):
        await answer(slack_bot, proposal, f"Said {number}.")
        slack_bot.database.clock.move(seconds=1)
    loop = answering(slack_bot, lab, rules)
    while await loop.show():
        pass
    stands = await home(lab)
    said = [f"Said {number}." for number in range(ANSWERS + 2)]

    assert said[:ANSWERS] == [one for one in said if one in stands]
    assert "and 2 more, in your messages" in stands
    assert said[ANSWERS:] == sorted(one.split(": ")[-1] for one in await told(lab))


async def test_a_person_without_a_role_is_told_directly(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """Theirs went meanwhile; a stranger's Home shows nothing."""
    await answer(slack_bot, await slack_bot.proposal(), "Not yours.", "U0GUEST")
    await answering(slack_bot, lab, rules).show()

    assert "Not yours." not in await home(lab, "U0GUEST")
    assert ["Not yours."] == [one.split(": ")[-1] for one in await told(lab, "U0GUEST")]


async def test_an_answer_stands_on_a_home_that_was_read_before_it(
    slack_bot: Bot, lab: World, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody opens Home: it is read, then the answer shown, then it is published."""
    proposal = await slack_bot.proposal()
    loop = answering(slack_bot, lab, rules)
    publish = lab.slack.views_publish
    overtaken: list[int] = []

    async def late(**fields: object) -> object:
        if not overtaken:
            overtaken.append(0)
            await answer(slack_bot, proposal)
            overtaken.append(await loop.show())
        return await publish(**fields)  # type: ignore[arg-type]

    monkeypatch.setattr(lab.slack, "views_publish", late)
    await loop.home.renew(lab.slack, OPERATOR, TEAM, Shown())

    assert [0, 1] == overtaken
    assert "Approved." in await home(lab)


async def test_one_odd_row_keeps_no_other(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """It is put off, each time for longer; the others are shown."""
    proposal = await slack_bot.proposal()
    await answer(slack_bot, proposal, "Odd.")
    async with slack_bot.database("web").transaction(slack_bot.scope, Step.look) as tx:
        await tx.change("UPDATE outbox SET payload = payload - 'user'")
    await answer(slack_bot, proposal)
    loop, waits = answering(slack_bot, lab, rules), []
    shown = await loop.show()
    for _ in range(3):
        waits += await held(slack_bot)
        await let_go(slack_bot)
        await loop.show()

    assert (1, [5, 10, 20]) == (shown, waits)
    assert "Approved." in await home(lab)


@dataclass(frozen=True, slots=True)
class Stumbling(HomeAnswers):
    """A loop that meets a bug when it first looks."""

    bugs: list[Exception] = field(default_factory=lambda: [RuntimeError("a bug")])

    async def show(self) -> int:
        if self.bugs:
            raise self.bugs.pop()
        return await HomeAnswers.show(self)


async def test_a_bug_does_not_end_the_loop(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """The web process lives on it."""
    made = answering(slack_bot, lab, rules)
    loop = Stumbling(made.database, made.client, made.home)
    await answer(slack_bot, await slack_bot.proposal())
    async with (
        asyncio.timeout(10),
        listening(slack_bot.database.urls["web"], Bell.outbox) as bell,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(loop.run(bell))
        while "Approved." not in await home(lab):
            await Doorbell().wait(0.02)
        running.cancel()


async def test_a_direct_message_is_looked_up_before_it_is_sent_again(
    slack_bot: Bot, lab: World, rules: Rules
) -> None:
    """Slack took it, and its reply was lost."""
    await answer(slack_bot, await slack_bot.proposal())
    fault = {"kind": "reset_after", "method": "chat.postMessage"}
    await lab.post("/lab/faults", fault)
    loop = homeless(slack_bot, lab, rules)
    first = await loop.show()
    await let_go(slack_bot)

    assert (0, 1) == (first, await loop.show())
    assert 1 == len(await told(lab))


@pytest.mark.parametrize("method", ["views.publish", "chat.postMessage"])
async def test_as_long_as_slack_says_nobody_is_answered(
    slack_bot: Bot, lab: World, rules: Rules, method: str
) -> None:
    """Neither the row that met its 429, nor any other."""
    proposal = await slack_bot.proposal()
    await answer(slack_bot, proposal)
    await answer(slack_bot, proposal, "Rejected.")
    fault = {"kind": "http_429", "method": method, "retry_after": 30}
    await lab.post("/lab/faults", fault)
    makes = answering if method == "views.publish" else homeless
    loop = makes(slack_bot, lab, rules)
    shown, waits = [await loop.show()], await held(slack_bot)
    await let_go(slack_bot)
    for seconds in (29, 2):
        slack_bot.database.clock.move(seconds=seconds)
        shown.append(await loop.show())

    assert ([0, 0, 2], [30]) == (shown, waits)
