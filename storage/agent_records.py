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

# A version that has done nothing for so long is spoken of no more.
_SPOKEN_OF_DAYS = 30
_ENDS_OF_EACH = """
    SELECT proposed_by, count(*) FILTER (WHERE state = 'succeeded') AS verified,
      count(*) FILTER (WHERE state <> 'succeeded') AS failed
    FROM (
      SELECT proposed_by, state,
        row_number() OVER (PARTITION BY proposed_by ORDER BY created_at DESC) AS at
      FROM proposals
      WHERE state IN ('succeeded', 'failed', 'undone', 'outcome_unknown')
        AND tenant_id = :tenant AND environment = :environment
        AND proposed_by LIKE 'agent %'
        AND created_at > :now - make_interval(days => :days)) p
    WHERE at <= :most GROUP BY proposed_by ORDER BY proposed_by
"""


async def list_bad(tx: Tx) -> list[tuple[str, AgentRecord]]:
    """Give the agent versions whose record makes what they propose riskier."""
    rows = await tx.rows(
        _ENDS_OF_EACH,
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "now": tx.now,
            "days": _SPOKEN_OF_DAYS,
            "most": RECORD_OF,
        },
    )
    found = [
        (row["proposed_by"], AgentRecord(row["verified"], row["failed"]))
        for row in rows
    ]
    return [one for one in found if one[1].is_bad]


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
