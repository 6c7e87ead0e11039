"""
Execution: intent, effect, outcome, verification; each step resumes after a crash.

Theory of operation. ``advance`` looks at the task's one current proposal and takes the
next step that is due: an approved one is begun (transaction 1: fence, digest, policy
again, freeze FOR SHARE, limit, target lock, execution row), its effect runs under a
deadline, and transaction 2 stores the outcome by execution id. An execution without
outcome past its deadline is reconciled by reading back. A verifying one is measured
until it succeeded or its time is over. What is asked for twice is answered from the
rows, so a worker may die anywhere and another asks again.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from pydantic import BaseModel

from gateway.assessment import digest_of
from gateway.gate import Gate, RefusedCall, parse_params, say_rule
from gateway.outcomes import Ended, Outcome, note_silence, settle
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
)
from gateway.registry import AnyWrite, Estimate, Settled
from policy.decision import Decision, Verdict
from policy.event import Event
from policy.facts import CallFacts, Phase, facts_json, parse_facts
from policy.lifecycle import ProposalEvent, TaskEvent, after_lapsed
from policy.proposal import ProposalState
from policy.scope import Scope
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
from storage.canonical import plain
from storage.executions import Execution
from storage.steps import Effect, Step
from storage.tool_calls import NewCall
from wire.control import ExecutionAnswer, ExecutionRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from storage.database import Tx
    from storage.proposals import Proposal
    from storage.tasks import Task

_REFUSED_WAIT_SECONDS = 5.0
_VERIFY_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Job:
    """One step of one execution, with what was read before the transaction."""

    gate: Gate
    request: ExecutionRequest
    proposal: "Proposal"
    tool: AnyWrite
    params: BaseModel
    before: BaseModel

    @property
    def scope(self) -> Scope:
        return Scope(self.request.tenant_id, self.request.environment)

    @property
    def task_id(self) -> UUID:
        return self.proposal.task_id


async def advance(gate: Gate, request: ExecutionRequest) -> ExecutionAnswer:
    """
    Take the next step of the task's current execution.

    Raises:
        LeaseLost: the caller's fence no longer holds the task.
    """
    scope = Scope(request.tenant_id, request.environment)
    gate.check_environment(scope)
    async with gate.database.transaction(scope, Step.look) as tx:
        task_id = UUID(request.task_id)
        await tasks.get_held(tx, task_id, request.fence, TaskState.executing)
        proposal = _current(await proposals.list_of_task(tx, task_id))
        last = await executions.find_last(tx, proposal.id) if proposal else None
    if proposal is None:
        return ExecutionAnswer(code="idle", text="nothing is approved")
    tool = gate.registry.write(proposal.tool)
    job = _Job(
        gate,
        request,
        proposal,
        tool,
        parse_params(tool, plain(proposal.params)),
        tool.state.model_validate(plain(proposal.before)),
    )
    if proposal.state is ProposalState.approved:
        return await _begin(job)
    if last is None:
        raise LookupError(f"proposal {proposal.id}: {proposal.state} without execution")
    if proposal.state is ProposalState.verifying:
        return await _verify(job, last)
    return await _reconcile(job, last)


def _current(
    every: "list[Proposal] | tuple[Proposal, ...] | object",
) -> "Proposal | None":
    """Give what is under way, else the oldest approved proposal."""
    found = cast("list[Proposal]", every)
    under_way = {
        ProposalState.executing,
        ProposalState.verifying,
        ProposalState.outcome_unknown,
    }
    for wanted in (under_way, {ProposalState.approved}):
        for one in found:
            if one.state in wanted:
                return one
    return None


async def _begin(job: _Job) -> ExecutionAnswer:
    """Check everything again, store the intent, run the effect, store the outcome."""
    try:
        now_state = await job.tool.observe(job.params, job.gate.ports)
        reach = await job.tool.estimate(job.params, now_state, job.gate.ports)
    except ConnectorError as exc:
        return ExecutionAnswer(
            code="refused_for_now",
            text=f"{job.tool.name}: {exc}",
            retry_after_seconds=_REFUSED_WAIT_SECONDS,
        )
    begun = await _intend(job, now_state, reach)
    if isinstance(begun, ExecutionAnswer):
        return begun
    outcome = await _effect(job, begun)
    return await _store(job, begun, outcome)


async def _intend(
    job: _Job, now_state: BaseModel, reach: Estimate
) -> Execution | ExecutionAnswer:
    """Transaction 1: all guards, then the execution row."""
    gate = job.gate
    async with gate.database.transaction(job.scope, Step.execution_intent) as tx:
        task = await tasks.get_held(
            tx, job.task_id, job.request.fence, TaskState.executing
        )
        proposal = await proposals.get(tx, job.proposal.id, lock=True)
        if task.takeover_by is not None:
            return await _void(tx, task, proposal, f"{task.takeover_by} took over")
        broken = _broken(job, task, proposal, now_state, reach)
        if broken is not None:
            return await _void(tx, task, proposal, broken)
        decision, approval = await _ask_again(gate, tx, task, proposal)
        if decision.verdict is not Verdict.allow:
            return await _refuse(tx, task, proposal, decision)
        execution = await executions.begin(
            tx,
            task_id=task.id,
            proposal_id=proposal.id,
            fence=job.request.fence,
            before=plain(proposal.before),
            effect_deadline_at=tx.now + timedelta(seconds=job.tool.effect_seconds),
        )
        seconds = job.tool.effect_seconds + job.tool.settle_seconds + 1
        target = f"{proposal.tool}:{_target(job)}"
        if not await guards.lock_target(
            tx, target, execution_id=execution.id, seconds=seconds
        ):
            raise _TargetBusy(target)
        await guards.count_write(tx, proposal.tool)
        await proposals.move(tx, proposal, ProposalEvent.begun)
        await tool_calls.begin(tx, _contract(job, task, decision, execution, approval))
        await ledger.append(
            tx,
            Event.task_execution_begun,
            actor="gateway",
            task_id=task.id,
            body={
                "proposal": proposal.id,
                "digest": proposal.digest,
                "execution": execution.id,
                "rule": say_rule(decision),
                "fence": job.request.fence,
            },
        )
        await posts.post_card(tx, proposal.id)
    return execution


class _TargetBusy(RefusedCall):
    """Another execution holds the target; transaction 1 is rolled back."""

    def __init__(self, target: str) -> None:
        super().__init__(
            "target_busy",
            rule="target-lock",
            message=f"{target} is being changed by another execution; try again",
            status=409,
        )


def _broken(
    job: _Job,
    task: "Task",
    proposal: "Proposal",
    now_state: BaseModel,
    reach: Estimate,
) -> str | None:
    """Say why what was approved is not what would run; None if it is."""
    shown = digest_of(task, proposal)
    if proposal.digest != shown:
        return (
            f"digest {proposal.digest[:8]} was approved, {shown[:8]} is to run; "
            "ask for approval again"
        )
    if job.tool.reconcile(job.params, job.before, now_state) is not Settled.not_applied:
        return "the target changed since it was shown; look again"
    approved = float(cast("float", proposal.estimate.get("amount", 0)))
    if reach.amount > max(approved, 1.0) * job.tool.growth_ratio:
        return f"the reach grew from {approved:,.0f} to {reach.amount:,.0f}"
    return None


async def _ask_again(
    gate: Gate, tx: "Tx", task: "Task", proposal: "Proposal"
) -> tuple[Decision, UUID | None]:
    """Ask policy once more, with the approvals given and the freeze held."""
    freeze = await guards.read_freeze(tx, lock=True)
    given = await decisions.list_approvals(tx, proposal.id)
    stored = await decisions.get_facts(tx, proposal.decision_id)
    facts = parse_facts(cast("Mapping[str, JsonValue]", stored))
    if not isinstance(facts, CallFacts):
        raise TypeError(f"decision {proposal.decision_id}: holds no call")
    matching = [one for one in given if one.digest == proposal.digest]
    facts = replace(
        facts,
        phase=Phase.execute,
        approvals=tuple(one.person for one in matching),
        frozen=freeze.frozen,
        writes_last_hour=await guards.count_writes(tx, proposal.tool),
    )
    decision = gate.policy.evaluate(facts)
    await decisions.keep(
        tx, decision, task_id=task.id, phase="execute", facts=facts_json(facts)
    )
    return decision, matching[-1].id if matching else None


async def _refuse(
    tx: "Tx", task: "Task", proposal: "Proposal", decision: Decision
) -> ExecutionAnswer:
    """A freeze waits; more approval asked goes back to people; the rest lapses."""
    await ledger.append(
        tx,
        Event.task_execution_refused,
        actor="gateway",
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "rule": say_rule(decision),
            "reason": decision.reason,
        },
    )
    if decision.verdict is Verdict.deny and "frozen" in decision.cedar_ids:
        return ExecutionAnswer(
            code="refused_for_now",
            text=decision.reason,
            retry_after_seconds=_REFUSED_WAIT_SECONDS,
        )
    asks = decision.verdict is Verdict.require_approval
    await proposals.move(
        tx,
        proposal,
        ProposalEvent.policy_asks_more if asks else ProposalEvent.denied,
        reason=decision.reason,
    )
    await posts.post_card(tx, proposal.id)
    await _lapse(tx, task, reason=decision.reason)
    return ExecutionAnswer(code="lapsed", text=decision.reason)


async def _void(
    tx: "Tx", task: "Task", proposal: "Proposal", reason: str
) -> ExecutionAnswer:
    await moves.close(tx, task, proposal, ProposalEvent.withdrawn, reason=reason)
    if task.takeover_by is not None:
        await moves.move(
            tx, task, TaskEvent.taken_over, actor=task.takeover_by, reason=reason
        )
    else:
        await _lapse(tx, task, reason=reason)
    return ExecutionAnswer(code="lapsed", text=reason)


async def _lapse(tx: "Tx", task: "Task", *, reason: str) -> None:
    every = await proposals.list_of_task(tx, task.id)
    event = after_lapsed(
        [one.state for one in every], alerts_resolved=task.quiet_at is not None
    )
    await moves.move(tx, task, event, actor="gateway", reason=reason)


async def _effect(job: _Job, execution: Execution) -> Outcome:
    """Run the connector under the deadline that the intent named."""
    left = (execution.effect_deadline_at - job.gate.database.now()).total_seconds()
    try:
        async with job.gate.database.effect(Effect.tool_write):
            after = await asyncio.wait_for(
                job.tool.execute(
                    job.params, job.before, job.gate.ports, execution.idempotency_key
                ),
                max(left, 0.1),
            )
    except NothingSent as exc:
        return Outcome(Ended.not_sent, error=str(exc))
    except StateMoved as exc:
        return Outcome(Ended.moved, error=str(exc))
    except Refused as exc:
        return Outcome(Ended.failed, error=str(exc))
    except (OutcomeUnknown, TimeoutError) as exc:
        return Outcome(Ended.unknown, error=str(exc) or "no answer in time")
    return Outcome(Ended.applied, after=after.model_dump(mode="json"))


async def _store(job: _Job, execution: Execution, outcome: Outcome) -> ExecutionAnswer:
    """Transaction 2: the outcome by execution id, whoever holds the task by now."""
    database = job.gate.database
    async with database.transaction(job.scope, Step.execution_outcome) as tx:
        if outcome.ended is Ended.unknown:
            await note_silence(tx, execution, outcome.error or "no answer")
            return _read_back_later(job, execution)
        return await settle(
            tx, execution, outcome, verify_seconds=job.tool.verify_seconds
        )


async def _reconcile(job: _Job, execution: Execution) -> ExecutionAnswer:
    """Read back what became of an effect whose answer is missing."""
    wait = _read_back_later(job, execution)
    if wait.retry_after_seconds > 0:
        return wait
    try:
        now_state = await job.tool.observe(job.params, job.gate.ports)
    except ConnectorError as exc:
        return ExecutionAnswer(
            code="unknown", text=str(exc), retry_after_seconds=_REFUSED_WAIT_SECONDS
        )
    found = job.tool.reconcile(job.params, job.before, now_state)
    after = now_state.model_dump(mode="json")
    ended = {
        Settled.applied: Outcome(Ended.applied, after=after),
        Settled.not_applied: Outcome(Ended.not_sent, error="read back: not applied"),
        Settled.unknown: Outcome(
            Ended.lost, after=after, error="read back: neither as before nor as meant"
        ),
    }[found]
    return await _store(job, execution, ended)


def _read_back_later(job: _Job, execution: Execution) -> ExecutionAnswer:
    settled_at = execution.effect_deadline_at + timedelta(
        seconds=job.tool.settle_seconds
    )
    left = (settled_at - job.gate.database.now()).total_seconds()
    return ExecutionAnswer(
        code="unknown",
        text="no answer came; reading back after the effect's deadline",
        retry_after_seconds=max(0.0, left),
    )


async def _verify(job: _Job, execution: Execution) -> ExecutionAnswer:
    """Measure whether the action worked, until it did or its time is over."""
    try:
        found = await job.tool.verify(job.params, job.before, job.gate.ports)
    except ConnectorError as exc:
        found = None
        text, measures, done = str(exc), dict[str, float](), None
    if found is not None:
        text, measures, done = found.text, dict(found.measures), found.done
    deadline = execution.verify_deadline_at
    database = job.gate.database
    if done is None and (deadline is None or database.now() < deadline):
        return ExecutionAnswer(
            code="verifying", text=text, retry_after_seconds=_VERIFY_WAIT_SECONDS
        )
    async with database.transaction(job.scope, Step.execution_verified) as tx:
        ended = Ended.verified if done else Ended.no_effect
        await executions.keep_verification(
            tx, execution.id, {"text": text, **measures}, done=bool(done)
        )
        return await settle(
            tx, execution, Outcome(ended, error=None if done else text), text=text
        )


def _target(job: _Job) -> str:
    params = job.params.model_dump(mode="json")
    return "/".join(str(params[name]) for name in job.tool.target_params)


def _contract(
    job: _Job,
    task: "Task",
    decision: Decision,
    execution: Execution,
    approval: UUID | None,
) -> NewCall:
    return NewCall(
        task_id=task.id,
        run_id=job.proposal.run_id,
        tool=job.tool.name,
        tool_version=job.tool.version,
        phase="apply",
        inputs=plain(job.proposal.params),
        correlation_id=task.correlation_id,
        verdict=decision.verdict,
        rule=say_rule(decision),
        approval_id=approval,
        reason_code=job.proposal.reason_code,
        idempotency_key=execution.idempotency_key,
    )
