"""
A write that was sent, and is not seen when it is read back: it may land all the same.

It stays one execution, whose outcome is open: nothing calls it off, and a freeze lists
it as begun. The same key is sent again, a few times, each time a call in the contract
log, while the task is its worker's and nothing is frozen. What is not seen then goes to
a person, who is told that it may still land.
"""

from dataclasses import replace
from datetime import timedelta

from gateway.intent import REFUSED_WAIT_SECONDS, Job
from gateway.outcome import Ended, Outcome
from gateway.outcomes import MOST_TRIES
from gateway.restraints import Touched, target_of
from policy.event import Event
from policy.proposal import ProposalState
from policy.task import TaskState
from storage import (
    executions,
    freezes,
    guards,
    ledger,
    proposals,
    tasks,
    tool_calls,
)
from storage.database import Tx
from storage.executions import Execution
from storage.freezes import Hold
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.control import ExecutionAnswer


async def send_again(job: Job, seen: Execution) -> Execution | ExecutionAnswer | None:
    """
    Store that the write is sent once more, under a new deadline.

    None where it is not to be sent any more; an answer where it has to wait.
    """
    async with job.gate.database.transaction(job.scope, Step.execution_intent) as tx:
        task = await tasks.get(tx, job.task_id, lock=True)
        proposal = await proposals.get(tx, job.proposal.id, lock=True)
        now = await executions.get(tx, seen.id)
        if now.outcome is not None or now.effect_deadline_at != seen.effect_deadline_at:
            return _wait("another call took this step")
        if not await _may_go(tx, job, task, proposal, now):
            return None
        hold = await _hold(tx, job, task)
        if hold is not None:
            return _wait(f"not sent again: frozen by {hold.by}: {hold.reason}")
        seconds = job.tool.effect_seconds + job.tool.settle_seconds + 1
        if not await guards.lock_target(
            tx,
            target_of(job.tool, job.params),
            execution_id=now.id,
            seconds=seconds,
        ):
            return _wait("its target is being changed by another execution")
        deadline = tx.now + timedelta(seconds=job.tool.effect_seconds)
        await executions.extend(tx, now.id, deadline)
        await _log(tx, now)
    return replace(now, effect_deadline_at=deadline)


def give_up(unseen: Outcome) -> Outcome:
    """Give what a read-back in vain comes to in the end."""
    said = f"{unseen.error}, and what was sent may still land"
    return Outcome(Ended.lost, error=said)


def doubt(outcome: Outcome) -> Outcome:
    """Take a later try's refusal for what it may be: the answer to an earlier one."""
    if outcome.ended is Ended.applied:
        return outcome
    return Outcome(Ended.unknown, error=outcome.error)


async def _may_go(
    tx: Tx, job: Job, task: Task, proposal: Proposal, now: Execution
) -> bool:
    fence = job.request.fence
    held = fence and fence == task.fence and task.state is TaskState.executing
    return (
        bool(held)
        and task.takeover_by is None
        and proposal.state is ProposalState.executing
        and await tool_calls.count_of(tx, now.idempotency_key, since=now.begun_at)
        < MOST_TRIES
    )


async def _hold(tx: Tx, job: Job, task: Task) -> Hold | None:
    freeze = await freezes.read(tx, lock=True)
    if job.proposal.undoes is not None:
        return freeze.holds_undo
    return freeze.holding(
        tool=job.tool.name,
        category=job.tool.category,
        services=Touched(task, job.params, job.before).services,
    )


async def _log(tx: Tx, now: Execution) -> None:
    error = "no answer came, and it was not seen when it was read back"
    await tool_calls.finish_apply(tx, now.idempotency_key, outputs=None, error=error)
    await tool_calls.repeat(tx, now.idempotency_key)
    await ledger.append(
        tx,
        Event.task_call_failed,
        actor="gateway",
        task_id=now.task_id,
        body={
            "proposal": now.proposal_id,
            "execution": now.id,
            "error": error,
            "next": "sent again under its key",
        },
    )


def _wait(text: str) -> ExecutionAnswer:
    return ExecutionAnswer(
        code="unknown", text=text, retry_after_seconds=REFUSED_WAIT_SECONDS
    )
