"""
Transaction 1 of an execution: everything is checked again, then the intent is stored.

Fence, takeover, digest, target, reach, policy with the approvals given, the freeze row
FOR SHARE, the target's lock: what fails here has sent nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from pydantic import BaseModel

from gateway.asking_anew import ask_anew
from gateway.assessment import digest_of
from gateway.consent import Action, Consent, ask_again
from gateway.effect import Write
from gateway.gate import Gate, RefusedCall, say_rule
from gateway.registry import AnyWrite, Estimate, Settled
from gateway.restraints import hold_seconds, target_of
from gateway.veil import told
from policy.decision import Decision, Verdict
from policy.event import Event
from policy.lifecycle import ProposalEvent, TaskEvent, after_lapsed
from policy.proposal import UNDER_WAY, ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import (
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
from storage.database import Tx
from storage.executions import Execution, NewExecution
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from storage.tool_calls import NewCall
from wire.control import ExecutionAnswer, ExecutionRequest

REFUSED_WAIT_SECONDS = 5.0
_TAKEN_WAIT_SECONDS = 0.5
# Guards of rules/guards.cedar that time lifts: the approval stands meanwhile.
_FOR_NOW = frozenset(
    {
        "frozen",
        "frozen-whole",
        "action-budget",
        "target-budget",
        "agent-budget",
        "environment-budget",
    }
)


@dataclass(frozen=True, slots=True)
class Job:
    """One step of one execution, with what was read before the transaction."""

    gate: Gate
    request: ExecutionRequest
    proposal: Proposal
    tool: AnyWrite
    params: BaseModel
    before: BaseModel

    @property
    def scope(self) -> Scope:
        return Scope(self.request.tenant_id, self.request.environment)

    @property
    def task_id(self) -> UUID:
        return self.proposal.task_id

    @property
    def write(self) -> Write:
        return Write(
            self.gate,
            self.tool,
            self.params,
            self.before,
            self.proposal.reason_code,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """
    The world right before the intent; ``refused`` is what a dry run said.

    ``looked`` False: nobody was asked, so nothing may begin.
    """

    state: BaseModel
    reach: Estimate
    refused: str | None = None
    looked: bool = True


async def intend(job: Job, look: Look) -> Execution | ExecutionAnswer:
    """Transaction 1: all guards, then the execution row."""
    gate = job.gate
    async with gate.database.transaction(job.scope, Step.execution_intent) as tx:
        task = await tasks.get_held(
            tx, job.task_id, job.request.fence, TaskState.executing
        )
        proposal = await proposals.get(tx, job.proposal.id, lock=True)
        waits = await taken(tx, task, proposal)
        if waits is not None:
            return waits
        if task.takeover_by is not None:
            return await void(tx, task, proposal, f"{task.takeover_by} took over")
        broken = _broken(job, task, proposal, look)
        broken = broken or await say_stale(job, tx, task, proposal)
        if is_over(proposal, tx.now):
            broken = "its approval ran out before it could run"
        if broken is not None:
            broken = await told(gate, tx, task.id, broken, outside=True)
            return await void(tx, task, proposal, broken)
        waits = await _put_off(tx, proposal)
        if waits is None and not look.looked:
            waits = ExecutionAnswer(code="refused_for_now", text="its time has come")
        if waits is not None:
            return waits
        action = Action(job.tool, job.params, job.before)
        consent = await ask_again(gate.policy, tx, task, proposal, action)
        decision = consent.decision
        if decision.verdict is not Verdict.allow:
            return await _refuse(job, tx, task, proposal, consent)
        execution = await executions.begin(
            tx,
            NewExecution(
                task_id=task.id,
                proposal_id=proposal.id,
                kind="apply",
                fence=job.request.fence,
                before=plain(proposal.before),
                effect_deadline_at=tx.now + timedelta(seconds=job.tool.effect_seconds),
            ),
        )
        await lock_target(tx, job.tool, job.params, execution, of=proposal.undoes)
        await guards.count_write(tx, consent.writer)
        await proposals.move(tx, proposal, ProposalEvent.begun)
        await tool_calls.begin(tx, _contract(job, task, consent, execution))
        await _log_begun(job, tx, execution, say_rule(decision))
        await posts.post_card(tx, proposal.id)
        await posts.end_wait(tx, task)
    return execution


async def taken(tx: Tx, task: Task, proposal: Proposal) -> ExecutionAnswer | None:
    """Wait where another call took this step, or another action of the task runs."""
    text = f"another call took this step: {proposal.state}"
    if proposal.state is ProposalState.approved:
        every = await proposals.list_of_task(tx, task.id)
        if all(one.state not in UNDER_WAY for one in every):
            return None
        text = f"{proposal.title} waits: another action of this task is under way"
    return ExecutionAnswer(
        code="refused_for_now", text=text, retry_after_seconds=_TAKEN_WAIT_SECONDS
    )


async def _put_off(tx: Tx, proposal: Proposal) -> ExecutionAnswer | None:
    """Wait while the system that put the write off does not want to be asked."""
    last = await executions.find_last(tx, proposal.id)
    if last is None or last.not_before is None or last.not_before <= tx.now:
        return None
    return ExecutionAnswer(
        code="refused_for_now",
        text=last.error or "put off",
        retry_after_seconds=(last.not_before - tx.now).total_seconds(),
    )


def is_over(proposal: Proposal, now: datetime) -> bool:
    """Tell whether the card's time is over, though nobody has swept it yet."""
    return proposal.latest_at <= now or (
        proposal.expires_at is not None and proposal.expires_at <= now
    )


async def _log_begun(job: Job, tx: Tx, execution: Execution, rule: str) -> None:
    await ledger.append(
        tx,
        Event.task_execution_begun,
        actor="gateway",
        task_id=execution.task_id,
        body={
            "proposal": execution.proposal_id,
            "digest": job.proposal.digest,
            "execution": execution.id,
            "rule": rule,
            "fence": job.request.fence,
        },
    )


async def lock_target(
    tx: Tx,
    tool: AnyWrite,
    params: BaseModel,
    execution: Execution,
    *,
    of: UUID | None,
) -> None:
    """
    Keep other executions off the target while this one may still have an effect.

    ``of`` is the action that it takes back: what was given up of that holds nothing.

    Raises:
        RefusedCall: another one holds it; the transaction is rolled back.
    """
    target = target_of(tool, params)
    seconds = hold_seconds(tool, tool.effect_seconds)
    settle = timedelta(seconds=tool.settle_seconds)
    tries = [] if of is None else await executions.list_unsure(tx, of)
    over = [one.id for one in tries if one.effect_deadline_at + settle < tx.now]
    if not await guards.lock_target(
        tx,
        target,
        execution_id=execution.id,
        seconds=seconds,
        before=over,
        undoes=of is not None,
    ):
        raise TargetBusy(target)


class TargetBusy(RefusedCall):
    """Another execution holds the target; transaction 1 is rolled back."""

    def __init__(self, target: str) -> None:
        self.target = target
        super().__init__(
            "target_busy",
            rule="target-lock",
            message=f"{target} is held by another execution; try again later",
            status=409,
        )


def say_other(job: Job, task: Task, proposal: Proposal) -> str | None:
    """Say how row or release differ from what was approved; None if they don't."""
    shown = digest_of(task, proposal)
    if proposal.digest != shown:
        return (
            f"digest {proposal.digest[:8]} was approved, {shown[:8]} is to run; "
            "ask for approval again"
        )
    if proposal.tool_version != job.tool.version:
        return (
            f"{job.tool.name} {proposal.tool_version} was approved, this gateway has "
            f"version {job.tool.version}; propose it again"
        )
    return None


def _broken(job: Job, task: Task, proposal: Proposal, look: Look) -> str | None:
    """Say why what was approved is not what would run; None if it is."""
    other = say_other(job, task, proposal)
    if other is not None:
        return other
    if look.refused is not None:
        return look.refused
    # A system without versions may read the same though somebody did it meanwhile.
    stands = job.tool.already and job.tool.already(job.params, look.state)
    if stands:
        return f"{stands} meanwhile, so nothing was done"
    found = job.tool.reconcile(job.params, job.before, look.state)
    if found is not Settled.not_applied:
        return "the target changed since it was shown; look again"
    return say_grown(job, proposal, look)


def say_grown(job: Job, proposal: Proposal, look: Look) -> str | None:
    """Say how far the reach has grown since the card; an undo is never too large."""
    if proposal.undoes is not None:
        return None
    approved = float(cast("float", proposal.estimate.get("amount", 0)))
    if not look.reach.amount <= max(approved, 1.0) * job.tool.growth_ratio:
        return f"the reach grew from {approved:,.0f} to {look.reach.amount:,.0f}"
    return None


async def say_stale(job: Job, tx: Tx, task: Task, proposal: Proposal) -> str | None:
    """Say why what was approved is of yesterday; an undo is never that."""
    if proposal.undoes is not None:
        return None
    if task.quiet_at is not None:
        return "every alert of the task has resolved meanwhile"
    every = await tool_calls.list_evidence(tx, task.id)
    cited = [one for one in every if str(one.id) in proposal.evidence_ids]
    for one in cited:
        age = (tx.now - one.created_at).total_seconds()
        if age > job.tool.evidence_seconds:
            return (
                f"its evidence from {one.tool} is {age / 60:,.0f} min old, at most "
                f"{job.tool.evidence_seconds / 60:,.0f} are allowed; look again"
            )
    age = (tx.now - proposal.created_at).total_seconds()
    if not cited and age > job.tool.evidence_seconds:
        return (
            f"it cites nothing, and its target was last seen {age / 60:,.0f} min ago, "
            f"at most {job.tool.evidence_seconds / 60:,.0f} are allowed; look again"
        )
    return None


def waits_for_time(decision: Decision) -> bool:
    """Tell whether time alone lifts what denies it: the approval stands meanwhile."""
    return bool(decision.denied_by) and _FOR_NOW.issuperset(decision.denied_by)


async def _refuse(
    job: Job, tx: Tx, task: Task, proposal: Proposal, consent: Consent
) -> ExecutionAnswer:
    """Freeze and limit wait; more approval asked goes to people; the rest lapses."""
    decision = consent.decision
    body = {
        "proposal": str(proposal.id),
        "rule": say_rule(decision),
        "reason": decision.reason,
    }
    await ledger.append_once(
        tx,
        Event.task_execution_refused,
        actor="gateway",
        task_id=task.id,
        body=body,
    )
    if waits_for_time(decision):
        return ExecutionAnswer(
            code="refused_for_now",
            text=decision.reason,
            retry_after_seconds=REFUSED_WAIT_SECONDS,
        )
    if decision.verdict is Verdict.require_approval:
        await ask_anew(job.gate.policy.people, tx, task, proposal, consent)
    else:
        reason = decision.reason
        await proposals.move(tx, proposal, ProposalEvent.denied, reason=reason)
        await posts.post_cards(tx, proposal)
    await _lapse(tx, task, reason=decision.reason)
    return ExecutionAnswer(code="lapsed", text=decision.reason)


async def void(tx: Tx, task: Task, proposal: Proposal, reason: str) -> ExecutionAnswer:
    """Withdraw what was approved and has not begun, and move its task on."""
    over = is_over(proposal, tx.now)
    event = ProposalEvent.expired if over else ProposalEvent.withdrawn
    await moves.close(tx, task, proposal, event, reason=reason)
    if task.takeover_by is not None:
        await moves.move(
            tx, task, TaskEvent.taken_over, actor=task.takeover_by, reason=reason
        )
    else:
        await _lapse(tx, task, reason=reason)
    return ExecutionAnswer(code="lapsed", text=reason)


async def _lapse(tx: Tx, task: Task, *, reason: str) -> None:
    every = await proposals.list_of_task(tx, task.id)
    event = after_lapsed(
        [one.state for one in every], alerts_resolved=task.quiet_at is not None
    )
    await moves.move(tx, task, event, actor="gateway", reason=reason)


def _contract(
    job: Job,
    task: Task,
    consent: Consent,
    execution: Execution,
) -> NewCall:
    return NewCall(
        task_id=task.id,
        run_id=job.proposal.run_id,
        tool=job.tool.name,
        tool_version=job.tool.version,
        phase="apply",
        inputs=plain(job.proposal.params),
        correlation_id=task.correlation_id,
        verdict=consent.decision.verdict,
        rule=say_rule(consent.decision),
        approval_id=consent.approval,
        reason_code=job.proposal.reason_code,
        idempotency_key=execution.idempotency_key,
    )
