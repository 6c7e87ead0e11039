"""Alerts: one row a fingerprint, counted; and which task they belong to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from policy.alert import Alert, AlertStatus, Severity
from policy.task import TaskState
from storage.canonical import plain
from storage.database import Tx
from storage.rows import into

# Senders, networks and retries lie behind each other by less.
AGAIN_AFTER = timedelta(minutes=10)
# Not a join: that is planned for a few alerts, and goes through all pairs of many.
_OF_TASK = "id = ANY(ARRAY(SELECT alert_id FROM task_alerts WHERE task_id = :task))"
# Postgres holds some 6,400 locks for all tenants together: groups share so many.
_GROUP_LOCKS = 256


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
    last_seen_at: datetime
    count: int


_INSERT = """
    INSERT INTO alerts AS a (tenant_id, environment, id, source, fingerprint, title,
      severity, status, service, labels, annotations, links, starts_at, ends_at,
      first_seen_at, last_seen_at, count, came_by)
    SELECT :tenant, :environment, r.id, r.source, r.fingerprint, r.title, r.severity,
      r.status, r.service, r.labels, r.annotations, r.links, r.starts_at, r.ends_at,
      :now, :now, r.count, r.came_by
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id uuid, source text,
      fingerprint text, title text, severity text, status text, service text,
      labels jsonb, annotations jsonb, links jsonb, starts_at timestamptz,
      ends_at timestamptz, count integer, came_by text)
    ORDER BY r.fingerprint
    ON CONFLICT (tenant_id, environment, fingerprint) DO UPDATE SET
"""
# What is there stays as it is, and is locked.
_ADD = f"{_INSERT} count = a.count RETURNING a.*"
# Not an update of a join: that goes through all pairs of many.
_KEEP = f"""{_INSERT} title = excluded.title, severity = excluded.severity,
      status = excluded.status, service = excluded.service, labels = excluded.labels,
      annotations = excluded.annotations, links = excluded.links,
      starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      last_seen_at = excluded.last_seen_at, count = excluded.count,
      came_by = excluded.came_by
"""


async def upsert(
    tx: Tx, found: Sequence[Alert], came_by: Sequence[str] = ()
) -> list[StoredAlert | None]:
    """
    Add alerts, or count each onto the row of its fingerprint: the newest words win.

    They are taken in their order, each as the row is then; None for each that is late.
    ``came_by`` names of each the environment of the endpoint that moved it here, ""
    where that is this one; none of them was moved where it is empty.
    Thousands of one fingerprint cost two statements.
    """
    moved = list(came_by) or [""] * len(found)
    pairs = list(zip(found, moved, strict=True))
    first = {one.fingerprint: (one, by) for one, by in reversed(pairs)}
    rows = {name: _row(tx, *pair) for name, pair in first.items()}
    added = await tx.rows(_ADD, {**_here(tx), "rows": json.dumps(list(rows.values()))})
    known = {row["fingerprint"]: into(StoredAlert, row) for row in added}
    new = {name for name, row in rows.items() if str(known[name].id) == row["id"]}
    kept: dict[str, Mapping[str, object]] = {}
    taken: list[StoredAlert | None] = []
    for one, by in pairs:
        name = one.fingerprint
        if name in new:
            new.remove(name)
            taken.append(known[name])
        elif _is_late(one, known[name], tx.now):
            taken.append(None)
        else:
            known[name] = _follow(known[name], one, tx.now)
            kept[name] = _row(tx, one, by)
            taken.append(known[name])
    for name, row in kept.items():
        now = known[name]
        begun = now.starts_at.isoformat()
        kept[name] = {**row, "starts_at": begun, "count": now.count}
    if kept:
        await tx.change(_KEEP, {**_here(tx), "rows": json.dumps(list(kept.values()))})
    return taken


def _is_late(came: Alert, known: StoredAlert, now: datetime) -> bool:
    """
    Tell what is older than its row: it does not come back.

    That is a firing of an episode that has ended, or the end of one before the present
    one. What ended ``AGAIN_AFTER`` ago and fires with its old start fires again: no
    network is late by so much, and a sender that was cut off takes up where it was.
    """
    if came.status is AlertStatus.firing:
        return (
            known.status is not AlertStatus.firing
            and came.starts_at <= known.starts_at
            and known.last_seen_at >= now - AGAIN_AFTER
        )
    # A sender whose clock is ahead begins after it was seen: what ends since is over.
    begun = min(known.starts_at, known.last_seen_at)
    ended_at = came.ends_at or begun
    return came.starts_at < known.starts_at and ended_at < begun


def _follow(known: StoredAlert, came: Alert, now: datetime) -> StoredAlert:
    """Count one onto its row; an old firing moves no start back."""
    both_fire = known.status is came.status is AlertStatus.firing
    return replace(
        known,
        title=came.title,
        severity=came.severity,
        status=came.status,
        service=came.service,
        labels=came.labels,
        annotations=came.annotations,
        starts_at=max(known.starts_at, came.starts_at) if both_fire else came.starts_at,
        ends_at=came.ends_at,
        last_seen_at=now,
        count=known.count + 1,
    )


def _here(tx: Tx) -> dict[str, object]:
    scope = tx.here
    return {
        "tenant": scope.tenant_id,
        "environment": scope.environment,
        "now": tx.now,
    }


def _row(tx: Tx, alert: Alert, came_by: str) -> Mapping[str, object]:
    return {
        "id": str(tx.new_id()),
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "title": alert.title,
        "severity": alert.severity,
        "status": alert.status,
        "service": alert.service,
        "labels": plain(alert.labels),
        "annotations": plain(alert.annotations),
        "links": list(alert.links),
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
        "count": 1,
        "came_by": came_by,
    }


async def find_forsaken(tx: Tx, closed_before: Mapping[str, datetime]) -> set[str]:
    """
    Give those that still fire although their last task closed before their instant.

    And those that ended ``AGAIN_AFTER`` ago: their sender says that they fire again.
    """
    found = await tx.rows(
        "SELECT id, fingerprint, status, last_seen_at FROM alerts"
        " WHERE fingerprint = ANY(:names)",
        {"names": list(closed_before)},
    )
    # Apart: joined to them, a table without statistics is gone through for each.
    closed = await tx.rows(
        "SELECT l.alert_id, bool_and(t.closed_at IS NOT NULL) AS all_closed,"
        " max(t.closed_at) AS last FROM task_alerts l JOIN tasks t"
        " ON t.tenant_id = l.tenant_id AND t.environment = l.environment"
        " AND t.id = l.task_id WHERE l.alert_id = ANY(:ids) GROUP BY l.alert_id",
        {"ids": [row["id"] for row in found]},
    )
    ends = {row["alert_id"]: row["last"] for row in closed if row["all_closed"]}
    return {
        row["fingerprint"]
        for row in found
        if (
            row["id"] in ends and ends[row["id"]] < closed_before[row["fingerprint"]]
            if row["status"] == AlertStatus.firing
            else row["last_seen_at"] < tx.now - AGAIN_AFTER
        )
    }


@dataclass(frozen=True, slots=True)
class Firing:
    """Fingerprints that fire here; ``with_task`` those of which a task is open."""

    every: frozenset[str]
    with_task: frozenset[str]


async def find_firing_of(tx: Tx, own: str, names: Sequence[str]) -> Firing:
    """Give those that fire here of what the endpoint of environment ``own`` sent."""
    found = await tx.rows(
        "SELECT id, fingerprint FROM alerts WHERE fingerprint = ANY(:names)"
        " AND status = 'firing' AND came_by = :by",
        {"names": list(names), "by": "" if tx.here.environment == own else own},
    )
    # Apart, as elsewhere here: a join is planned for a few.
    links = await tx.rows(
        "SELECT alert_id, task_id FROM task_alerts WHERE alert_id = ANY(:ids)",
        {"ids": [row["id"] for row in found]},
    )
    rows = await tx.rows(
        "SELECT id FROM tasks WHERE closed_at IS NULL AND id = ANY(:ids)",
        {"ids": list({row["task_id"] for row in links})},
    )
    open_tasks = {row["id"] for row in rows}
    held = {row["alert_id"] for row in links if row["task_id"] in open_tasks}
    return Firing(
        frozenset(row["fingerprint"] for row in found),
        frozenset(row["fingerprint"] for row in found if row["id"] in held),
    )


@dataclass(frozen=True, slots=True)
class Homes:
    """The newest open task of each alert and of each group that has one."""

    of_alert: Mapping[UUID, UUID]
    of_group: Mapping[str, UUID]


async def lock_homes(
    tx: Tx, alert_ids: Sequence[UUID], group_keys: Sequence[str]
) -> Homes:
    """Lock the open tasks of alerts and groups, all in one order."""
    locked = await tx.rows(
        "SELECT id, group_key FROM tasks WHERE closed_at IS NULL AND id = ANY(ARRAY("
        " SELECT id FROM tasks WHERE group_key = ANY(:keys) AND closed_at IS NULL"
        " UNION SELECT task_id FROM task_alerts WHERE alert_id = ANY(:alerts)))"
        " ORDER BY created_at, id FOR UPDATE",
        {"keys": list(group_keys), "alerts": list(alert_ids)},
    )
    wanted = set(group_keys)
    places = {row["id"]: place for place, row in enumerate(locked)}
    links = await tx.rows(
        "SELECT alert_id, task_id FROM task_alerts WHERE alert_id = ANY(:alerts)"
        " AND task_id = ANY(:tasks)",
        {"alerts": list(alert_ids), "tasks": list(places)},
    )
    links.sort(key=lambda row: places[row["task_id"]])
    return Homes(
        {row["alert_id"]: row["task_id"] for row in links},
        {row["group_key"]: row["id"] for row in locked if row["group_key"] in wanted},
    )


async def lock_groups(tx: Tx, keys: Sequence[str]) -> None:
    """Keep two deliveries of one group apart until this transaction ends."""
    await tx.row(
        "SELECT count(pg_advisory_xact_lock(h)) FROM (SELECT DISTINCT"
        " hashtextextended(:here, 0) # (hashtextextended(key, 0) & :most) AS h"
        " FROM unnest(CAST(:keys AS text[])) AS key ORDER BY 1) AS in_order",
        {
            "here": f"{tx.here.tenant_id}/{tx.here.environment}/",
            "keys": list(keys),
            "most": _GROUP_LOCKS - 1,
        },
    )


async def link(tx: Tx, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Say to which task each alert belongs, as pairs of task and alert."""
    await tx.change(
        "INSERT INTO task_alerts (tenant_id, environment, task_id, alert_id)"
        " SELECT :tenant, :environment, * FROM unnest(CAST(:tasks AS uuid[]),"
        " CAST(:alerts AS uuid[])) ON CONFLICT DO NOTHING",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "tasks": [task for task, _ in pairs],
            "alerts": [alert for _, alert in pairs],
        },
    )


async def find_firing(tx: Tx, task_ids: Sequence[UUID]) -> set[UUID]:
    """Give those of the tasks of which any alert still fires."""
    links = await tx.rows(
        "SELECT task_id, alert_id FROM task_alerts WHERE task_id = ANY(:tasks)",
        {"tasks": list(task_ids)},
    )
    rows = await tx.rows(
        "SELECT id FROM alerts WHERE status = 'firing' AND id = ANY(:ids)",
        {"ids": list({row["alert_id"] for row in links})},
    )
    firing = {row["id"] for row in rows}
    return {row["task_id"] for row in links if row["alert_id"] in firing}


async def list_firing(tx: Tx, task_id: UUID) -> Sequence[StoredAlert]:
    """Give the task's alerts that still fire."""
    rows = await tx.rows(
        "SELECT a.* FROM task_alerts l JOIN alerts a"
        " ON a.tenant_id = l.tenant_id AND a.environment = l.environment"
        " AND a.id = l.alert_id WHERE l.task_id = :task AND a.status = 'firing'",
        {"task": task_id},
    )
    return [into(StoredAlert, row) for row in rows]


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


@dataclass(frozen=True, slots=True)
class FoundAlert:
    """An alert as people look for it; ``task_id`` is its newest task, if it has one."""

    fingerprint: str
    title: str
    severity: Severity
    status: AlertStatus
    count: int
    last_seen_at: datetime
    task_id: UUID | None


async def find(tx: Tx, sign: str, *, most: int = 20) -> Sequence[FoundAlert]:
    """Give the newest alerts whose fingerprint, title or labels hold the sign."""
    rows = await tx.rows(
        "SELECT a.fingerprint, a.title, a.severity, a.status, a.count, a.last_seen_at,"
        " (SELECT l.task_id FROM task_alerts l WHERE l.tenant_id = a.tenant_id"
        " AND l.environment = a.environment AND l.alert_id = a.id"
        " ORDER BY l.task_id DESC LIMIT 1) AS task_id FROM alerts a"
        " WHERE a.tenant_id = :tenant AND a.environment = :environment"
        " AND strpos(lower(concat_ws(' ', a.fingerprint, a.title, a.labels)),"
        " lower(:sign)) > 0 ORDER BY a.last_seen_at DESC, a.id LIMIT :most",
        {
            # Named, since the release role sees every row.
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "sign": sign,
            "most": most,
        },
    )
    return [into(FoundAlert, row) for row in rows]


def closes_when_resolved(state: TaskState) -> bool:
    """Tell whether a task in this state ends when its alerts are quiet."""
    return state in {
        TaskState.queued,
        TaskState.running,
        TaskState.needs_approval,
        TaskState.failed_retryable,
    }
