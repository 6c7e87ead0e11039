"""Moves of a task: guarded by state and fence, written with ledger and card."""

import json

import pytest

from policy.lifecycle import IllegalMove, TaskEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import ledger, moves, outbox, proposals, tasks
from storage.database import Database, Tx
from storage.errors import StaleState
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

P = ProposalState


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    """A queued task."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


async def move(tx: Tx, task: Task, *events: TaskEvent) -> Task:
    for event in events:
        task = await moves.move(tx, task, event, actor="test", reason="because")
    return task


async def test_a_move_follows_the_lifecycle(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The row holds the state that the table gives."""
    async with gateway.transaction(scope, Step.look) as tx:
        await move(tx, task, TaskEvent.claimed)
        assert TaskState.running is (await tasks.get(tx, task.id)).state


async def test_an_illegal_move_changes_nothing(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """What the table does not know raises before any write."""
    async with gateway.transaction(scope, Step.look) as tx:
        with pytest.raises(IllegalMove):
            await move(tx, task, TaskEvent.approved)
        assert task == await tasks.get(tx, task.id)


async def test_a_stale_fence_is_refused(
    database: Databases, scope: Scope, task: Task
) -> None:
    """Whoever read the task before another claimed it moves nothing."""
    async with database("worker").dispatch(Step.claim_task) as tx:
        await tasks.claim(
            tx, owner="w2", environment="staging", lease_seconds=30, slots=1, runs=True
        )

    async with database("gateway").transaction(scope, Step.look) as tx:
        with pytest.raises(StaleState):
            await move(tx, task, TaskEvent.claimed)


async def test_a_stale_state_is_refused(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A second move from the state that was read finds it gone."""
    async with gateway.transaction(scope, Step.look) as tx:
        await move(tx, task, TaskEvent.claimed)
        with pytest.raises(StaleState):
            await move(tx, task, TaskEvent.taken_over)


async def test_leaving_running_raises_the_fence(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A runner left over has an old fence; entering ``running`` keeps it."""
    async with gateway.transaction(scope, Step.look) as tx:
        running = await move(tx, task, TaskEvent.claimed)
        waiting = await move(tx, running, TaskEvent.run_awaits_person)
        approved = await move(tx, waiting, TaskEvent.approved)

    assert (0, 1, 1) == (running.fence, waiting.fence, approved.fence)


async def test_a_move_gives_the_lease_back(database: Databases, task: Task) -> None:
    """A claim ends with the move, except into ``running``, which is held."""
    worker = database("worker")
    async with worker.dispatch(Step.claim_task) as tx:
        await tasks.claim(
            tx, owner="w1", environment="staging", lease_seconds=30, slots=1, runs=True
        )
        running = await move(tx, await tasks.get(tx, task.id), TaskEvent.claimed)
        held = await tasks.is_leased(tx, task.id)
        await move(tx, running, TaskEvent.run_found_executable)
        after = await tasks.is_leased(tx, task.id)

    assert (True, False) == (held, after)


async def test_a_move_is_in_the_ledger(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """The entry says from where, by which event, to where, and why."""
    async with gateway.transaction(scope, Step.look) as tx:
        await move(tx, task, TaskEvent.claimed)
        (entry,) = await ledger.list_of_task(tx, task.id)

    assert ("task.moved", "test") == (entry.event, entry.actor)
    assert {
        "from": "queued",
        "event": "claimed",
        "to": "running",
        "reason": "because",
    } == json.loads(entry.body)


async def test_a_failure_has_an_event_of_its_own(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """Only ``failed_terminal`` is published as ``task.failed``."""
    async with gateway.transaction(scope, Step.look) as tx:
        await move(
            tx,
            task,
            TaskEvent.claimed,
            TaskEvent.run_crashed,
            TaskEvent.attempts_spent,
        )
        events = [one.event for one in await ledger.list_of_task(tx, task.id)]

    assert ["task.moved", "task.moved", "task.failed"] == events


async def test_a_move_posts_the_root(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """Each move leaves a new version of the thread's first message."""
    async with gateway.transaction(scope, Step.look) as tx:
        await move(tx, task, TaskEvent.claimed, TaskEvent.run_awaits_person)
        posted = await outbox.list_waiting(tx, task.id)

    assert [("root", 1, "running"), ("root", 2, "needs_approval")] == [
        (one.slot, one.version, one.payload["state"]) for one in posted
    ]


@pytest.mark.parametrize(
    ("events", "closed"),
    [
        ([TaskEvent.claimed], False),
        ([TaskEvent.taken_over], False),
        ([TaskEvent.alerts_resolved], True),
        ([TaskEvent.claimed, TaskEvent.run_found_nothing], True),
    ],
)
async def test_terminal_states_close_the_task(
    gateway: Database,
    scope: Scope,
    task: Task,
    events: list[TaskEvent],
    *,
    closed: bool,
) -> None:
    """A task is closed when its lifecycle has no way on, and not before."""
    async with gateway.transaction(scope, Step.look) as tx:
        moved = await move(tx, task, *events)

    assert closed == (moved.closed_at is not None)


SETTLING = {
    "taken over": [TaskEvent.taken_over],
    "resolved": [TaskEvent.alerts_resolved],
    "spent": [TaskEvent.run_crashed, TaskEvent.attempts_spent],
}


@pytest.mark.parametrize("how", SETTLING)
async def test_settling_withdraws_what_is_open(
    gateway: Database, scope: Scope, task: Task, how: str
) -> None:
    """Pending, drafted and approved proposals are withdrawn; others stay."""
    async with gateway.transaction(scope, Step.look) as tx:
        task = await move(tx, task, TaskEvent.claimed)
        for state in (P.needs_approval, P.drafted, P.approved, P.rejected, P.verifying):
            await add_proposal(tx, task, state=state)
        await move(tx, task, *SETTLING[how])
        states = [one.state for one in await proposals.list_of_task(tx, task.id)]

    assert sorted([P.withdrawn] * 3 + [P.rejected, P.verifying]) == sorted(states)


async def test_a_withdrawal_is_told_everywhere(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """State, closer and reason, ledger and card change in the one transaction."""
    async with gateway.transaction(scope, Step.look) as tx:
        proposal = await add_proposal(tx, task)
        await move(tx, task, TaskEvent.taken_over)
        now = await proposals.get(tx, proposal.id)
        events = [one.event for one in await ledger.list_of_task(tx, task.id)]
        (card,) = [
            one for one in await outbox.list_waiting(tx, task.id) if one.kind == "card"
        ]

    assert ("autopilot", "because") == (now.closed_by, now.closed_reason)
    assert ["task.moved", "task.proposal_closed"] == events
    assert (f"proposal:{proposal.id}", "withdrawn") == (
        card.slot,
        card.payload["state"],
    )


async def test_waiting_tasks_keep_their_proposals(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A move into a state that is not settled withdraws nothing."""
    async with gateway.transaction(scope, Step.look) as tx:
        running = await move(tx, task, TaskEvent.claimed)
        proposal = await add_proposal(tx, running)
        await move(tx, running, TaskEvent.run_awaits_person)
        assert P.needs_approval is (await proposals.get(tx, proposal.id)).state
