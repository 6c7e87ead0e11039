"""
What a system answers after the outcome of its effect was settled without it.

A process may sit on an answer while the database is away; another one reads back, or a
person speaks, meanwhile. Their word stands; the answer is told, and never dropped.
"""

from uuid import UUID

from gateway.expiring import resume_reversion
from policy.event import Event
from policy.lifecycle import ProposalEvent
from policy.proposal import ProposalState
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
    if answer.outcome != _APPLIED or stands.kind != "apply":
        return
    if answer.after is not None:
        await executions.keep_after(tx, execution_id, answer.after)
    if proposal.state is ProposalState.outcome_unknown:
        # Nobody's word stands yet: it is measured, as if it had come in time.
        await proposals.move(tx, proposal, ProposalEvent.applied)
    if proposal.state is not ProposalState.undone:
        reason = "its system answered after all: it took effect"
        await resume_reversion(tx, proposal, stands, reason=reason)
    await posts.post_cards(tx, proposal)
