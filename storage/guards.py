"""What stops a write in its first transaction: freeze, target lock, hourly limit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from storage.database import Tx

_LOCK_TARGET = text(
    "INSERT INTO target_locks (tenant_id, environment, target, execution_id, until)"
    " VALUES (:tenant, :environment, :target, :execution, :until)"
    " ON CONFLICT (tenant_id, environment, target) DO UPDATE"
    " SET execution_id = excluded.execution_id, until = excluded.until"
    " WHERE target_locks.until < :now"
)
_COUNT_WRITE = text(
    "INSERT INTO write_limits (tenant_id, environment, tool, hour_at, count)"
    " VALUES (:tenant, :environment, :tool, :hour, 1)"
    " ON CONFLICT (tenant_id, environment, tool, hour_at) DO UPDATE"
    " SET count = write_limits.count + 1"
)


_READ_FREEZE = text("SELECT frozen, reason, by, until FROM freezes")
_READ_FREEZE_LOCKED = text("SELECT frozen, reason, by, until FROM freezes FOR SHARE")


@dataclass(frozen=True, slots=True)
class Freeze:
    frozen: bool
    reason: str
    by: str
    until: datetime | None


async def read_freeze(tx: Tx, *, lock: bool) -> Freeze:
    """
    Read whether writes are frozen; no row means frozen.

    ``lock`` takes the row FOR SHARE, so that a freeze waits for writes that have begun
    and nothing begins after its answer.
    """
    row = await tx.row(_READ_FREEZE_LOCKED if lock else _READ_FREEZE)
    if row is None:
        return Freeze(frozen=True, reason="no freeze row", by="autopilot", until=None)
    over = row["until"] is not None and row["until"] <= tx.now
    return Freeze(
        frozen=row["frozen"] and not over,
        reason=row["reason"],
        by=row["by"],
        until=row["until"],
    )


async def lock_target(
    tx: Tx, target: str, *, execution_id: UUID, seconds: float
) -> bool:
    """Take the target for one execution; False while another holds it."""
    changed = await tx.change(
        _LOCK_TARGET,
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "target": target,
            "execution": execution_id,
            "until": tx.now + timedelta(seconds=seconds),
            "now": tx.now,
        },
    )
    return changed == 1


async def release_target(tx: Tx, execution_id: UUID) -> None:
    await tx.change(
        "DELETE FROM target_locks WHERE execution_id = :execution",
        {"execution": execution_id},
    )


async def count_writes(tx: Tx, tool: str) -> int:
    """Give the writes of the current clock hour."""
    row = await tx.row(
        "SELECT coalesce(sum(count), 0) AS n FROM write_limits WHERE tool = :tool"
        " AND hour_at = :hour",
        {"tool": tool, "hour": _hour(tx.now)},
    )
    return int(row["n"]) if row else 0


async def count_write(tx: Tx, tool: str) -> None:
    await tx.change(
        _COUNT_WRITE,
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "tool": tool,
            "hour": _hour(tx.now),
        },
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
