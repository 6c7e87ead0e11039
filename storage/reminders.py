"""Reminders of a card that is decided: what was said in its thread says so, too."""

from policy.proposal import ProposalState
from storage import outbox, proposals
from storage.database import Tx
from storage.outbox import Lane, NewPost
from storage.proposals import WAITING, Proposal


async def settle(tx: Tx, proposal: Proposal) -> None:
    """
    Have each reminder of a decided card say that it is; the caller holds its task.

    One speaks for all that share a card, for the next of them while one waits.
    """
    if proposal.state in WAITING:
        return
    alike = await proposals.list_alike(tx, proposal)
    waits = any(state is ProposalState.needs_approval for _, state in alike)
    rows = await tx.rows(
        "SELECT DISTINCT ON (slot) slot, payload FROM outbox WHERE task_id = :task"
        " AND kind = 'reminder' AND payload->>'proposal_id' = ANY(:ids)"
        " ORDER BY slot, version DESC",
        {"task": proposal.task_id, "ids": [str(one) for one, _ in alike]},
    )
    for row in rows:
        if row["payload"].get("state") in WAITING:
            # Whom it speaks for is found as it is sent.
            now = {} if waits else {"state": str(proposal.state)}
            facts = {**row["payload"], **now}
            new = NewPost(
                proposal.task_id, row["slot"], "reminder", facts, Lane.chatter
            )
            await outbox.post(tx, new)
