"""What stops a write in its first transaction: the target's lock, hourly counts."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from storage.database import Tx

_LOCK_TARGET = text(
    "INSERT INTO target_locks (tenant_id, environment, target, execution_id, until)"
    " VALUES (:tenant, :environment, :target, :execution, :until)"
    " ON CONFLICT (tenant_id, environment, target) DO UPDATE"
    " SET execution_id = excluded.execution_id, until = excluded.until"
    " WHERE target_locks.until < :now"
    " OR target_locks.execution_id IN (excluded.execution_id, :before)"
)
_COUNT_WRITE = text(
    "INSERT INTO write_counts (tenant_id, environment, kind, name, bucket_at, count)"
    " VALUES (:tenant, :environment, :kind, :name, :bucket, 1)"
    " ON CONFLICT (tenant_id, environment, kind, name, bucket_at) DO UPDATE"
    " SET count = write_counts.count + 1"
)
_UNCOUNT_WRITE = text(
    "UPDATE write_counts SET count = count - 1"
    " WHERE kind = :kind AND name = :name AND bucket_at = :bucket AND count > 0"
)
_READ_COUNTS = text(
    "SELECT kind, coalesce(sum(count), 0) AS n FROM write_counts"
    " WHERE bucket_at > :since AND (kind, name) IN (('tool', :tool),"
    " ('target', :target), ('agent', :agent), ('all', '')) GROUP BY kind"
)
# One writer at a time counts in a tenant's environment, so that a limit of twenty is
# twenty. The number is this lock's own among advisory locks (alembic 0002 has another).
_COUNT_ALONE = text(
    "SELECT pg_advisory_xact_lock(7406913, hashtext(:tenant || '/' || :environment))"
)
# How much longer than its effect may take a target stays one execution's: its worker
# may have gone, and the next one needs a lease and a claim to read back what it did.
# Settling it gives the target back at once.
SLACK_SECONDS = 60.0
# The hour slides in steps of this.
_BUCKET = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who would write with what on what: each has a count of its own."""

    tool: str
    target: str
    agent: str


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """Writes within the last hour, and at most five minutes more."""

    tool: int
    target: int
    agent: int
    everywhere: int


async def lock_target(
    tx: Tx,
    target: str,
    *,
    execution_id: UUID,
    seconds: float,
    before: UUID | None = None,
) -> bool:
    """
    Take the target for one execution; False while another holds it.

    ``before`` is one that it may take it from: of the action that it takes back.
    """
    changed = await tx.change(
        _LOCK_TARGET,
        {
            **_here(tx),
            "target": target,
            "execution": execution_id,
            "before": before or execution_id,
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


async def read_counts(tx: Tx, writer: Writer, *, alone: bool) -> WriteCounts:
    """Read the counts; ``alone`` keeps others from counting until the end."""
    if alone:
        await tx.row(_COUNT_ALONE, _here(tx))
    rows = await tx.rows(
        _READ_COUNTS, {**asdict(writer), "since": tx.now - timedelta(hours=1) - _BUCKET}
    )
    found = {row["kind"]: int(row["n"]) for row in rows}
    return WriteCounts(
        tool=found.get("tool", 0),
        target=found.get("target", 0),
        agent=found.get("agent", 0),
        everywhere=found.get("all", 0),
    )


async def count_write(tx: Tx, writer: Writer) -> None:
    """Count one write under each of its names."""
    for kind, name in _names(writer):
        await tx.change(
            _COUNT_WRITE,
            {**_here(tx), "kind": kind, "name": name, "bucket": _bucket(tx.now)},
        )


async def uncount_write(tx: Tx, writer: Writer, *, counted_at: datetime) -> None:
    """Take back what ``count_write`` counted at that instant."""
    for kind, name in _names(writer):
        await tx.change(
            _UNCOUNT_WRITE, {"kind": kind, "name": name, "bucket": _bucket(counted_at)}
        )


def _names(writer: Writer) -> tuple[tuple[str, str], ...]:
    return (*asdict(writer).items(), ("all", ""))


def _here(tx: Tx) -> dict[str, object]:
    return {"tenant": tx.here.tenant_id, "environment": tx.here.environment}


def _bucket(at: datetime) -> datetime:
    step = int(_BUCKET.total_seconds())
    return datetime.fromtimestamp(at.timestamp() // step * step, UTC)
