"""How the actions of an agent version ended: what its next one is weighed by."""

from policy.risk import RECORD_OF, AgentRecord
from storage.database import Tx

# Its WHERE is the predicate of ix_proposals_record.
_ENDS = """
    SELECT count(*) FILTER (WHERE state = 'succeeded') AS verified,
      count(*) FILTER (WHERE state <> 'succeeded') AS failed
    FROM (
      SELECT state FROM proposals
      WHERE state IN ('succeeded', 'failed', 'undone', 'outcome_unknown')
        AND tenant_id = :tenant AND environment = :environment AND proposed_by = :by
      ORDER BY created_at DESC LIMIT :most) p
"""


async def read(tx: Tx, proposed_by: str) -> AgentRecord:
    """Count the ends of the last that such a proposer has carried out in this scope."""
    row = await tx.row(
        _ENDS,
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "by": proposed_by,
            "most": RECORD_OF,
        },
    )
    if row is None:
        return AgentRecord(0, 0)
    return AgentRecord(verified=row["verified"], failed=row["failed"])
