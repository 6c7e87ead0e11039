"""
An execution whose rows this release can't read: nothing is sent, a person looks later.

Two releases run side by side while one is rolled out or back, and the other one reads
the rows: the step is refused, as often as a fault of ours may come again, and its asker
leaves it to a person then. What no release reads any more is ended by what it is: what
was approved is withdrawn, what was carried out is of unknown outcome. An effect under
way is waited for before either.
"""

from gateway.gate import Gate, RefusedCall
from gateway.intent import Job, taken, void
from gateway.outcome import Ended, Outcome
from gateway.outcomes import Checked, settle, settle_verification
from gateway.stored import UnreadableRow, read_params, read_state, read_tool
from gateway.veil import lift, told
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import proposals, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Step
from wire.control import ExecutionAnswer, ExecutionRequest


async def read_job(
    gate: Gate, tx: Tx, request: ExecutionRequest, proposal: Proposal
) -> Job | RefusedCall:
    """Type what the proposal's rows hold; or say why this release can't."""
    try:
        tool = read_tool(gate.registry, proposal.tool)
        params = await lift(gate, tx, proposal.task_id, plain(proposal.params))
        before = await lift(gate, tx, proposal.task_id, plain(proposal.before))
        typed = read_params(tool, params)
        seen = read_state(tool, before, what="before")
    except RefusedCall as refusal:
        return refusal
    return Job(gate, request, proposal, tool, typed, seen)


async def leave_to_person(
    gate: Gate,
    request: ExecutionRequest,
    proposal: Proposal,
    last: Execution | None,
    refusal: RefusedCall,
) -> ExecutionAnswer:
    """
    End the step that can't be taken; its card and its task say why.

    Raises:
        RefusedCall: another release may read its rows: ask again.
    """
    scope = Scope(request.tenant_id, request.environment)
    left = _seconds_left(gate, proposal, last)
    if left > 0:
        return ExecutionAnswer(
            code="unknown", text=refusal.message, retry_after_seconds=left
        )
    if isinstance(refusal, UnreadableRow):
        await _refuse_for_now(gate, scope, proposal, refusal)
    if proposal.state is ProposalState.approved:
        return await _withdraw(gate, scope, request, proposal, refusal)
    if last is None:
        raise LookupError(f"proposal {proposal.id}: {proposal.state} without execution")
    if proposal.state is ProposalState.verifying:
        async with gate.database.transaction(scope, Step.execution_verified) as tx:
            text = await _told(gate, tx, proposal, refusal)
            return await settle_verification(tx, last, Checked(None, text, {}))
    async with gate.database.transaction(scope, Step.execution_outcome) as tx:
        text = await _told(gate, tx, proposal, refusal)
        return await settle(tx, last, Outcome(Ended.lost, error=text))


async def _withdraw(
    gate: Gate,
    scope: Scope,
    request: ExecutionRequest,
    proposal: Proposal,
    refusal: RefusedCall,
) -> ExecutionAnswer:
    async with gate.database.transaction(scope, Step.execution_intent) as tx:
        task = await tasks.get_held(
            tx, proposal.task_id, request.fence, TaskState.executing
        )
        now = await proposals.get(tx, proposal.id, lock=True)
        waits = await taken(tx, task, now)
        if waits is not None:
            return waits
        text = await told(gate, tx, task.id, f"nothing was sent: {refusal.message}")
        return await void(tx, task, now, text)


async def _refuse_for_now(
    gate: Gate, scope: Scope, proposal: Proposal, refusal: RefusedCall
) -> None:
    """
    Refuse the step, in words that its asker may store.

    Raises:
        RefusedCall: always, but for what was approved, where a person has the task.
    """
    async with gate.database.transaction(scope, Step.look) as tx:
        task = await tasks.get(tx, proposal.task_id, lock=True)
        text = await told(gate, tx, task.id, refusal.message)
    if proposal.state is ProposalState.approved and task.takeover_by is not None:
        return
    raise RefusedCall(
        refusal.code, rule=refusal.rule, message=text, status=refusal.status
    )


async def _told(gate: Gate, tx: Tx, proposal: Proposal, refusal: RefusedCall) -> str:
    await tasks.get(tx, proposal.task_id, lock=True)
    return await told(gate, tx, proposal.task_id, refusal.message)


def _seconds_left(gate: Gate, proposal: Proposal, last: Execution | None) -> float:
    """Give for how long what was sent is still waited for, as before a read-back."""
    if last is None or proposal.state is not ProposalState.executing:
        return 0.0
    tool = gate.registry.find_write(proposal.tool)
    settle_seconds = tool.settle_seconds if tool else 0.0
    left = last.effect_deadline_at - gate.database.now()
    return left.total_seconds() + settle_seconds
