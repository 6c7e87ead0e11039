"""
What a system answers after the outcome of its effect was settled without it.

A process may sit on an answer while the database is away; another one reads back, or a
person speaks, meanwhile. Their word stands; the answer is told, and never dropped.
"""

from uuid import UUID

from gateway.expiring import cancel_reversion, resume_reversion
from policy.event import Event
from policy.lifecycle import ProposalEvent
from policy.proposal import UNDER_WAY, ProposalState
from storage import executions, ledger, posts, proposals
from storage.database import Tx
from storage.executions import Ending
from storage.proposals import Proposal

_APPLIED, _LOST = "applied", "lost"


async def keep_late(
    tx: Tx, proposal: Proposal, execution_id: UUID, answer: Ending
) -> None:
    """
    Log an answer that tells otherwise than what stands, once.

    What took effect after all, and expires, is taken back at its instant. The caller
    holds the task.
    """
    stands = await executions.get(tx, execution_id)
    if answer.outcome in {stands.outcome, _LOST}:
        return
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
    if stands.kind != "apply":
        return
    if answer.outcome != _APPLIED:
        await _failed_after_all(tx, proposal, answer)
        return
    if answer.after is not None:
        await executions.keep_after(tx, execution_id, answer.after)
    if proposal.state is ProposalState.outcome_unknown and await _is_alone(
        tx, proposal
    ):
        # Nobody's word stands yet: it is measured, as if it had come in time.
        await executions.keep_deadline(tx, execution_id, answer.verify_deadline_at)
        await proposals.move(tx, proposal, ProposalEvent.applied)
    if proposal.state is not ProposalState.undone:
        reason = "its system answered after all: it took effect"
        await resume_reversion(tx, proposal, stands, reason=reason)
    await posts.post_cards(tx, proposal)


async def _failed_after_all(tx: Tx, proposal: Proposal, answer: Ending) -> None:
    """Settle what nobody could tell: its system says that it did not take effect."""
    if proposal.state is not ProposalState.outcome_unknown:
        return
    reason = f"its system answered after all: {answer.error or answer.outcome}"
    await proposals.move(tx, proposal, ProposalEvent.failed, reason=reason)
    await cancel_reversion(tx, proposal.id, reason=reason)
    await posts.post_cards(tx, proposal)


async def _is_alone(tx: Tx, proposal: Proposal) -> bool:
    """Tell whether no other action of the task runs, and no undo of this one lives."""
    every = await proposals.list_of_task(tx, proposal.task_id)
    undo = await proposals.find_undo(tx, proposal.id)
    undoing = undo is not None and (undo.state.is_open or undo.state in UNDER_WAY)
    return not undoing and all(one.state not in UNDER_WAY for one in every)
