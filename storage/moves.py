"""
Moves of a task: the lifecycle's table, repeated by the database.

``move`` is the only way to change a task's state. It checks state and fence in the
WHERE clause, writes the ledger row and the root message in the same transaction, and
on entering a settled state withdraws what is still open.
"""

from datetime import datetime

from policy.event import Event
from policy.lifecycle import (
    ProposalEvent,
    TaskEvent,
    advance_task,
    settled_tasks,
    terminal_tasks,
)
from policy.proposal import ProposalState
from policy.task import TaskState
from storage import ledger, posts, proposals, tables, tasks, traces
from storage.database import Tx
from storage.errors import StaleState
from storage.likeness import features
from storage.tasks import Task


async def move(
    tx: Tx,
    task: Task,
    event: TaskEvent,
    *,
    actor: str,
    reason: str = "",
    headline: str | None = None,
) -> Task:
    """
    Move a task that the caller has read, and give it as it is now.

    Leaving ``running`` raises the fence, so that a runner left over is refused; any
    move gives the lease back, except into ``running``.

    Raises:
        IllegalMove: the lifecycle has no such move.
        StaleState: state or fence changed since the task was read.
    """
    state = advance_task(task.state, event)
    table = tables.tasks
    values = _changes(task, state, headline, now=tx.now)
    changed = await tx.change(
        table.update()
        .where(
            table.c.id == task.id,
            table.c.state == task.state,
            table.c.fence == task.fence,
        )
        .values(**values)
    )
    if changed != 1:
        raise StaleState(
            f"task {task.short_id}: expected {task.state} at fence {task.fence}; "
            "it moved meanwhile, read it again"
        )
    await ledger.append(
        tx,
        Event.task_failed if state is TaskState.failed_terminal else Event.task_moved,
        actor=actor,
        task_id=task.id,
        body={"from": task.state, "event": event, "to": state, "reason": reason},
    )
    if state in settled_tasks():
        await withdraw_open(tx, task, reason=reason or f"the task is {state}")
    if task.state is TaskState.running and state is not TaskState.running:
        await traces.end(tx, task.id)
    moved = await tasks.get(tx, task.id)
    await posts.post_root(tx, moved, next_step=reason)
    return moved


def _changes(
    task: Task, state: TaskState, headline: str | None, *, now: datetime
) -> dict[str, object]:
    """Give what a move into ``state`` changes of the row; None keeps the headline."""
    values: dict[str, object] = {"state": state, "updated_at": now}
    if headline is not None:
        values["headline"] = headline
    if task.state is TaskState.running:
        values["fence"] = tables.tasks.c.fence + 1
    if state is not TaskState.running:
        values |= {"lease_until": None, "lease_owner": None, "next_attempt_at": None}
    if state in terminal_tasks():
        values["closed_at"] = now
        said = (task.title, task.headline, task.service or "", task.kind)
        values["likeness"] = features(" ".join(said))
    return values


async def withdraw_open(tx: Tx, task: Task, *, reason: str) -> None:
    """Close every proposal that still waits, and take its buttons away."""
    for proposal in await proposals.list_of_task(tx, task.id):
        if proposal.state.is_open:
            await close(tx, task, proposal, ProposalEvent.withdrawn, reason=reason)


async def close(
    tx: Tx,
    task: Task,
    proposal: proposals.Proposal,
    event: ProposalEvent,
    *,
    by: str = "autopilot",
    reason: str,
) -> ProposalState:
    """Close one proposal: row, ledger, card."""
    state = await proposals.move(tx, proposal, event, by=by, reason=reason)
    await ledger.append(
        tx,
        Event.task_proposal_closed,
        actor=by,
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "digest": proposal.digest,
            "state": state,
            "reason": reason,
        },
    )
    await posts.post_cards(tx, proposal)
    return state
