"""The courier within Slack's limits: what waits stays in its row, and is sent once."""

from dataclasses import replace

import pytest

from bot.send_budget import EDIT, POST
from policy.scope import Scope
from storage.outbox import Lane
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import CHANNEL, World


@pytest.fixture
def office(database: Databases, scope: Scope, lab: World) -> Office:
    return Office(database, scope, lab)


async def test_a_storm_in_a_channel_waits_its_turn(office: Office) -> None:
    """What was not let go was never tried, and goes once it may, each once."""
    tasks = [await office.task() for _ in range(4)]
    slow = replace(office, rate=1.0).courier()
    for _ in tasks:
        await slow.deliver_next()
    early = await office.rows("SELECT state, attempts FROM outbox ORDER BY state")
    await office.forget_lease()
    for _ in tasks:
        await office.deliver()

    assert [("pending", 0), ("pending", 0), ("sent", 1), ("sent", 1)] == [
        (row["state"], row["attempts"]) for row in early
    ]
    assert 4 == len(await office.roots())


async def test_a_card_does_not_wait_for_an_edit(office: Office) -> None:
    """Edits are over their minute; what a person waits for is a post."""
    task = await office.task()
    courier = office.courier()
    await courier.deliver_next()
    await courier.budget.close(EDIT, CHANNEL, 30.0)
    await office.change_root(task, "worse", after_seconds=2)
    await office.card(task)
    await courier.deliver_next()

    assert {("proposal", "sent"), ("root", "pending")} < set(await office.states())


async def test_a_decision_goes_before_the_trace(office: Office) -> None:
    """Of the last places in a channel the trace leaves some to a card."""
    one = await office.task()
    courier = replace(office, rate=2.0).courier()
    for _ in range(3):
        await courier.budget.take(POST, CHANNEL, Lane.decision)
    await courier.deliver_next()
    await office.post(one, "trace", lane=Lane.chatter)
    await office.forget_lease()
    await courier.deliver_next()
    held = await office.states()
    await office.card(one)
    await office.forget_lease()
    await courier.deliver_next()

    assert ("trace", "pending") in held
    assert ("proposal", "sent") in await office.states()


async def test_a_429_of_one_thread_is_heard_by_all(office: Office) -> None:
    """The channel is left alone for as long as Slack says; nothing is asked in vain."""
    for _ in range(3):
        await office.task()
    await office.arm("http_429", retry_after=7)
    courier = office.courier()
    for _ in range(3):
        await courier.deliver_next()
    tried = await office.rows("SELECT attempts FROM outbox")

    assert [0, 0, 1] == sorted(row["attempts"] for row in tried)
    assert await courier.budget.take(POST, CHANNEL, Lane.decision) > 0
    assert [] == await office.messages()
