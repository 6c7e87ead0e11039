"""
What a system answers after the outcome of its effect was settled without it.

A process may sit on an answer while the database is away; another one reads back, or a
person speaks, meanwhile. Their word stands; the answer is told, and never dropped.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from gateway.expiring import cancel_reversion, resume_reversion
from gateway.outcome import Ended, log_ending
from policy.event import Event
from policy.lifecycle import ProposalEvent, TaskEvent
from policy.proposal import UNDER_WAY, ProposalState
from policy.task import TaskState
from storage import (
    executions,
    guards,
    ledger,
    moves,
    posts,
    proposals,
    tool_calls,
)
from storage.database import Tx
from storage.executions import Ending, Execution
from storage.guards import Writer
from storage.proposals import Proposal
from storage.tasks import Task

# What was taken from the budgets again: it had provably not left.
NEVER_LEFT = frozenset({Ended.not_sent, Ended.put_off})
# Nobody's word stands: it is to be tried again, or nobody could tell.
_WAITING = frozenset({ProposalState.approved, ProposalState.outcome_unknown})
_UNDOING = frozenset({*UNDER_WAY, ProposalState.outcome_unknown})


async def log_late(
    tx: Tx, proposal: Proposal, execution_id: UUID, answer: Ending
) -> Execution | None:
    """Log an answer that tells otherwise than what stands; give what stands, if so."""
    stands = await executions.get(tx, execution_id)
    if answer.outcome in {stands.outcome, Ended.lost, Ended.not_seen}:
        return None
    await ledger.append(
        tx,
        Event.task_answered_late,
        actor="gateway",
        task_id=proposal.task_id,
        body={
            "proposal": proposal.id,
            "execution": execution_id,
            "stands": stands.outcome,
            "answer": answer.outcome,
            "after": answer.after,
            "error": answer.error,
        },
    )
    return stands


def say_late(answer: Ending) -> str:
    applied = answer.outcome == Ended.applied
    told = "it took effect" if applied else answer.error or answer.outcome
    return f"its system answered after all: {told}"


@dataclass(frozen=True, slots=True)
class Late:
    """``target``: under what name the write weighs on budgets, if it is known."""

    ending: Ending
    target: str = ""


async def keep_late(
    tx: Tx, task: Task, proposal: Proposal, execution_id: UUID, late: Late
) -> None:
    """
    Log what is known late of an action, act on it, and tell it on card and root.

    What took effect after all, and expires, is taken back at its instant. The caller
    holds task and proposal.
    """
    answer = late.ending
    stands = await log_late(tx, proposal, execution_id, answer)
    if stands is None:
        return
    applied = answer.outcome == Ended.applied
    reason = say_late(answer)
    await executions.keep_late_answer(tx, execution_id, reason, applied=applied)
    await guards.release_target(tx, execution_id)
    await posts.post_root(tx, task, next_step=f"{proposal.title}: {reason}")
    if applied:
        if late.target and stands.outcome in NEVER_LEFT:
            writer = Writer(proposal.tool, late.target, task.agent)
            await guards.count_write(tx, writer)
        await _applied_after_all(tx, task, proposal, stands, answer, reason)
    elif proposal.state is ProposalState.outcome_unknown:
        if late.target and answer.outcome in NEVER_LEFT:
            writer = Writer(proposal.tool, late.target, task.agent)
            await guards.uncount_write(tx, writer, counted_at=stands.begun_at)
        await proposals.move(tx, proposal, ProposalEvent.failed, reason=reason)
        await cancel_reversion(tx, proposal.id, reason=reason)
    elif proposal.state is ProposalState.failed and stands.outcome == Ended.lost:
        # A person said so before; now its system says so, too.
        await cancel_reversion(tx, proposal.id, reason=reason)
    await posts.post_cards(tx, proposal)


async def _applied_after_all(
    tx: Tx,
    task: Task,
    proposal: Proposal,
    execution: Execution,
    answer: Ending,
    reason: str,
) -> None:
    """Measure it where nobody's word stands yet; have it taken back where it ends."""
    if answer.after is not None:
        await executions.keep_after(tx, execution.id, answer.after)
    state = proposal.state
    if state is ProposalState.approved:
        # It was to be tried again: a second effect never begins over the first.
        begun = await proposals.move(tx, proposal, ProposalEvent.begun)
        proposal = replace(proposal, state=begun)
    measured = state in _WAITING and await is_alone(tx, proposal)
    if measured or execution.outcome in NEVER_LEFT:
        # What never left was our own word, and no person's.
        await correct(tx, execution, answer)
        await log_ending(tx, execution, answer)
    if measured:
        await proposals.move(tx, proposal, ProposalEvent.applied)
    elif state is ProposalState.approved:
        await proposals.move(tx, proposal, ProposalEvent.outcome_lost, reason=reason)
        await escalate(tx, task, reason)
    if state is not ProposalState.undone:
        await resume_reversion(tx, proposal, execution, reason=reason)


async def correct(tx: Tx, execution: Execution, answer: Ending) -> None:
    """Have row and contract log say that it was applied, whatever stood there."""
    await executions.correct(tx, execution.id, answer)
    await tool_calls.correct_apply(
        tx,
        execution.idempotency_key,
        begun_at=execution.begun_at,
        outputs=answer.after,
    )


async def escalate(tx: Tx, task: Task, reason: str) -> None:
    """Leave the task to a person, unless somebody has it already."""
    if task.state is TaskState.executing:
        event = TaskEvent.execution_lost
        await moves.move(tx, task, event, actor="gateway", reason=reason)


async def hand_over(tx: Tx, task: Task) -> Task:
    """Give the task to whoever took it over while its action ran."""
    if task.takeover_by is None or task.state is not TaskState.executing:
        return task
    reason = f"{task.takeover_by} took over while the action ran"
    return await moves.move(
        tx, task, TaskEvent.taken_over, actor=task.takeover_by, reason=reason
    )


async def is_alone(tx: Tx, proposal: Proposal) -> bool:
    """Tell whether no other action of the task runs, and no undo of this one lives."""
    every = await proposals.list_of_task(tx, proposal.task_id)
    others = [one.state for one in every if one.id != proposal.id]
    undo = await proposals.find_undo(tx, proposal.id)
    undoing = undo is not None and (undo.state.is_open or undo.state in _UNDOING)
    return not undoing and UNDER_WAY.isdisjoint(others)
