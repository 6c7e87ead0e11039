"""Silences: what people asked not to hear of, until when, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.rows import add, into


@dataclass(frozen=True, slots=True)
class Silence:
    """``labels`` are values or ``/patterns/``, all of which an alert must have."""

    id: UUID
    labels: Mapping[str, str]
    reason: str
    by: str
    starts_at: datetime
    ends_at: datetime
    ended_by: str | None

    @property
    def short_id(self) -> str:
        """What people type: the last eight hex digits, the random ones."""
        return self.id.hex[-8:]


async def create(
    tx: Tx, labels: Mapping[str, str], *, reason: str, by: str, ends_at: datetime
) -> Silence:
    """Add one that holds from now on."""
    silence = Silence(tx.new_id(), labels, reason, by, tx.now, ends_at, None)
    await add(
        tx,
        tables.silences,
        {
            "id": silence.id,
            "labels": plain(labels),
            "reason": reason,
            "by": by,
            "starts_at": silence.starts_at,
            "ends_at": ends_at,
        },
    )
    return silence


async def list_active(tx: Tx) -> Sequence[Silence]:
    """Give those that hold now, the one that ends last first."""
    rows = await tx.rows(
        "SELECT * FROM silences WHERE ends_at > :now AND tenant_id = :tenant"
        " AND environment = :environment ORDER BY ends_at DESC, id",
        {
            "now": tx.now,
            # Named, since the release role sees every row.
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
        },
    )
    return [into(Silence, row) for row in rows]


async def end(tx: Tx, silence_id: UUID, *, by: str) -> None:
    """
    End one now, and have whatever a silence holds judged anew.

    A task names the silence that held it shortest; another one may have held the alert
    that fires now.
    """
    await tx.change(
        "UPDATE silences SET ends_at = :now, ended_by = :by WHERE id = :id"
        " AND ends_at > :now",
        {"id": silence_id, "by": by, "now": tx.now},
    )
    await tx.change(
        # Locked in the order in which whoever takes alerts in locks them.
        "UPDATE tasks SET opens_at = :now WHERE tenant_id = :tenant"
        " AND environment = :environment AND id = ANY(ARRAY(SELECT id FROM tasks"
        " WHERE waits_for LIKE 'silence:%' AND opens_at > :now AND closed_at IS NULL"
        " AND tenant_id = :tenant AND environment = :environment"
        " ORDER BY created_at, id FOR UPDATE))",
        {
            "now": tx.now,
            # Named, since the release role sees every row.
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
        },
    )
