"""The cards that wait for people, as they are listed: whose they are comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.alert import Severity
from policy.person import Person
from storage.database import Tx
from storage.open_tasks import Wanted
from storage.proposals import MAY_DECIDE, PENDING, Proposal, decider
from storage.rows import into

_FROM = f"""
    FROM proposals p JOIN tasks t ON t.id = p.task_id
      AND t.tenant_id = p.tenant_id AND t.environment = p.environment
    WHERE {PENDING} AND t.kind = coalesce(CAST(:kind AS text), t.kind)
      AND (CAST(:owner AS text) IS NULL OR t.takeover_by = :owner)
      AND (NOT :waiting OR {MAY_DECIDE})
"""
_LIST = f"""
    SELECT p.*, {MAY_DECIDE} AS mine,
      array_position(CAST(:ranks AS text[]), t.severity) AS rank {_FROM}
    ORDER BY mine DESC, rank, p.created_at, p.id LIMIT :most
"""
_COUNT = f"""
    SELECT count(*) AS n, count(*) FILTER (WHERE {MAY_DECIDE}) AS mine {_FROM}
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    A proposal that waits; ``mine``: its reader may still decide on it.

    ``rank`` is its task's severity, 1 for the most severe.
    """

    proposal: Proposal
    mine: bool
    rank: int

    @property
    def order(self) -> tuple[bool, int, datetime, UUID]:
        """Give its place among those of other environments."""
        one = self.proposal
        return not self.mine, self.rank, one.created_at, one.id


async def list_pending(
    tx: Tx, person: Person | None, wanted: Wanted, *, most: int
) -> Sequence[Waiting]:
    """
    Give what waits for a person's decision or hand, the oldest of a severity first.

    What this person may still decide comes before all else, then what is severe.
    """
    values = _values(person, wanted) | {
        "most": most,
        "ranks": [one.value for one in Severity],
    }
    rows = await tx.rows(_LIST, values)
    return [
        Waiting(into(Proposal, row), bool(row["mine"]), int(row["rank"] or 0))
        for row in rows
    ]


async def count_pending(
    tx: Tx, person: Person | None, wanted: Wanted
) -> tuple[int, int]:
    """Give how many wait, and how many of them this person may still decide."""
    row = await tx.row(_COUNT, _values(person, wanted))
    return (row["n"], row["mine"]) if row else (0, 0)


def _values(person: Person | None, wanted: Wanted) -> dict[str, object]:
    made: Mapping[str, object] = {
        "kind": wanted.kind,
        "owner": wanted.owner,
        "waiting": wanted.decider is not None,
        **decider(person),
    }
    return dict(made)
