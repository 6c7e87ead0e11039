"""
What an outcome does to proposal, task, ledger and thread.

``settle`` is called in transaction 2 with the execution's id alone: the outcome is
stored once, by whoever learns it first, and moves the task on if it still executes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from gateway.expiring import (
    cancel_reversion,
    explain_reversion,
    schedule_reversion,
)
from gateway.late import (
    NEVER_LEFT,
    Late,
    escalate,
    hand_over,
    is_alone,
    keep_late,
)
from gateway.outcome import Ended, Outcome, log_ending
from policy.event import Event
from policy.lifecycle import ProposalEvent, after_executed, after_failed
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
from storage.executions import Ending, Execution
from storage.guards import Writer
from storage.proposals import Proposal
from storage.tasks import Task
from wire.control import ExecutionAnswer

# How often an effect that never left is tried before a person is asked.
MOST_TRIES = 3
_RETRY_SECONDS = 2.0


async def settle(
    tx: Tx,
    execution: Execution,
    outcome: Outcome,
    *,
    verify_seconds: float = 0.0,
    target: str = "",
) -> ExecutionAnswer:
    """
    Apply an effect's outcome; the first stands, and another one is told in the ledger.

    ``target`` is under what name the write was counted.
    ``unknown`` is not an outcome: the row stays open until it is read back.
    """
    task = await tasks.get(tx, execution.task_id, lock=True)
    proposal = await proposals.get(tx, execution.proposal_id, lock=True)
    times = await executions.count_put_off(tx, proposal.id)
    outcome = outcome.longer(times)
    ending = outcome.ending(tx.now, verify_seconds=verify_seconds)
    if not await executions.settle(tx, execution.id, ending):
        await keep_late(tx, task, proposal, execution.id, Late(ending, target))
        return ExecutionAnswer(code="verifying", text="settled already")
    # Locks before counts, as they are taken when it begins. What may still land keeps
    # its target for its time.
    if outcome.ended is not Ended.lost:
        await guards.release_target(tx, execution.id)
    if outcome.ended in NEVER_LEFT and target:
        # What provably did not leave weighs on no budget.
        writer = Writer(proposal.tool, target, task.agent)
        await guards.uncount_write(tx, writer, counted_at=execution.begun_at)
    await log_ending(tx, execution, ending)
    await _finish_call(tx, execution, outcome)
    task = await hand_over(tx, task)
    if outcome.ended in {Ended.applied, Ended.lost}:
        # What nobody can tell may hold, too: it is looked at when its time is over.
        await schedule_reversion(tx, proposal, execution)
    await posts.end_wait(tx, task)
    answer = await _MOVES[outcome.ended](tx, task, proposal, outcome)
    await posts.post_cards(tx, proposal)
    return answer


async def close_effect(
    tx: Tx,
    last: Execution | None,
    reason: str,
    *,
    after: Mapping[str, object] | None = None,
    worked: bool = False,
) -> None:
    """
    Let no effect stand as under way once nobody reads it back any more.

    Its target stays locked for its time: what was sent may still land.
    ``worked``: somebody says that it took effect.
    """
    if last is None or last.outcome is not None:
        return
    await executions.settle(tx, last.id, Ending(Ended.lost, after=after, error=reason))
    error = None if worked else reason
    await tool_calls.finish_apply(tx, last.idempotency_key, outputs=after, error=error)


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
    tx: Tx, task: Task, proposal: Proposal, _outcome: Outcome
) -> ExecutionAnswer:
    if not _runs(proposal) and not await is_alone(tx, proposal):
        # Given up before, and undone by now or beside another: nobody measures it.
        said = f"{proposal.title}: its system answered after all: it took effect"
        await posts.post_root(tx, task, next_step=said)
        return ExecutionAnswer(code="failed", text=said)
    await proposals.move(tx, proposal, ProposalEvent.applied)
    return ExecutionAnswer(code="verifying", text="done, verifying")


async def _not_sent(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    """Nothing left: the same approval is tried again, a few times."""
    tries = await executions.count_in_vain(tx, proposal.id)
    if tries >= MOST_TRIES:
        return await _failed(tx, task, proposal, outcome)
    return await _put_off(tx, task, proposal, outcome)


async def _put_off(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    """The approval stands; it is tried again, when the system wants it if it said."""
    if TaskState.executing is not task.state or not _runs(proposal):
        said = f"nothing was sent ({outcome.error}), and the task is a person's by now"
        return await _failed(tx, task, proposal, replace(outcome, error=said))
    await proposals.move(tx, proposal, ProposalEvent.nothing_sent)
    return ExecutionAnswer(
        code="refused_for_now",
        text=outcome.error or "nothing was sent",
        retry_after_seconds=max(_RETRY_SECONDS, outcome.retry_after),
    )


async def _failed(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    reason = outcome.error or "the action failed"
    await proposals.move(tx, proposal, ProposalEvent.failed, reason=reason)
    if _runs(proposal):
        await escalate(tx, task, reason)
    return ExecutionAnswer(code="failed", text=reason)


async def _lost(
    tx: Tx, task: Task, proposal: Proposal, outcome: Outcome
) -> ExecutionAnswer:
    """The read-back can't tell: a person looks."""
    reason = outcome.error or "nobody can tell whether it was applied"
    if _runs(proposal):
        await proposals.move(tx, proposal, ProposalEvent.outcome_lost, reason=reason)
        await escalate(tx, task, f"outcome unknown: {reason}")
    return ExecutionAnswer(code="failed", text=reason)


def _runs(proposal: Proposal) -> bool:
    """Tell an action that is under way from one that was given up before."""
    return proposal.state is ProposalState.executing


_MOVES = {
    Ended.applied: _applied,
    Ended.not_sent: _not_sent,
    Ended.put_off: _put_off,
    Ended.moved: _failed,
    Ended.failed: _failed,
    Ended.lost: _lost,
}


AfterFailure = Callable[[Tx, Proposal, Task], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What verification found, with what was measured.

    ``worked`` None: nobody could measure it. ``after_failure`` stores what is to be
    done if it did not work.
    """

    worked: bool | None
    text: str
    measures: Mapping[str, JsonValue]
    after_failure: AfterFailure | None = None


async def settle_verification(
    tx: Tx, execution: Execution, checked: Checked
) -> ExecutionAnswer:
    """
    Apply what verification found; a second time changes nothing.

    What nobody could measure is no failure: it ends as ``outcome_unknown``, is not told
    as verified, and nothing takes it back by itself. Its card lets a person say whether
    it took effect, or undo it; what expires is taken back at its instant all the same.
    """
    task = await tasks.get(tx, execution.task_id, lock=True)
    proposal = await proposals.get(tx, execution.proposal_id, lock=True)
    if proposal.state is not ProposalState.verifying:
        return ExecutionAnswer(code="succeeded", text="verified already")
    await executions.keep_verification(
        tx,
        execution.id,
        {"text": checked.text, **checked.measures},
        done=bool(checked.worked),
    )
    if checked.worked is None:
        return await _not_measured(tx, task, proposal, checked.text)
    event = ProposalEvent.verified if checked.worked else ProposalEvent.failed
    await proposals.move(tx, proposal, event, reason=checked.text)
    await _log_verified(tx, execution, checked)
    await posts.post_cards(tx, proposal)
    if not checked.worked:
        return await _not_helped(tx, task, proposal, checked)
    if proposal.undoes is not None:
        await mark_undone(tx, proposal)
    if task.state is TaskState.executing:
        every = await proposals.list_of_task(tx, task.id)
        await moves.move(
            tx,
            task,
            after_executed([one.state for one in every]),
            actor="gateway",
            reason=await _who(tx, proposal, task.environment),
            headline=_headline(tx, task, proposal, checked),
        )
    return ExecutionAnswer(code="succeeded", text=checked.text)


def _headline(tx: Tx, task: Task, proposal: Proposal, checked: Checked) -> str:
    if proposal.undoes is not None:
        return f"{task.title}: {checked.text}" if task.linked_to else checked.text
    return f"{checked.text}, back after {_span(tx, task)}"


async def _log_verified(tx: Tx, execution: Execution, checked: Checked) -> None:
    seconds = (tx.now - (execution.finished_at or execution.begun_at)).total_seconds()
    await ledger.append(
        tx,
        Event.task_verified,
        actor="gateway",
        task_id=execution.task_id,
        body={
            "proposal": execution.proposal_id,
            "execution": execution.id,
            "worked": checked.worked,
            "text": checked.text,
            "seconds": round(seconds, 1),
        },
    )


async def _not_measured(
    tx: Tx, task: Task, proposal: Proposal, reason: str
) -> ExecutionAnswer:
    """Leave to a person what was carried out, and what nobody can tell more of."""
    state = await proposals.move(
        tx, proposal, ProposalEvent.outcome_lost, reason=reason
    )
    await ledger.append(
        tx,
        Event.task_given_up,
        actor="gateway",
        task_id=task.id,
        body={"proposal": proposal.id, "state": state, "reason": reason},
    )
    await posts.post_cards(tx, proposal)
    if task.state is TaskState.executing:
        await escalate(tx, task, f"outcome unknown: {reason}")
    else:
        await posts.post_root(tx, task, next_step=f"{proposal.title}: {reason}")
    return ExecutionAnswer(code="failed", text=reason)


async def _not_helped(
    tx: Tx, task: Task, proposal: Proposal, checked: Checked
) -> ExecutionAnswer:
    """Take back what did not help, where it can be; a person looks otherwise."""
    answer = ExecutionAnswer(code="failed", text=checked.text)
    if task.state is not TaskState.executing:
        # Whoever has the task decides what to do about it.
        said = f"its action had no effect: {checked.text}"
        await posts.post_root(tx, task, next_step=said)
        return answer
    if checked.after_failure is not None:
        failed = await proposals.get(tx, proposal.id, lock=True)
        await checked.after_failure(tx, failed, task)
    undo = await proposals.find_undo(tx, proposal.id)
    every = await proposals.list_of_task(tx, task.id)
    event = after_failed(
        [one.state for one in every],
        undo_exists=undo is not None and undo.state.is_open,
    )
    reason = f"verified: no effect, {checked.text}"
    await moves.move(tx, task, event, actor="gateway", reason=reason)
    return answer


async def mark_undone(tx: Tx, undo: Proposal, *, is_seen: bool = True) -> None:
    """
    Say on the action itself that it was taken back, and stop its reversion.

    Where nobody has ``is_seen`` it at the target, the reversion looks when it is due.
    """
    seen = await proposals.get(tx, cast("UUID", undo.undoes))
    # Task before proposal, as a click on the action's own card locks them.
    await tasks.get(tx, seen.task_id, lock=True)
    original = await proposals.get(tx, seen.id, lock=True)
    by = undo.closed_by or undo.proposed_by
    given_up = await executions.find_last(tx, original.id)
    await close_effect(tx, given_up, f"given up, and undone by {by}")
    await proposals.move(
        tx, original, ProposalEvent.undone, by=by, reason=f"undone by {by}"
    )
    await ledger.append(
        tx,
        Event.task_undone,
        actor=by,
        task_id=original.task_id,
        body={"proposal": original.id, "undo": undo.id, "task": undo.task_id},
    )
    if is_seen:
        await cancel_reversion(tx, original.id, reason=f"undone by {by}")
    else:
        said = f"{by} says that it is undone; its target is looked at then"
        await explain_reversion(tx, original.id, reason=said)
    await posts.post_card(tx, original.id)


async def _who(tx: Tx, proposal: Proposal, environment: str) -> str:
    given = await decisions.list_approvals(tx, proposal.id)
    people = ", ".join(one.person for one in given)
    by = f"approved by {people}" if people else f"by rule {proposal.rule}"
    return f"{proposal.title} in {environment}, {by}: done and verified"


async def _finish_call(tx: Tx, execution: Execution, outcome: Outcome) -> None:
    applied = outcome.ended is Ended.applied
    await tool_calls.finish_apply(
        tx,
        execution.idempotency_key,
        outputs=outcome.after,
        error=None if applied else outcome.error or outcome.ended,
    )


def _span(tx: Tx, task: Task) -> str:
    minutes, seconds = divmod(int((tx.now - task.created_at).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
