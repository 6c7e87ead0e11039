"""What was said of a card that waits, once it is decided."""

import pytest

from policy.lifecycle import ProposalEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import moves, outbox, posts, proposals, tasks
from storage.database import Database, Tx
from storage.outbox import Lane
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_proposal, add_task


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


async def waiting_since(tx: Tx, task: Task, **changes: object) -> Proposal:
    """Add a proposal of which people were reminded."""
    return await add_proposal(tx, task, reminded_at=tx.now, **changes)


async def reject(tx: Tx, task: Task, proposal: Proposal) -> None:
    held = await tasks.get(tx, task.id, lock=True)
    now = await proposals.get(tx, proposal.id)
    await moves.close(tx, held, now, ProposalEvent.rejected, by="ann", reason="no")


async def said(tx: Tx, task: Task, kind: str) -> list[tuple[str, Lane]]:
    """Give state and lane of each version of the reminders so called."""
    return [
        (str(one.payload["state"]), Lane(one.lane))
        for one in await outbox.list_waiting(tx, task.id)
        if one.slot.startswith(kind)
    ]


async def test_each_says_that_it_is_decided(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """By an edit, which pings nobody, and once."""
    async with gateway.transaction(scope, Step.look) as tx:
        proposal = await waiting_since(tx, task)
        await posts.post_reminder(tx, task, proposal)
        await posts.post_escalation(tx, task, proposal)
        await reject(tx, task, proposal)
        await posts.post_card(tx, proposal.id)
        reminder = await said(tx, task, "reminder")
        escalation = await said(tx, task, "escalation")

    assert [("needs_approval", Lane.state), ("rejected", Lane.chatter)] == reminder
    assert [("needs_approval", Lane.decision), ("rejected", Lane.chatter)] == escalation


async def test_one_that_speaks_for_several_waits_for_the_last(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """It was asked of all that share its card: it is told anew of the next."""
    async with gateway.transaction(scope, Step.look) as tx:
        first = await waiting_since(tx, task)
        second = await add_proposal(tx, task)
        for one in (first, second):
            await tx.change(
                "UPDATE proposals SET folded_in = :leader WHERE id = :id",
                {"leader": first.id, "id": one.id},
            )
        await posts.post_reminder(tx, task, await proposals.get(tx, first.id))
        await reject(tx, task, first)
        early = await said(tx, task, "reminder")
        await reject(tx, task, second)
        late = await said(tx, task, "reminder")

    states = ["needs_approval", "needs_approval", "rejected"]
    assert states[:2] == [state for state, _ in early]
    assert Lane.chatter is early[1][1]
    assert states == [state for state, _ in late]


async def test_a_card_without_reminders_posts_none(
    gateway: Database, scope: Scope, task: Task
) -> None:
    async with gateway.transaction(scope, Step.look) as tx:
        proposal = await add_proposal(tx, task)
        await reject(tx, task, proposal)

        assert [] == await said(tx, task, "reminder")
        closed = await proposals.get(tx, proposal.id)

    assert ProposalState.rejected is closed.state
