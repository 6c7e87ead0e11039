"""A direct message is looked for before it is sent again."""

import pytest

from bot.blocks.root import Rendered
from bot.blocks.text import section
from bot.direct import Direct
from bot.slack_channel import SlackAway, SlackChannel
from policy.scope import Scope
from storage import outbox
from storage.outbox import Post
from storage.steps import Step
from tests.bot.office import Office
from tests.bot.workspace import SlackWorld
from tests.conftest import Databases
from tests.lab.world import OPERATOR

MESSAGE = Rendered("Approved.", [section("Approved.")])


@pytest.fixture
def office(database: Databases, scope: Scope, lab: SlackWorld) -> Office:
    return Office(database, scope, lab)


async def waiting(office: Office) -> Post:
    """Give a row of the outbox that waits."""
    task = await office.task()
    await office.answer(task, "Approved.")
    async with office.database("courier").transaction(office.scope, Step.look) as tx:
        return (await outbox.list_waiting(tx, task.id))[-1]


async def said_twice(lab: SlackWorld, post: Post, **known: str) -> int:
    """Say it, lose Slack's reply, say it again; give how often it stands."""
    slack = SlackChannel(lab.slack)
    await lab.post("/lab/faults", {"kind": "reset_after", "method": "chat.postMessage"})
    with pytest.raises(SlackAway):
        await Direct(slack, post, OPERATOR, was_tried=False, **known).post(MESSAGE)
    await Direct(slack, post, OPERATOR, was_tried=True, **known).post(MESSAGE)
    found = (await lab.workspace(OPERATOR))["messages"]
    return len([one for one in found if one["channel"] == "D0OPERATOR"])


@pytest.mark.parametrize("known", [{}, {"channel": "D0OPERATOR"}])
async def test_it_stands_once(
    office: Office, lab: SlackWorld, known: dict[str, str]
) -> None:
    """Whether its channel is known, or has to be asked for."""
    assert 1 == await said_twice(lab, await waiting(office), **known)


async def test_what_may_not_be_looked_up_is_said_twice(
    office: Office, lab: SlackWorld
) -> None:
    """An app that was installed before it asked for im:write."""
    scopes = lab.workspace_here.scopes.split(",")
    lab.workspace_here.scopes = ",".join(one for one in scopes if one != "im:write")

    assert 2 == await said_twice(lab, await waiting(office))


async def test_while_slack_is_away_it_waits(office: Office, lab: SlackWorld) -> None:
    """Nothing is said that may stand already."""
    post, slack = await waiting(office), SlackChannel(lab.slack)
    await lab.post("/lab/faults", {"kind": "http_500", "method": "conversations.open"})
    with pytest.raises(SlackAway):
        await Direct(slack, post, OPERATOR, was_tried=True).post(MESSAGE)

    assert [] == (await lab.workspace(OPERATOR))["messages"]
