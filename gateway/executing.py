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
from datetime import timedelta
from typing import cast
from uuid import UUID

from gateway.gate import Gate, parse_params
from gateway.intent import REFUSED_WAIT_SECONDS, Job, intend
from gateway.outcomes import Ended, Outcome, note_silence, settle
from gateway.ports import (
    ConnectorError,
    NothingSent,
    OutcomeUnknown,
    Refused,
    StateMoved,
)
from gateway.registry import Settled
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import (
    executions,
    proposals,
    tasks,
)
from storage.canonical import plain
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Effect, Step
from wire.control import ExecutionAnswer, ExecutionRequest

_VERIFY_WAIT_SECONDS = 0.5


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
    job = Job(
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
) -> Proposal | None:
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


async def _begin(job: Job) -> ExecutionAnswer:
    """Check everything again, store the intent, run the effect, store the outcome."""
    try:
        now_state = await job.tool.observe(job.params, job.gate.ports)
        reach = await job.tool.estimate(job.params, now_state, job.gate.ports)
    except ConnectorError as exc:
        return ExecutionAnswer(
            code="refused_for_now",
            text=f"{job.tool.name}: {exc}",
            retry_after_seconds=REFUSED_WAIT_SECONDS,
        )
    begun = await intend(job, now_state, reach)
    if isinstance(begun, ExecutionAnswer):
        return begun
    outcome = await _effect(job, begun)
    return await _store(job, begun, outcome)


async def _effect(job: Job, execution: Execution) -> Outcome:
    """Run the connector under the deadline that the intent named."""
    left = (execution.effect_deadline_at - job.gate.database.now()).total_seconds()
    try:
        async with (
            job.gate.database.effect(Effect.tool_write),
            asyncio.timeout(max(left, 0.1)),
        ):
            after = await job.tool.execute(
                job.params, job.before, job.gate.ports, execution.idempotency_key
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


async def _store(job: Job, execution: Execution, outcome: Outcome) -> ExecutionAnswer:
    """Transaction 2: the outcome by execution id, whoever holds the task by now."""
    database = job.gate.database
    async with database.transaction(job.scope, Step.execution_outcome) as tx:
        if outcome.ended is Ended.unknown:
            await note_silence(tx, execution, outcome.error or "no answer")
            return _read_back_later(job, execution)
        return await settle(
            tx, execution, outcome, verify_seconds=job.tool.verify_seconds
        )


async def _reconcile(job: Job, execution: Execution) -> ExecutionAnswer:
    """Read back what became of an effect whose answer is missing."""
    wait = _read_back_later(job, execution)
    if wait.retry_after_seconds > 0:
        return wait
    try:
        now_state = await job.tool.observe(job.params, job.gate.ports)
    except ConnectorError as exc:
        return ExecutionAnswer(
            code="unknown", text=str(exc), retry_after_seconds=REFUSED_WAIT_SECONDS
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


def _read_back_later(job: Job, execution: Execution) -> ExecutionAnswer:
    settled_at = execution.effect_deadline_at + timedelta(
        seconds=job.tool.settle_seconds
    )
    left = (settled_at - job.gate.database.now()).total_seconds()
    return ExecutionAnswer(
        code="unknown",
        text="no answer came; reading back after the effect's deadline",
        retry_after_seconds=max(0.0, left),
    )


async def _verify(job: Job, execution: Execution) -> ExecutionAnswer:
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
