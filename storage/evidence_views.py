"""Who has opened a card's evidence: all that Slack lets us know of reading."""

from uuid import UUID

from storage import tables
from storage.database import Tx
from storage.rows import add_new


async def keep(tx: Tx, proposal_id: UUID, person: str) -> bool:
    """Note that a person has opened it; False if they had before."""
    return await add_new(
        tx,
        tables.evidence_views,
        {"proposal_id": proposal_id, "person": person, "opened_at": tx.now},
    )


async def holds(tx: Tx, proposal_id: UUID, person: str) -> bool:
    row = await tx.row(
        "SELECT 1 AS one FROM evidence_views WHERE proposal_id = :id"
        " AND person = :person",
        {"id": proposal_id, "person": person},
    )
    return row is not None
