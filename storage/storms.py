"""Storms: a channel with more alerts than people can read, one row each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from policy.alert import Severity
from storage import tables
from storage.database import Tx
from storage.errors import NotFound
from storage.rows import add, into

# A digest is edited at most so often.
LOOK_SECONDS = 5
_GET = text("SELECT * FROM storms WHERE task_id = :task")
_GET_ALONE = text("SELECT * FROM storms WHERE task_id = :task FOR UPDATE")


@dataclass(frozen=True, slots=True)
class Storm:
    """
    ``task_id`` is of the task whose message is the digest.

    ``alerts`` were taken in since it began and in the minute before; ``folded`` tasks
    wait for its end.
    """

    task_id: UUID
    channel: str
    started_at: datetime
    last_over_at: datetime
    look_at: datetime
    ended_at: datetime | None
    alerts: int
    folded: int
    calm_seconds: int
    threads_per_minute: int


@dataclass(frozen=True, slots=True)
class Group:
    """A task with so many alerts; ``waits``: it has no thread yet."""

    id: UUID
    title: str
    severity: Severity
    waits: bool
    alerts: int

    @property
    def short_id(self) -> str:
        """What people type: the last eight hex digits, the random ones."""
        return self.id.hex[-8:]


async def find(tx: Tx, channel: str) -> Storm | None:
    """Give the channel's storm, if it is in one."""
    row = await tx.row(
        "SELECT * FROM storms WHERE channel = :channel AND ended_at IS NULL",
        {"channel": channel},
    )
    return into(Storm, row) if row else None


async def list_now(tx: Tx) -> Sequence[Storm]:
    """Give the channels that are in a storm."""
    rows = await tx.rows(
        "SELECT * FROM storms WHERE ended_at IS NULL ORDER BY started_at"
    )
    return [into(Storm, row) for row in rows]


async def get(tx: Tx, task_id: UUID, *, lock: bool = True) -> Storm:
    """
    Give a storm, locked unless told.

    Raises:
        NotFound: it is not in this scope.
    """
    row = await tx.row(_GET_ALONE if lock else _GET, {"task": task_id})
    if row is None:
        raise NotFound(f"storm {task_id}: not in this scope")
    return into(Storm, row)


async def begin(
    tx: Tx,
    task_id: UUID,
    channel: str,
    *,
    alerts: int,
    calm_seconds: int,
    threads_per_minute: int,
) -> None:
    """Begin one; the caller keeps others off the channel (see ``lock``)."""
    await add(
        tx,
        tables.storms,
        {
            "task_id": task_id,
            "channel": channel,
            "started_at": tx.now,
            "last_over_at": tx.now,
            "look_at": tx.now + timedelta(seconds=LOOK_SECONDS),
            "alerts": alerts,
            "calm_seconds": calm_seconds,
            "threads_per_minute": threads_per_minute,
        },
    )


async def lock(tx: Tx, channels: Iterable[str]) -> None:
    """Let one transaction alone decide whether storms begin in these channels."""
    here = f"{tx.here.tenant_id}/{tx.here.environment}/storm/"
    for channel in sorted(channels):
        await tx.row(
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
            {"key": f"{here}{channel}"},
        )


async def count(tx: Tx, task_id: UUID, *, alerts: int, folded: int, over: bool) -> None:
    """Count what came; ``over`` says that it still storms."""
    await tx.change(
        "UPDATE storms SET alerts = alerts + :alerts, folded = folded + :folded,"
        " last_over_at = CASE WHEN :over THEN :now ELSE last_over_at END"
        " WHERE task_id = :task AND ended_at IS NULL",
        {
            "task": task_id,
            "alerts": alerts,
            "folded": folded,
            "over": over,
            "now": tx.now,
        },
    )


async def look_again(tx: Tx, task_id: UUID, look_at: datetime) -> None:
    await tx.change(
        "UPDATE storms SET look_at = :at WHERE task_id = :task",
        {"task": task_id, "at": look_at},
    )


async def lock_waiting(tx: Tx, task_id: UUID) -> list[UUID]:
    """
    Lock the tasks that wait for a storm's end, and of which something still fires.

    Before the storm itself: whoever takes alerts in holds tasks before it counts them.
    """
    rows = await tx.rows(
        "SELECT id FROM tasks WHERE waits_for = :why AND closed_at IS NULL"
        " AND quiet_at IS NULL ORDER BY created_at, id FOR UPDATE",
        {"why": f"storm:{task_id}"},
    )
    return [row["id"] for row in rows]


async def end(tx: Tx, storm: Storm, waiting: Sequence[UUID]) -> None:
    """End one, and let these tasks open as soon as the channel's pace lets them."""
    await tx.change(
        "UPDATE storms SET ended_at = :now WHERE task_id = :task",
        {"task": storm.task_id, "now": tx.now},
    )
    await tx.change(
        "UPDATE tasks SET opens_at = :now WHERE id = ANY(:ids)",
        {"now": tx.now, "ids": list(waiting)},
    )


async def list_groups(tx: Tx, storm: Storm, *, most: int = 5) -> Sequence[Group]:
    """
    Give the channel's tasks that it touched.

    What is critical and waits goes before all; then those with the most alerts.
    """
    rows = await tx.rows(
        "SELECT id, title, severity, opens_at IS NOT NULL AS waits, alerts FROM tasks"
        " WHERE channel = :channel AND id <> :task AND updated_at >= :since"
        " AND (closed_at IS NULL OR closed_at >= :since)"
        " ORDER BY (severity_rank = :rank AND opens_at IS NOT NULL"
        " AND closed_at IS NULL) DESC, alerts DESC, severity_rank, id LIMIT :most",
        {
            "channel": storm.channel,
            "task": storm.task_id,
            "since": storm.started_at - timedelta(minutes=1),
            "rank": Severity.critical.rank,
            "most": most,
        },
    )
    return [into(Group, row) for row in rows]
