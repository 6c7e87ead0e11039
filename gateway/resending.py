"""
A write that was sent, and is not seen when it is read back: it may land all the same.

It stays one execution, whose outcome is open: nothing calls it off, and a freeze lists
it as begun. The same key is sent again, a few times, each time a call in the contract
log, while the task is its worker's and all that let it begin still holds. What is not
seen then goes to a person, who is told that it may still land.
"""

from dataclasses import replace
from datetime import timedelta

from gateway.consent import Action, ask_again
from gateway.intent import (
    REFUSED_WAIT_SECONDS,
    Job,
    Look,
    is_over,
    say_grown,
    say_other,
    say_stale,
    waits_for_time,
)
from gateway.outcome import Ended, Outcome
from gateway.outcomes import MOST_TRIES
from gateway.restraints import hold_seconds, target_of
from policy.decision import Verdict
from policy.event import Event
from policy.proposal import ProposalState
from policy.task import TaskState
from storage import (
    executions,
    guards,
    ledger,
    posts,
    proposals,
    tasks,
    tool_calls,
)
from storage.database import Tx
from storage.errors import LeaseLost
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.control import ExecutionAnswer

# How long a system may put a write off that others wait for to take something back.
_KEEPS = timedelta(minutes=10)
# With waits that grow to five minutes this is an hour, or up to half as long again:
# nobody else gets the target meanwhile.
_MOST_ASKED = 17
_UNSEEN = "and it was not seen when it was read back"
_SILENT = f"no answer told what became of it, {_UNSEEN}"
_ASKED_LATER = f"its system asked to come later, {_UNSEEN}"


async def send_again(
    job: Job, seen: Execution, look: Look
) -> Execution | ExecutionAnswer | str:
    """
    Let the write be sent once more, under a new deadline.

    ``look`` is the world right before, the target as it was. Words say why it is not to
    be sent any more; an answer, that it has to wait.

    Raises:
        LeaseLost: another worker has the task.
    """
    async with job.gate.database.transaction(job.scope, Step.execution_intent) as tx:
        task = await tasks.get(tx, job.task_id, lock=True)
        proposal = await proposals.get(tx, job.proposal.id, lock=True)
        now = await executions.get(tx, seen.id)
        if now.outcome is not None or now.effect_deadline_at != seen.effect_deadline_at:
            return _wait("another call took this step")
        ends = await _say_over(tx, job, task, proposal, now)
        ends = ends or look.refused or say_grown(job, proposal, look)
        held = ends or await _ask_policy(tx, job, task, proposal)
        if held is not None:
            return held
        if await _lets_pass(tx, job, proposal, now):
            return _wait("what takes an earlier action back goes first")
        seconds = hold_seconds(job.tool, job.tool.effect_seconds)
        if not await guards.lock_target(
            tx,
            target_of(job.tool, job.params),
            execution_id=now.id,
            seconds=seconds,
            undoes=proposal.undoes is not None,
        ):
            return _wait("its target is being changed by another execution")
        deadline = tx.now + timedelta(seconds=job.tool.effect_seconds)
        return await executions.extend(tx, now.id, deadline, not_before=now.not_before)


async def note_sending(job: Job, again: Execution) -> Execution | ExecutionAnswer:
    """Store that it leaves, once it does: a look that failed has sent nothing."""
    async with job.gate.database.transaction(job.scope, Step.execution_intent) as tx:
        task = await tasks.get(tx, job.task_id, lock=True)
        now = await executions.get(tx, again.id)
        if now.outcome is not None or was_sent_since(again, now):
            return _wait("another call took this step")
        await posts.end_wait(tx, task)
        await _log(tx, now)
        return await executions.extend(tx, now.id, again.effect_deadline_at)


async def say_over(job: Job, seen: Execution) -> str | None:
    """
    Say why nothing is sent any more, though nobody can look at the world now.

    Raises:
        LeaseLost: another worker has the task.
    """
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        task = await tasks.get(tx, job.task_id)
        proposal = await proposals.get(tx, job.proposal.id)
        now = await executions.get(tx, seen.id)
        return await _say_over(tx, job, task, proposal, now)


async def _lets_pass(tx: Tx, job: Job, proposal: Proposal, now: Execution) -> bool:
    """Tell whether what takes back has waited long enough for what is put off."""
    if now.not_before is None or proposal.undoes is not None:
        return False
    if tx.now - now.begun_at < _KEEPS:
        return False
    return await guards.is_asked_for(tx, target_of(job.tool, job.params))


async def _ask_policy(
    tx: Tx, job: Job, task: Task, proposal: Proposal
) -> ExecutionAnswer | str | None:
    """Ask once more, as before it was begun; None lets it go."""
    action = Action(job.tool, job.params, job.before)
    consent = await ask_again(
        job.gate.policy, tx, task, proposal, action, has_begun=True
    )
    decision = consent.decision
    if waits_for_time(decision):
        return _wait(f"not sent again yet: {decision.reason}")
    return None if decision.verdict is Verdict.allow else decision.reason


def give_up(unseen: Outcome, why: str) -> Outcome:
    """Give what a read-back in vain comes to in the end."""
    said = f"{unseen.error}, and what was sent may still land (not sent again: {why})"
    return Outcome(Ended.lost, error=said)


def doubt(outcome: Outcome) -> Outcome:
    """Take a later try's refusal for what it may be: the answer to an earlier one."""
    if outcome.ended is Ended.applied:
        return outcome
    asks_later = outcome.asks_later or outcome.waits
    return replace(outcome, ended=Ended.unknown, after=None, asks_later=asks_later)


def was_sent_since(sent: Execution, now: Execution) -> bool:
    """Tell whether it was sent again: the answer to one is none to the others."""
    return now.effect_deadline_at != sent.effect_deadline_at


async def _say_over(
    tx: Tx, job: Job, task: Task, proposal: Proposal, now: Execution
) -> str | None:
    """Say why nothing is sent any more; None if the write is still what was agreed."""
    fence = job.request.fence
    if task.state is TaskState.executing and fence != task.fence:
        raise LeaseLost(f"task {task.short_id}: another worker has it")
    if not fence or task.state is not TaskState.executing:
        return "no worker has the task any more"
    if task.takeover_by is not None:
        return f"{task.takeover_by} took over"
    if proposal.state is not ProposalState.executing:
        return f"it is {proposal.state.replace('_', ' ')}"
    if is_over(proposal, tx.now):
        return "its approval ran out"
    met, most, said = _SILENT, MOST_TRIES, "no answer told what became of it"
    if now.not_before is not None:
        met, most, said = _ASKED_LATER, _MOST_ASKED, "its system asked to come later"
    before = await tool_calls.count_of(
        tx, now.idempotency_key, since=now.begun_at, error=met
    )
    if before + 1 >= most:
        return f"sent {before + 1} times, and {said}"
    differs = say_other(job, task, proposal)
    return differs or await say_stale(job, tx, task, proposal)


async def _log(tx: Tx, now: Execution) -> None:
    error = _SILENT if now.not_before is None else _ASKED_LATER
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
