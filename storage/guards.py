"""What stops a write in its first transaction: the target's lock, hourly counts."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from storage.database import Tx

# One that is to be read back, or sent again.
_IS_UNDER_WAY = (
    "EXISTS (SELECT FROM executions AS e"
    " JOIN proposals AS p ON p.id = e.proposal_id"
    " LEFT JOIN reversions AS r ON e.kind = 'revert' AND r.proposal_id = p.id"
    " WHERE e.id = target_locks.execution_id AND e.outcome IS NULL"
    " AND CASE e.kind WHEN 'revert' THEN r.state = 'running'"
    " ELSE p.state = 'executing' END)"
)
_LOCK_TARGET = text(
    "INSERT INTO target_locks (tenant_id, environment, target, execution_id, until)"  # noqa: S608 - no value
    " VALUES (:tenant, :environment, :target, :execution, :until)"
    " ON CONFLICT (tenant_id, environment, target) DO UPDATE"
    " SET execution_id = excluded.execution_id, until = excluded.until"
    " WHERE target_locks.execution_id = excluded.execution_id"
    " OR target_locks.execution_id = ANY(:before)"
    f" OR (target_locks.until < :now AND NOT {_IS_UNDER_WAY})"
)
# Whoever holds it was read back in vain, and waits to be sent again.
_FIND_UNSEEN = text(
    "SELECT 1 AS one FROM target_locks AS l JOIN executions AS e"
    " ON e.id = l.execution_id WHERE l.target = :target AND l.until < :now"
    " AND e.outcome IS NULL AND e.verification ? 'unseen'"
)
_FIND_OTHER = text(
    "SELECT 1 AS one FROM target_locks WHERE target = :target"  # noqa: S608 - as above
    " AND execution_id <> :execution AND execution_id <> ALL(:before)"
    f" AND (until >= :now OR {_IS_UNDER_WAY})"
)
_EXTEND = text(
    "UPDATE target_locks SET until = greatest(until, :until)"
    " WHERE execution_id = :execution"
)
# Under this name a target is locked by what takes something back beside a write that
# waits to be sent again, and keeps its own lock.
_BESIDE = "beside:"
# Under this name what takes something back says for a minute that it waits.
_ASKED = "asked:"
_ASKED_SECONDS = 60.0
_ASK = text(
    "INSERT INTO target_locks (tenant_id, environment, target, execution_id, until)"
    " VALUES (:tenant, :environment, :target, :by, :until)"
    " ON CONFLICT (tenant_id, environment, target) DO UPDATE"
    " SET execution_id = excluded.execution_id, until = excluded.until"
)
# One execution may have both, and both are taken in this order.
_HOLD = text(
    "SELECT 1 AS one FROM target_locks WHERE execution_id = :execution"
    " ORDER BY starts_with(target, 'beside:') FOR UPDATE"
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
# How much longer than its effect may take a target stays one execution's that was
# given up: what it sent may still land. Settling it gives the target back at once,
# unless it was lost or not seen.
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
    before: Collection[UUID] = (),
    undoes: bool = False,
) -> bool:
    """
    Take the target for one execution; False while another holds it.

    One that is to be read back holds it until it is, however long that takes: who
    changed the same target meanwhile would be taken for it. One that was given up holds
    it for its ``seconds``. One that ``undoes`` something goes on beside a write that
    was read back in vain and waits to be sent again: it waits for no freeze.
    ``before`` are those that it may take it from: of what it takes back.
    """
    values = {
        "target": target,
        "execution": execution_id,
        "before": list(before),
        "until": tx.now + timedelta(seconds=seconds),
        "now": tx.now,
    }
    beside = {**values, "target": f"{_BESIDE}{target}"}
    asked = {name: one for name, one in beside.items() if name != "until"}
    if await tx.row(_FIND_OTHER, asked) is not None:
        return False
    if await tx.change(_LOCK_TARGET, {**_here(tx), **values}) == 1:
        # Whoever began beside it meanwhile has waited for nothing.
        return await tx.row(_FIND_OTHER, asked) is None
    if not undoes:
        return False
    if await tx.row(_FIND_UNSEEN, {"target": target, "now": tx.now}) is None:
        return False
    return await tx.change(_LOCK_TARGET, {**_here(tx), **beside}) == 1


async def ask_for_target(tx: Tx, target: str, *, by: UUID) -> None:
    """Say for a minute that what takes something back waits for a target."""
    await tx.change(
        _ASK,
        {
            **_here(tx),
            "target": f"{_ASKED}{target}",
            "by": by,
            "until": tx.now + timedelta(seconds=_ASKED_SECONDS),
        },
    )


async def is_asked_for(tx: Tx, target: str) -> bool:
    """Tell whether what takes something back has just said that it waits."""
    row = await tx.row(
        "SELECT 1 AS one FROM target_locks WHERE target = :target AND until >= :now",
        {"target": f"{_ASKED}{target}", "now": tx.now},
    )
    return row is not None


async def extend_lock(tx: Tx, execution_id: UUID, *, seconds: float) -> None:
    """Have an execution keep the target that it has for so long from now."""
    until = tx.now + timedelta(seconds=seconds)
    await tx.row(_HOLD, {"execution": execution_id})
    await tx.change(_EXTEND, {"execution": execution_id, "until": until})


async def release_target(tx: Tx, execution_id: UUID) -> None:
    await tx.row(_HOLD, {"execution": execution_id})
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
