"""
Reversions: an action that expires is taken back by itself, and that is verified too.

Theory of operation. A reversion runs under its action's own approval, so it asks
nobody; only a freeze with ``--all`` holds it. It runs if the target still holds what
the action left: what its system took back, or somebody changed since, is left alone.
Intent, effect and outcome are bracketed as an execution's, so that a process may die
anywhere. What can't be taken back opens a linked task for a person.
"""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, JsonValue

from gateway.assessment import digest_of
from gateway.effect import (
    Lost,
    Write,
    carry_out,
    leave_alone,
    read_back,
)
from gateway.gate import Gate, RefusedCall
from gateway.intent import TargetBusy, lock_target
from gateway.outcome import Ended, Outcome, doubt_refused, hide_outcome
from gateway.owning import Owner, Standing, find_owner
from gateway.ports import ConnectorError
from gateway.registry import UNDO, AnyWrite, Settled
from gateway.restraints import may_land_until
from gateway.reverted import (
    ACTIVE,
    call_of,
    find_counting,
    find_word,
    finish,
    is_on_its_way,
    keep_late_reversion,
    over_before,
    over_owned,
    over_unrestored,
    own_unseen,
    why_held,
)
from gateway.sane import sane
from gateway.stored import read_params, read_state, read_tool
from gateway.veil import hide_state, lift, told, veil
from gateway.waiting import (
    AGAIN_SECONDS,
    give_up,
    locked,
    look_again,
    look_later,
    postpone,
    retry_at,
    say_why,
    wait_for_target,
)
from policy.event import Event
from policy.proposal import ReversionState
from policy.scope import Scope
from storage import (
    executions,
    guards,
    ledger,
    proposals,
    reversions,
    tasks,
    tool_calls,
)
from storage.canonical import plain
from storage.database import Tx
from storage.executions import Execution, NewExecution
from storage.proposals import Proposal
from storage.reversions import Reversion
from storage.steps import Effect, Step
from wire.control import ReversionAnswer, ReversionRequest


@dataclass(frozen=True, slots=True)
class _Job:
    """
    One reversion; ``left`` is the target as the ``action`` left it.

    ``meant`` is what the action was to do; ``word`` is what a person said of it since.
    ``last`` is the try to revert that counts, with the target as it was seen.
    """

    gate: Gate
    scope: Scope
    reversion: Reversion
    proposal: Proposal
    tool: AnyWrite
    params: BaseModel
    left: BaseModel
    meant: Lost
    action: Execution
    word: str | None
    last: tuple[Execution, BaseModel] | None

    @property
    def is_lost(self) -> bool:
        """Tell of what nobody knew whether it took effect."""
        return self.action.outcome in {None, Ended.lost}

    @property
    def lands_in(self) -> float:
        """Give for how many seconds it may still land."""
        if self.action.outcome == Ended.applied:
            return 0.0
        until = may_land_until(self.action, self.tool)
        return (until - self.gate.database.now()).total_seconds()


async def advance_reversion(gate: Gate, request: ReversionRequest) -> ReversionAnswer:
    """Take the next step of one reversion, if it is due."""
    scope = Scope(request.tenant_id, request.environment)
    gate.check_environment(scope)
    async with gate.database.transaction(scope, Step.look) as tx:
        found = await reversions.get(tx, request.reversion_id)
        proposal = await proposals.get(tx, found.proposal_id)
    if found.state not in ACTIVE:
        return ReversionAnswer(code="over", text=found.reason)
    if found.next_try_at > gate.database.now():
        return ReversionAnswer(code="waits", text="not due yet")
    try:
        async with gate.database.transaction(scope, Step.look) as tx:
            job = await _job(gate, tx, scope, found, proposal)
    except RefusedCall as refusal:
        return await give_up(gate, scope, found, proposal, refusal)
    return await _step(job)


async def count_fault(gate: Gate, request: ReversionRequest, fault: str) -> None:
    """Count a step that our own fault ended as a look in vain."""
    scope = Scope(request.tenant_id, request.environment)
    async with gate.database.transaction(scope, Step.look) as tx:
        found = await reversions.get(tx, request.reversion_id)
        proposal = await proposals.get(tx, found.proposal_id)
    reason = f"a fault in {proposal.tool} ({fault}); the gateway's log has it"
    await look_again(gate, scope, found, proposal, reason)


async def _step(job: _Job) -> ReversionAnswer:
    if job.reversion.state is ReversionState.scheduled or job.last is None:
        return await _begin(job)
    last, seen = job.last
    if job.reversion.state is ReversionState.running:
        return await _reconcile(job, last, seen)
    return await _verify(job, last, seen)


async def _job(
    gate: Gate, tx: Tx, scope: Scope, found: Reversion, proposal: Proposal
) -> _Job:
    """
    Read the rows as this release's tool does.

    Raises:
        RefusedCall: it can't; a release changed the tool, or a value is forgotten.
    """
    tool = read_tool(gate.registry, proposal.tool)
    action = await executions.get(tx, found.execution_id)
    last = await find_counting(tx, found)

    async def lifted(body: object) -> dict[str, JsonValue]:
        return await lift(gate, tx, found.task_id, plain(body or {}))

    async def state(body: object, what: str) -> BaseModel:
        return read_state(tool, await lifted(body), what=what)

    params = read_params(tool, await lifted(proposal.params))
    undo = await lifted(plain(proposal.undo).get("params"))
    back = read_params(tool, undo, what="undo")
    return _Job(
        gate,
        scope,
        found,
        proposal,
        tool,
        back,
        await state(proposal.before if action.after is None else action.after, "left"),
        Lost(tool, params, back, await state(proposal.before, "before")),
        action,
        await find_word(tx, proposal),
        (last, await state(last.before, "before")) if last else None,
    )


async def _begin(job: _Job) -> ReversionAnswer:
    if job.lands_in > 0:
        return await _later(job, "the action may still land", seconds=job.lands_in)
    try:
        seen = await sane(job.tool.observe(job.params, job.gate.ports))
    except ConnectorError as exc:
        return await _unread(job, exc)
    found = job.tool.reconcile(job.params, job.left, seen)
    meant = job.meant.stands(seen, job.gate.ports)
    if job.is_lost:
        # What was read back then may be anybody's; only what was meant is ours.
        found = meant
    elif found is Settled.unknown and meant is Settled.not_applied:
        # Changed since, and restored: by another action and its undo, for one.
        found = meant
    over = over_before(found, job.word)
    owner = await _find_owner(job, seen) if found is Settled.not_applied else None
    if owner is not None:
        over = over_owned(owner)
    if over is not None:
        state, text = over
        back = seen if state is ReversionState.done else None
        return await _end(job, state, text, seen=back)
    try:
        begun = await _intend(job, seen)
    except TargetBusy as busy:
        of = (job.gate, job.scope, job.reversion, job.proposal)
        return await wait_for_target(*of, busy.target)
    if isinstance(begun, ReversionAnswer):
        return begun
    outcome = await carry_out(_write(job, seen), begun, Effect.tool_revert)
    return await _store(job, begun, outcome)


async def _find_owner(job: _Job, seen: BaseModel) -> Owner | None:
    """Say whose later change it is that reads as what is to be taken back."""
    of = Standing(job.gate, job.tool, job.params, job.action, seen)
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        return await find_owner(tx, of)


def _write(job: _Job, seen: BaseModel) -> Write:
    return Write(job.gate, job.tool, job.params, seen, UNDO)


async def _intend(job: _Job, seen: BaseModel) -> Execution | ReversionAnswer:
    """Transaction 1: still due, not held, as approved; then the intent."""
    async with job.gate.database.transaction(job.scope, Step.reversion_intent) as tx:
        task = await tasks.get(tx, job.reversion.task_id, lock=True)
        now = await reversions.get(tx, job.reversion.id, lock=True)
        if now.state is not ReversionState.scheduled:
            return ReversionAnswer(code="waits", text="another call took this step")
        if digest_of(task, job.proposal) != job.proposal.digest:
            text = "its proposal is no longer what was approved"
            return await finish(tx, job.proposal, now, ReversionState.failed, text)
        held = await why_held(tx, job.proposal.id)
        if held is not None:
            await reversions.note_success(tx, now)
            return await postpone(tx, now, held)
        execution = await executions.begin(
            tx,
            NewExecution(
                task_id=task.id,
                proposal_id=job.proposal.id,
                kind="revert",
                fence=0,
                before=await _hidden(tx, job, seen),
                effect_deadline_at=tx.now + timedelta(seconds=job.tool.effect_seconds),
            ),
        )
        await lock_target(tx, job.tool, job.params, execution, of=job.proposal.id)
        await reversions.move(tx, now, ReversionState.running, reason=now.reason)
        await reversions.note_look(tx, now)
        call = await call_of(tx, task, job.proposal, job.tool, execution)
        await tool_calls.begin(tx, call)
        await ledger.append(
            tx,
            Event.task_reversion_begun,
            actor="gateway",
            task_id=task.id,
            body={"proposal": job.proposal.id, "execution": execution.id},
        )
    return execution


async def _hidden(tx: Tx, job: _Job, state: BaseModel) -> dict[str, JsonValue]:
    async with veil(job.gate, tx, job.reversion.task_id) as placeholders:
        return hide_state(state, placeholders)


async def _store(job: _Job, execution: Execution, outcome: Outcome) -> ReversionAnswer:
    """Transaction 2: what became of the effect, stored once."""
    async with job.gate.database.transaction(job.scope, Step.reversion_outcome) as tx:
        now = await locked(tx, job.reversion)
        outcome = await hide_outcome(job.gate, tx, now.task_id, outcome, job.tool.state)
        outcome = await doubt_refused(tx, outcome, job.proposal.id)
        if outcome.ended is Ended.unknown:
            stands = await executions.get(tx, execution.id)
            if stands.outcome is not None:
                return ReversionAnswer(code="waits", text="settled already")
            write = _write(job, job.left)
            stands = await leave_alone(tx, write, stands, outcome)
            met = "it was put off" if outcome.asks_later else "no answer came"
            text = f"{met} ({outcome.error}); it is read back"
            wait = max(AGAIN_SECONDS, write.settled_at(stands))
            return await postpone(tx, now, text, seconds=wait)
        times = await executions.count_put_off(tx, job.proposal.id, kind="revert")
        outcome = outcome.longer(times)
        ending = outcome.ending(tx.now, verify_seconds=job.tool.verify_seconds)
        fresh = await executions.settle(tx, execution.id, ending)
        if not fresh:
            return await keep_late_reversion(
                tx, job.proposal, now, execution.id, ending
            )
        if outcome.ended not in {Ended.not_seen, Ended.lost}:
            await guards.release_target(tx, execution.id)
        await tool_calls.finish_apply(
            tx,
            execution.idempotency_key,
            outputs=outcome.after,
            error=None if outcome.ended is Ended.applied else outcome.error,
        )
        return await _after(tx, job, now, outcome)


async def _after(
    tx: Tx, job: _Job, now: Reversion, outcome: Outcome
) -> ReversionAnswer:
    reason = outcome.error or ""
    if outcome.ended is Ended.applied:
        await reversions.note_success(tx, now)
        await reversions.move(tx, now, ReversionState.applied, next_try_at=tx.now)
        return ReversionAnswer(code="waits", text="done, verifying")
    if outcome.ended is Ended.moved:
        return await finish(tx, job.proposal, now, ReversionState.skipped, reason)
    later = await retry_at(tx, now, outcome)
    if later is None:
        if await executions.may_have_landed(tx, now.proposal_id, kind="revert"):
            reason = f"{reason}, and what was sent may still land"
        return await finish(tx, job.proposal, now, ReversionState.failed, reason)
    await reversions.move(
        tx, now, ReversionState.scheduled, reason=reason, next_try_at=later
    )
    await say_why(tx, now, reason)
    return ReversionAnswer(code="waits", text=reason)


async def _reconcile(job: _Job, last: Execution, seen: BaseModel) -> ReversionAnswer:
    """Read back what became of a reversion whose answer is missing."""
    if last.outcome is not None:
        return await _later(job, "its outcome is being stored")
    write = _write(job, seen)
    left = write.settled_at(last)
    if left > 0:
        return await _later(job, "its deadline is not over", seconds=left)
    try:
        outcome = await read_back(write, put_off=last.not_before is not None)
    except ConnectorError as exc:
        return await _unread(job, exc)
    return await _store(job, last, outcome)


async def _verify(job: _Job, last: Execution, seen: BaseModel) -> ReversionAnswer:
    try:
        now_state = await sane(job.tool.observe(job.params, job.gate.ports))
    except ConnectorError as exc:
        return await _unread(job, exc)
    found = job.tool.reconcile(job.params, seen, now_state)
    if found is Settled.applied:
        is_now = job.tool.describe(job.params, now_state)[0]
        return await _end(job, ReversionState.done, f"restored and verified: {is_now}")
    deadline = last.verify_deadline_at
    if deadline is not None and job.gate.database.now() < deadline:
        return await _later(job, "not back yet")
    stands = job.meant.stands(now_state, job.gate.ports)
    over = ReversionState.skipped, "restored, and changed by somebody since"
    if Settled.not_applied in {found, stands}:
        over = over_unrestored(await _find_owner(job, now_state))
    return await _end(job, *over)


async def _unread(job: _Job, trouble: ConnectorError) -> ReversionAnswer:
    """Ask again when the system itself wants to be asked, if it says so."""
    said = f"the target can't be read: {trouble}"
    return await look_again(
        job.gate, job.scope, job.reversion, job.proposal, said, trouble.away_seconds
    )


async def _later(
    job: _Job, reason: str, *, seconds: float = AGAIN_SECONDS
) -> ReversionAnswer:
    return await look_later(job.gate, job.scope, job.reversion, reason, seconds=seconds)


async def _end(
    job: _Job, state: ReversionState, reason: str, *, seen: BaseModel | None = None
) -> ReversionAnswer:
    """End it; ``seen`` is the target that was found restored before anything began."""
    database = job.gate.database
    async with database.transaction(job.scope, Step.reversion_verified) as tx:
        now = await locked(tx, job.reversion)
        if now.state not in ACTIVE:
            return ReversionAnswer(code="over", text=now.reason)
        reason = await told(job.gate, tx, now.task_id, reason, outside=True)
        if state is not ReversionState.done and await is_on_its_way(tx, now):
            reason = f"{reason}; what was sent before may still land"
        if seen is not None:
            await own_unseen(tx, now, await _hidden(tx, job, seen))
        return await finish(tx, job.proposal, now, state, reason)
