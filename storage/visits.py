"""When each webhook endpoint last heard from its sender, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from storage.database import Tx
from storage.rows import into


@dataclass(frozen=True, slots=True)
class Visit:
    """The last delivery that was taken, and the last that was refused."""

    taken_at: datetime | None = None
    refused_at: datetime | None = None
    refused_status: int | None = None


async def keep(tx: Tx, endpoint_id: UUID, visit: Visit) -> None:
    """Note a visit, unless a later one is noted; nothing of what was removed."""
    await tx.change(
        "INSERT INTO webhook_visits AS v (tenant_id, environment, endpoint_id,"
        " taken_at, refused_at, refused_status) SELECT w.tenant_id, w.environment,"
        " w.id, CAST(:taken AS timestamptz), CAST(:refused AS timestamptz),"
        " CAST(:status AS integer) FROM webhook_endpoints w WHERE w.id = :id"
        " ON CONFLICT (tenant_id, environment, endpoint_id) DO UPDATE SET"
        " taken_at = greatest(v.taken_at, excluded.taken_at),"
        " refused_status = CASE WHEN excluded.refused_at"
        " >= coalesce(v.refused_at, excluded.refused_at)"
        " THEN excluded.refused_status ELSE v.refused_status END,"
        " refused_at = greatest(v.refused_at, excluded.refused_at)",
        {
            "id": endpoint_id,
            "taken": visit.taken_at,
            "refused": visit.refused_at,
            "status": visit.refused_status,
        },
    )


async def list_seen(tx: Tx) -> Mapping[UUID, Visit]:
    """Give the visits of all endpoints that the transaction sees, by their ids."""
    rows = await tx.rows("SELECT * FROM webhook_visits")
    return {row["endpoint_id"]: into(Visit, row) for row in rows}
