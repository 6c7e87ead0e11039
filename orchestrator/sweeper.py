"""
What time brings: leases that ran out, back-offs, quiet, expiry, the end of a wait.

Every handler locks, looks again and moves only what is still due, so that two sweepers,
or a sweeper and a timer, do no harm to each other.
"""

from datetime import timedelta

import structlog

from orchestrator import opening, storms, waiting
from orchestrator.runs import MOST_ATTEMPTS, judge
from policy.lifecycle import (
    IllegalMove,
    ProposalEvent,
    TaskEvent,
    after_closed,
    after_lapsed,
)
from policy.proposal import UNDER_WAY, ProposalState
from policy.task import TaskState
from storage import moves, proposals, runs, tasks
from storage.database import Database, Tx
from storage.directory import Due, find_cards, find_due
from storage.errors import StorageError
from storage.steps import Step
from storage.tasks import Task

_MOST = 50
# How often a quiet task is looked at again whose undo still waits for a person.
_UNDO_SECONDS = 30


async def sweep(database: Database) -> int:
    """Handle what is due now; give how many rows that were."""
    async with database.dispatch(Step.look) as tx:
        due = [
            *await find_due(tx, most=_MOST),
            *await find_cards(tx, most=_MOST),
        ]
    log = structlog.get_logger()
    for one in due:
        try:
            await handle(database, one)
        except (StorageError, IllegalMove) as exc:
            log.info(
                "sweep.moved_meanwhile", kind=one.kind, id=str(one.id), error=str(exc)
            )
        except Exception:
            # The edge of a row: none that follows it, and no other tenant, waits.
            log.exception("sweep.bug", kind=one.kind, id=str(one.id))
    return len(due)


async def handle(database: Database, due: Due) -> None:
    """Handle one row, if it is still due."""
    async with database.transaction(due.scope, Step.sweep) as tx:
        if due.kind == "expiry":
            await _expire(tx, due)
        elif due.kind in waiting.HANDLERS:
            await waiting.HANDLERS[due.kind](tx, due)
        elif due.kind == "opening":
            await opening.open_due(tx, due.id)
        elif due.kind == "storm":
            await storms.look(tx, due.id)
        else:
            await _wake_task(tx, due)


async def _wake_task(tx: Tx, due: Due) -> None:
    task = await tasks.get(tx, due.id, lock=True)
    if due.kind == "lease" and task.state is TaskState.running:
        if await tasks.is_leased(tx, task.id):
            return
        run = await runs.begin(tx, task.id, task.plan)
        await judge(tx, task, run, error="its worker went away")
    elif due.kind == "backoff" and task.state is TaskState.failed_retryable:
        spent = task.attempt >= MOST_ATTEMPTS
        await moves.move(
            tx,
            task,
            TaskEvent.attempts_spent if spent else TaskEvent.backoff_over,
            actor="sweeper",
            reason=f"{task.attempt} runs crashed" if spent else "trying again",
        )
    elif due.kind == "quiet" and task.quiet_at is not None and task.quiet_at <= tx.now:
        if await _undo_waits(tx, task):
            # A change that did not help still stands: the task ends with its undo.
            later = tx.now + timedelta(seconds=_UNDO_SECONDS)
            await tasks.change(tx, task.id, {"quiet_at": later})
            return
        await moves.move(
            tx,
            task,
            TaskEvent.alerts_resolved,
            actor="sweeper",
            reason="all alerts resolved and quiet",
        )


async def _undo_waits(tx: Tx, task: Task) -> bool:
    every = await proposals.list_of_task(tx, task.id)
    return any(one.undoes is not None and one.state.is_open for one in every)


async def _expire(tx: Tx, due: Due) -> None:
    seen = await proposals.get(tx, due.id)
    task = await tasks.get(tx, seen.task_id, lock=True)
    proposal = await proposals.get(tx, due.id, lock=True)
    ends = [at for at in (proposal.expires_at, proposal.latest_at) if at is not None]
    if not proposal.state.is_open or min(ends) > tx.now:
        return
    late = proposal.state is ProposalState.approved
    reason = (
        "its approval ran out before it could run" if late else "nobody decided in time"
    )
    await moves.close(tx, task, proposal, ProposalEvent.expired, reason=reason)
    every = [one.state for one in await proposals.list_of_task(tx, task.id)]
    if task.state is TaskState.needs_approval:
        event = after_closed(
            every, by_person=False, new_plan_asked=False, plans_left=False
        )
    elif task.state is TaskState.executing and UNDER_WAY.isdisjoint(every):
        event = after_lapsed(every, alerts_resolved=task.quiet_at is not None)
    else:
        return
    await moves.move(
        tx, task, event, actor="sweeper", reason=f"a proposal expired: {reason}"
    )
