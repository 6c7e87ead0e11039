"""
What an outcome does to proposal, task, ledger and thread.

``settle`` is called in transaction 2 with the execution's id alone: the outcome is
stored once, by whoever learns it first, and moves the task on if it still executes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import JsonValue

from policy.event import Event
from policy.lifecycle import ProposalEvent, TaskEvent, after_executed
from policy.proposal import ProposalState
from policy.task import TaskState
from storage import (
    decisions,
    executions,
    guards,
    ledger,
    moves,
    posts,
    proposals,
    tasks,
    tool_calls,
)
from storage.database import Tx
from storage.executions import Execution
from storage.proposals import Proposal
from storage.tasks import Task
from wire.control import ExecutionAnswer

# How often an effect that never left is tried before a person is asked.
MOST_TRIES = 3
_RETRY_SECONDS = 2.0


class Ended(StrEnum):
    """How an effect, its read-back or its verification ended."""

    applied = "applied"
    not_sent = "not_sent"
    moved = "moved"
    failed = "failed"
    unknown = "unknown"
    lost = "lost"
    verified = "verified"
    no_effect = "no_effect"


@dataclass(frozen=True, slots=True)
class Outcome:
    ended: Ended
    after: Mapping[str, JsonValue] | None = None
    error: str | None = None


async def settle(
    tx: Tx,
    execution: Execution,
    outcome: Outcome,
    *,
    verify_seconds: float = 0.0,
    text: str = "",
) -> ExecutionAnswer:
    """
    Apply an outcome; a second one for the same step changes nothing.

    ``unknown`` is not an outcome: the row stays open until it is read back.
    """
    task = await tasks.get(tx, execution.task_id, lock=True)
    proposal = await proposals.get(tx, execution.proposal_id, lock=True)
    if outcome.ended in {Ended.verified, Ended.no_effect}:
        return await _verified(tx, task, proposal, execution, outcome, text)
    fresh = await executions.settle(
        tx,
        execution.id,
        outcome=outcome.ended,
        after=outcome.after,
        error=outcome.error,
        verify_deadline_at=tx.now + timedelta(seconds=verify_seconds),
    )
    if not fresh:
        return ExecutionAnswer(code="verifying", text="settled already")
    await _log(tx, execution, outcome)
    answer = await _MOVES[outcome.ended](tx, task, proposal, outcome)
    await guards.release_target(tx, execution.id)
    await posts.post_card(tx, proposal.id)
    return answer


async def note_silence(tx: Tx, execution: Execution, error: str) -> None:
    """Say in the ledger that no answer came; the execution stays open."""
    await ledger.append(
        tx,
        Event.task_call_failed,
        actor="gateway",
        task_id=execution.task_id,
        body={
            "proposal": execution.proposal_id,
            "execution": execution.id,
            "error": error,
            "next": "read back after the deadline",
        },
    )


async def _applied(
    tx: Tx, _task: Task, proposal: Proposal, _outcome: Outcome
) -> ExecutionAnswer:
    await proposals.move(tx, proposal, ProposalEvent.applied)
    return ExecutionAnswer(code="verifying", text="done, verifying")


async def _not_sent(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    """Nothing left: the same approval is tried again, a few times."""
    tries = await executions.count_tries(tx, proposal.id)
    if tries >= MOST_TRIES:
        return await _failed(tx, task, proposal, outcome)
    await proposals.move(tx, proposal, ProposalEvent.nothing_sent)
    return ExecutionAnswer(
        code="refused_for_now",
        text=outcome.error or "nothing was sent",
        retry_after_seconds=_RETRY_SECONDS,
    )


async def _failed(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    reason = outcome.error or "the action failed"
    await proposals.move(tx, proposal, ProposalEvent.failed, reason=reason)
    await _escalate(tx, task, reason)
    return ExecutionAnswer(code="failed", text=reason)


async def _lost(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    """The read-back can't tell: a person looks."""
    reason = outcome.error or "nobody can tell whether it was applied"
    await proposals.move(tx, proposal, ProposalEvent.outcome_lost, reason=reason)
    await _escalate(tx, task, f"outcome unknown: {reason}")
    return ExecutionAnswer(code="failed", text=reason)


_MOVES = {
    Ended.applied: _applied,
    Ended.not_sent: _not_sent,
    Ended.moved: _failed,
    Ended.failed: _failed,
    Ended.lost: _lost,
}


async def _verified(
    tx: Tx,
    task: Task,
    proposal: Proposal,
    execution: Execution,
    outcome: Outcome,
    text: str,
) -> ExecutionAnswer:
    if proposal.state is not ProposalState.verifying:
        return ExecutionAnswer(code="succeeded", text="verified already")
    worked = outcome.ended is Ended.verified
    await proposals.move(
        tx,
        proposal,
        ProposalEvent.verified if worked else ProposalEvent.failed,
        reason=text,
    )
    seconds = (tx.now - (execution.finished_at or execution.begun_at)).total_seconds()
    await ledger.append(
        tx,
        Event.task_verified,
        actor="gateway",
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "execution": execution.id,
            "worked": worked,
            "text": text,
            "seconds": round(seconds, 1),
        },
    )
    await posts.post_card(tx, proposal.id)
    if not worked:
        await _escalate(tx, task, f"verified: no effect, {text}")
        return ExecutionAnswer(code="failed", text=text)
    if task.state is TaskState.executing:
        every = await proposals.list_of_task(tx, task.id)
        await moves.move(
            tx,
            task,
            after_executed([one.state for one in every]),
            actor="gateway",
            reason=await _who(tx, proposal),
            headline=f"{text}, back after {_span(tx, task)}",
        )
    return ExecutionAnswer(code="succeeded", text=text)


async def _who(tx: Tx, proposal: Proposal) -> str:
    given = await decisions.list_approvals(tx, proposal.id)
    people = ", ".join(one.person for one in given)
    by = f"approved by {people}" if people else f"by rule {proposal.rule}"
    return f"{proposal.tool} {by}, done and verified"


async def _escalate(tx: Tx, task: Task, reason: str) -> None:
    if task.state is TaskState.executing:
        await moves.move(
            tx, task, TaskEvent.execution_lost, actor="gateway", reason=reason
        )


async def _log(tx: Tx, execution: Execution, outcome: Outcome) -> None:
    applied = outcome.ended is Ended.applied
    await ledger.append(
        tx,
        Event.task_executed if applied else Event.task_execution_refused,
        actor="gateway",
        task_id=execution.task_id,
        body={
            "proposal": execution.proposal_id,
            "execution": execution.id,
            "outcome": outcome.ended,
            "after": outcome.after,
            "error": outcome.error,
        },
    )
    await tool_calls.finish_apply(
        tx,
        execution.idempotency_key,
        outputs=outcome.after,
        error=None if applied else outcome.error or outcome.ended,
    )


def _span(tx: Tx, task: Task) -> str:
    minutes, seconds = divmod(int((tx.now - task.created_at).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
