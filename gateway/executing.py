"""
Execution: intent, effect, outcome, verification; each step resumes after a crash.

Theory of operation. ``advance`` looks at the task's one current proposal and takes the
next step that is due: an approved one is begun (transaction 1: fence, digest, policy
again, freeze FOR SHARE, limit, target lock, execution row), its effect runs under a
deadline, and transaction 2 stores the outcome by execution id. An execution without
outcome past its deadline is reconciled by reading back. A verifying one is measured
until it succeeded or its time is over; if nobody can measure it then, a person looks,
and nothing takes it back. What is asked for twice is answered from the
rows, so a worker may die anywhere and another asks again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

import structlog
from pydantic import BaseModel

from gateway.afterwards import draw_after, post_after
from gateway.effect import carry_out, leave_alone, read_back
from gateway.gate import Gate, RefusedCall
from gateway.intent import REFUSED_WAIT_SECONDS, Job, Look, TargetBusy, intend
from gateway.measuring import find_time_left, measure
from gateway.outcome import Ended, Outcome, hide_outcome
from gateway.outcomes import (
    AfterFailure,
    Checked,
    note_silence,
    settle,
    settle_verification,
)
from gateway.outdated import leave_to_person, read_job
from gateway.owning import Standing, find_owner
from gateway.ports import ConnectorError, Refused
from gateway.reach import measure_reach
from gateway.registry import Estimate, Picture, Settled
from gateway.resending import (
    doubt,
    give_up,
    note_sending,
    say_over,
    send_again,
    was_sent_since,
)
from gateway.restraints import ask_for_target, target_of
from gateway.sane import sane
from gateway.undoing import Wish, prepare_undo, store_undo
from gateway.veil import hide_words, say_unread, told, veil
from gateway.waiting import MOST_PUT_OFF
from policy.proposal import UNDER_WAY, ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import (
    alerts,
    executions,
    proposals,
    tasks,
)
from storage.database import Tx
from storage.errors import LeaseLost
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Effect, Step
from storage.tasks import Task
from storage.tool_calls import Drawing
from wire.control import ExecutionAnswer, ExecutionRequest

_VERIFY_WAIT_SECONDS = _SOON = 0.5
# How long a target may be unreadable after a lost answer before a person looks.
_MOST_SILENCE = timedelta(minutes=10)
_NO_ANSWER = "no answer came; reading back after the effect's deadline"
_ASKED_LATER = "its system asked to come later; reading back after that"


async def advance(gate: Gate, request: ExecutionRequest) -> ExecutionAnswer:
    """
    Take the next step of the task's current execution.

    Raises:
        LeaseLost: the caller's fence no longer holds the task; without a fence: a
            worker may hold it.
    """
    scope = Scope(request.tenant_id, request.environment)
    gate.check_environment(scope)
    async with gate.database.transaction(scope, Step.look) as tx:
        task_id = request.task_id
        may_begin = await _may_begin(tx, task_id, request.fence)
        proposal = _current(
            await proposals.list_of_task(tx, task_id), may_begin=may_begin
        )
        if proposal is None:
            return ExecutionAnswer(code="idle", text="nothing is approved")
        last = await executions.find_last(tx, proposal.id)
        job = await read_job(gate, tx, request, proposal)
    if isinstance(job, RefusedCall):
        return await leave_to_person(gate, request, proposal, last, job)
    if proposal.state is ProposalState.approved:
        return await _begin(job, last)
    if last is None:
        raise LookupError(f"proposal {proposal.id}: {proposal.state} without execution")
    if proposal.state is ProposalState.verifying:
        return await _verify(job, last)
    return await _reconcile(job, last)


async def _may_begin(tx: Tx, task_id: UUID, fence: int) -> bool:
    """
    Tell who asks: the task's worker, or one who ends what nobody executes any more.

    Raises:
        LeaseLost: the task is not the caller's to ask for.
    """
    if fence:
        await tasks.get_held(tx, task_id, fence, TaskState.executing)
        return True
    task = await tasks.get(tx, task_id)
    if task.state is TaskState.executing:
        raise LeaseLost(f"task {task.short_id}: it is its worker's; send its fence")
    return False


def _current(every: Sequence[Proposal], *, may_begin: bool) -> Proposal | None:
    """Give what is under way, else the oldest approved proposal."""
    for wanted in (UNDER_WAY, {ProposalState.approved} if may_begin else set()):
        for one in every:
            if one.state in wanted:
                return one
    return None


async def _begin(job: Job, last: Execution | None) -> ExecutionAnswer:
    """Check everything again, store the intent, run the effect, store the outcome."""
    not_before = last.not_before if last else None
    if not_before is not None and not_before > job.gate.database.now():
        # Nobody is asked meanwhile; a takeover or an expiry is seen all the same.
        nothing = Look(job.before, Estimate(0.0, "", "", ""), looked=False)
        waits = await intend(job, nothing)
        if isinstance(waits, ExecutionAnswer):
            return waits
        raise LookupError(f"proposal {job.proposal.id}: begun unseen")
    try:
        seen = await _look(job)
    except ConnectorError as exc:
        return await _wait_for(job, exc, code="refused_for_now")
    try:
        begun = await intend(job, seen)
    except TargetBusy as busy:
        await ask_for_target(job.gate, job.scope, busy.target, job.proposal)
        raise
    if isinstance(begun, ExecutionAnswer):
        return begun
    outcome = await carry_out(job.write, begun, Effect.tool_write)
    return await _store(job, begun, outcome)


async def _look(job: Job) -> Look:
    """
    Look at the world right before something is sent: target, reach, dry run.

    Raises:
        ConnectorError: it can't be read now.
    """
    now_state = job.before
    try:
        now_state = await sane(job.tool.observe(job.params, job.gate.ports))
        reach = await measure_reach(
            job.tool,
            job.params,
            now_state,
            job.gate.ports,
            is_undo=job.proposal.undoes is not None,
        )
        return Look(now_state, reach, await _rehearse(job, now_state))
    except Refused as exc:
        # What the tool itself no longer takes: an instant that is over, for one.
        return Look(now_state, Estimate(0.0, "", "", ""), str(exc))


async def _rehearse(job: Job, now_state: BaseModel) -> str | None:
    """Give why the system itself would refuse; None if nothing speaks against it."""
    if job.tool.rehearse is None:
        return None
    try:
        await job.tool.rehearse(job.params, now_state, job.gate.ports)
    except Refused as exc:
        return f"the dry run was refused: {exc}"
    return None


async def _store(job: Job, execution: Execution, outcome: Outcome) -> ExecutionAnswer:
    """Transaction 2: the outcome by execution id, whoever holds the task by now."""
    database = job.gate.database
    async with database.transaction(job.scope, Step.execution_outcome) as tx:
        outcome = await hide_outcome(job.gate, tx, job.task_id, outcome, job.tool.state)
        now = await executions.get(tx, execution.id)
        unclear = outcome.ended is Ended.unknown or (
            outcome.ended is not Ended.applied and was_sent_since(execution, now)
        )
        if unclear and now.outcome is None:
            await note_silence(tx, execution, outcome.error or "no answer")
            now = await leave_alone(tx, job.write, now, outcome)
            return _read_back_later(job, now)
        if unclear:
            return ExecutionAnswer(code="verifying", text="settled already")
        return await settle(
            tx,
            execution,
            outcome,
            verify_seconds=job.tool.verify_seconds,
            target=target_of(job.tool, job.params),
        )


async def _reconcile(job: Job, execution: Execution) -> ExecutionAnswer:
    """Read back what became of an effect whose answer is missing."""
    wait = _read_back_later(job, execution)
    if wait.retry_after_seconds > 0:
        return wait
    try:
        ended = await read_back(job.write)
    except ConnectorError as exc:
        if await _is_silent(job, execution, exc):
            ended = Outcome(Ended.lost, error=f"its target can't be read: {exc}")
            return await _store(job, execution, ended)
        return await _wait_for(job, exc, code="unknown")
    if ended.ended is Ended.not_seen:
        return await _resend(job, execution, ended)
    if ended.ended is Ended.applied:
        ended = await _doubt_passed(job, execution, ended)
    return await _store(job, execution, ended)


async def _doubt_passed(job: Job, execution: Execution, ended: Outcome) -> Outcome:
    """Take for nobody's what reads as meant, where what passed it has set the same."""
    seen = job.tool.state.model_validate(ended.after)
    of = Standing(job.gate, job.tool, job.params, execution, seen)
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        owner = await find_owner(tx, of, unsure=True)
    if owner is None:
        return ended
    return Outcome(
        Ended.lost, ended.after, f"read back as it was meant, but {owner.text}"
    )


async def _is_silent(job: Job, execution: Execution, trouble: ConnectorError) -> bool:
    """Tell whether a person looks; a system that says when it is back has an hour."""
    away = trouble.away_seconds is not None
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        since, away = await executions.note_unread(tx, execution.id, away=away)
        return tx.now - since > (MOST_PUT_OFF if away else _MOST_SILENCE)


async def _resend(job: Job, execution: Execution, unseen: Outcome) -> ExecutionAnswer:
    """Send once more what may still land, or leave it to a person."""
    try:
        seen = await _look(job)
    except ConnectorError as exc:
        why = await say_over(job, execution)
        if why is None and not await _is_silent(job, execution, exc):
            return await _wait_for(job, exc, code="unknown")
        why = why or f"nobody can look at it before: {say_unread(exc)}"
        return await _store(job, execution, give_up(unseen, why))
    if not _reads_as_before(job, seen.state):
        return _seen_by_now()
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        await executions.note_unseen(tx, execution.id)
    again = await send_again(job, execution, seen)
    if isinstance(again, ExecutionAnswer):
        return again
    if isinstance(again, str):
        return await _store(job, execution, give_up(unseen, again))
    return await _send(job, again)


async def _send(job: Job, again: Execution) -> ExecutionAnswer:
    """Send once more what has its target, unless that was changed since the look."""
    try:
        now_state = await sane(job.tool.observe(job.params, job.gate.ports))
    except ConnectorError as exc:
        return await _wait_for(job, exc, code="unknown")
    if not _reads_as_before(job, now_state):
        return _seen_by_now()
    sent = await note_sending(job, again)
    if isinstance(sent, ExecutionAnswer):
        return sent
    outcome = await carry_out(job.write, sent, Effect.tool_write)
    return await _store(job, sent, doubt(outcome))


def _seen_by_now() -> ExecutionAnswer:
    text = "it is seen by now; it is read back"
    return ExecutionAnswer(code="unknown", text=text, retry_after_seconds=_SOON)


def _reads_as_before(job: Job, state: BaseModel) -> bool:
    stands = job.tool.already and job.tool.already(job.params, state)
    found = job.tool.reconcile(job.params, job.before, state)
    return found is Settled.not_applied and not stands


async def _wait_for(
    job: Job, trouble: ConnectorError, *, code: Literal["refused_for_now", "unknown"]
) -> ExecutionAnswer:
    """Say that a system does not answer now, without whom its words may name."""
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        await tasks.get(tx, job.task_id, lock=True)
        text = await told(
            job.gate,
            tx,
            job.task_id,
            f"{job.tool.name}: {say_unread(trouble)}",
            outside=True,
        )
    return ExecutionAnswer(
        code=code,
        text=text,
        # Longer than a worker's slot is held for.
        retry_after_seconds=max(trouble.retry_after or 0.0, REFUSED_WAIT_SECONDS),
    )


def _read_back_later(job: Job, execution: Execution) -> ExecutionAnswer:
    return ExecutionAnswer(
        code="unknown",
        text=_ASKED_LATER if execution.not_before else _NO_ANSWER,
        retry_after_seconds=max(0.0, job.write.settled_at(execution)),
    )


async def _verify(job: Job, execution: Execution) -> ExecutionAnswer:
    """Measure whether the action worked, until it did or its time is over."""
    measured = await measure(job)
    found = measured.found
    database = job.gate.database
    left = await find_time_left(job, execution, measured)
    if found.done is None and left.seconds > 0:
        if measured.trouble is not None and left.is_away:
            return await _wait_for(job, measured.trouble, code="unknown")
        wait = min(max(_VERIFY_WAIT_SECONDS, measured.busy_seconds), left.seconds)
        return ExecutionAnswer(
            code="verifying", text=found.text, retry_after_seconds=wait
        )
    worked = measured.worked
    picture = await _draw_after(job, execution) if worked else None
    after_failure = await _undo_after_failure(job) if worked is False else None
    async with database.transaction(job.scope, Step.execution_verified) as tx:
        await tasks.get(tx, job.task_id, lock=True)
        async with veil(job.gate, tx, job.task_id) as placeholders:
            text = hide_words(found.text, placeholders)
            drawing = (
                Drawing(picture.png, hide_words(picture.alt, placeholders))
                if picture
                else None
            )
        checked = Checked(worked, text, dict(found.measures), after_failure)
        answer = await settle_verification(tx, execution, checked)
        if drawing is not None:
            await post_after(tx, execution, drawing)
        return answer


async def _draw_after(job: Job, execution: Execution) -> Picture | None:
    """Draw before and after of the service that the task is about."""
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        task = await tasks.get(tx, job.task_id)
        start = await alerts.find_start(tx, job.task_id)
    alert_at = start.timestamp() if start else None
    return await draw_after(job.gate.ports, task.service, execution, alert_at=alert_at)


async def _undo_after_failure(job: Job) -> AfterFailure | None:
    """Prepare to take back what did not help; None where nothing restores it."""
    if job.proposal.undoes is not None or job.tool.undo is None:
        return None
    undo = await prepare_undo(job.gate, job.scope, job.proposal.id, failing=True)
    wish = Wish(by="autopilot", because="the action had no effect, so it is taken back")

    async def store(tx: Tx, original: Proposal, task: Task) -> None:
        said = await store_undo(job.gate, tx, original, task, undo=undo, wish=wish)
        if isinstance(said, str):
            structlog.get_logger().warning("undo.not_proposed", task=task.short_id)

    return store
