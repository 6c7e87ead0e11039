"""Alerts: one row a fingerprint, counted; and which task they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from policy.alert import Alert, AlertStatus, Severity
from policy.task import TaskState
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.rows import add, here, into

# Not a join: that is planned for a few alerts, and goes through all pairs of many.
_OF_TASK = "id = ANY(ARRAY(SELECT alert_id FROM task_alerts WHERE task_id = :task))"


@dataclass(frozen=True, slots=True)
class StoredAlert:
    id: UUID
    source: str
    fingerprint: str
    title: str
    severity: Severity
    status: AlertStatus
    service: str | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None
    count: int


@cache
def _upsert() -> ReturningInsert[*tuple[object, ...]]:
    """Build what counts an alert onto its row: the newest words win."""
    table = tables.alerts
    new = insert(table)
    newest = (
        "title",
        "severity",
        "status",
        "labels",
        "annotations",
        "links",
        "starts_at",
        "ends_at",
        "last_seen_at",
    )
    return new.on_conflict_do_update(
        index_elements=["tenant_id", "environment", "fingerprint"],
        set_={
            **{name: new.excluded[name] for name in newest},
            "count": table.c.count + 1,
        },
    ).returning(table)


async def upsert(tx: Tx, alert: Alert) -> StoredAlert:
    """Add the alert, or count it onto the row of its fingerprint."""
    row = await tx.row(
        _upsert(),
        here(
            tx,
            {
                "id": tx.new_id(),
                "source": alert.source,
                "fingerprint": alert.fingerprint,
                "title": alert.title,
                "severity": alert.severity,
                "status": alert.status,
                "service": alert.service,
                "labels": plain(alert.labels),
                "annotations": plain(alert.annotations),
                "links": list(alert.links),
                "starts_at": alert.starts_at,
                "ends_at": alert.ends_at,
                "first_seen_at": tx.now,
                "last_seen_at": tx.now,
            },
        ),
    )
    if row is None:  # pragma: no cover - an upsert always returns its row
        raise LookupError(f"alert {alert.fingerprint}: the upsert gave no row")
    return into(StoredAlert, row)


async def find_open_task(tx: Tx, alert_id: UUID) -> UUID | None:
    """Lock and give the alert's open task."""
    row = await tx.row(
        "SELECT t.id FROM task_alerts l JOIN tasks t ON t.id = l.task_id"
        " WHERE l.alert_id = :alert AND t.closed_at IS NULL"
        " ORDER BY t.created_at DESC LIMIT 1 FOR UPDATE OF t",
        {"alert": alert_id},
    )
    return row["id"] if row else None


async def find_group_task(tx: Tx, group_key: str) -> UUID | None:
    """Lock and give the open task of a group."""
    row = await tx.row(
        "SELECT id FROM tasks WHERE group_key = :key AND closed_at IS NULL"
        " ORDER BY created_at DESC LIMIT 1 FOR UPDATE",
        {"key": group_key},
    )
    return row["id"] if row else None


async def lock_group(tx: Tx, group_key: str) -> None:
    """Keep two deliveries of one group apart until this transaction ends."""
    await tx.row(
        "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
        {"key": f"{tx.here.tenant_id}/{tx.here.environment}/{group_key}"},
    )


async def link(tx: Tx, task_id: UUID, alert_id: UUID) -> None:
    await add(tx, tables.task_alerts, {"task_id": task_id, "alert_id": alert_id})


async def list_of_task(tx: Tx, task_id: UUID) -> Sequence[StoredAlert]:
    rows = await tx.rows(
        f"SELECT * FROM alerts WHERE {_OF_TASK} ORDER BY first_seen_at",  # noqa: S608 - a constant
        {"task": task_id},
    )
    return [into(StoredAlert, row) for row in rows]


async def find_start(tx: Tx, task_id: UUID) -> datetime | None:
    """Give when the first of the task's alerts began."""
    row = await tx.row(
        f"SELECT min(starts_at) AS start FROM alerts WHERE {_OF_TASK}",  # noqa: S608 - a constant
        {"task": task_id},
    )
    return row["start"] if row else None


def closes_when_resolved(state: TaskState) -> bool:
    """Tell whether a task in this state ends when its alerts are quiet."""
    return state in {
        TaskState.queued,
        TaskState.running,
        TaskState.needs_approval,
        TaskState.failed_retryable,
    }
