"""Threads and messages: where each slot stands in Slack, and who writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from policy.scope import Scope
from storage import tables
from storage.database import Tx
from storage.rows import add_all, into


@dataclass(frozen=True, slots=True)
class Thread:
    """``ts`` is the root message's, None until it is confirmed."""

    task_id: UUID
    channel: str
    ts: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """Where a slot stands; ``updated_at`` is when it was last posted or edited."""

    slot: str
    channel: str
    ts: str
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands; ``root_ts`` is its thread's, None if unconfirmed."""

    channel: str
    ts: str
    root_ts: str | None


async def open_thread(tx: Tx, task_id: UUID, channel: str) -> None:
    await open_threads(tx, {task_id: channel})


async def open_threads(tx: Tx, channels: Mapping[UUID, str]) -> None:
    """Give tasks a thread each, in its channel."""
    rows = [
        {"task_id": task_id, "channel": channel, "ts": None}
        for task_id, channel in channels.items()
    ]
    await add_all(tx, tables.threads, rows)


async def claim(tx: Tx, *, owner: str, lease_seconds: int) -> tuple[Scope, UUID] | None:
    """Claim one thread with something to send; no other courier writes it meanwhile."""
    row = await tx.row(
        "SELECT * FROM claim_thread(:owner, :lease)",
        {"owner": owner, "lease": lease_seconds},
    )
    if row is None:
        return None
    return Scope(row["tenant_id"], row["environment"]), row["task_id"]


async def find_task(tx: Tx, channel: str, ts: str) -> UUID | None:
    """Give the task whose thread begins with this message."""
    row = await tx.row(
        "SELECT task_id FROM threads WHERE channel = :channel AND ts = :ts",
        {"channel": channel, "ts": ts},
    )
    return row["task_id"] if row else None


async def get(tx: Tx, task_id: UUID) -> Thread:
    row = await tx.row(
        "SELECT task_id, channel, ts FROM threads WHERE task_id = :task",
        {"task": task_id},
    )
    if row is None:
        raise LookupError(f"task {task_id} has no thread; it is opened with the task")
    return into(Thread, row)


async def renew(tx: Tx, task_id: UUID, *, owner: str, lease_seconds: int) -> bool:
    """Hold the thread longer; False if another courier has it."""
    changed = await tx.change(
        "UPDATE threads SET lease_until = clock_timestamp()"
        " + make_interval(secs => :lease) WHERE task_id = :task"
        " AND lease_owner = :owner",
        {"task": task_id, "owner": owner, "lease": lease_seconds},
    )
    return changed == 1


async def release(
    tx: Tx, task_id: UUID, *, owner: str, not_before_at: datetime | None
) -> None:
    await tx.change(
        "UPDATE threads SET lease_until = NULL, lease_owner = NULL,"
        " not_before_at = :later WHERE task_id = :task AND lease_owner = :owner",
        {"task": task_id, "owner": owner, "later": not_before_at},
    )


async def find_messages(tx: Tx, task_id: UUID) -> Mapping[str, Message]:
    rows = await tx.rows(
        "SELECT slot, channel, ts, version, updated_at FROM messages"
        " WHERE task_id = :task",
        {"task": task_id},
    )
    return {row["slot"]: into(Message, row) for row in rows}


async def find_places(
    tx: Tx, wanted: Sequence[tuple[UUID, str]]
) -> Mapping[tuple[UUID, str], Place]:
    """Give where the messages of (task, slot) stand; what was not sent is left out."""
    rows = await tx.rows(
        "SELECT task_id, slot, m.channel, m.ts, t.ts AS root_ts FROM unnest("
        " CAST(:tasks AS uuid[]), CAST(:slots AS text[])) AS w (task, wanted)"
        " JOIN messages m ON m.task_id = w.task AND m.slot = w.wanted"
        " JOIN threads t USING (tenant_id, environment, task_id)",
        {"tasks": [task for task, _ in wanted], "slots": [slot for _, slot in wanted]},
    )
    return {
        (row["task_id"], row["slot"]): Place(row["channel"], row["ts"], row["root_ts"])
        for row in rows
    }


async def keep_message(tx: Tx, task_id: UUID, message: Message) -> None:
    """Remember where a slot stands; the root's ts becomes the thread's."""
    await tx.change(
        text(
            "INSERT INTO messages (tenant_id, environment, task_id, slot, channel, ts,"
            " version, created_at, updated_at) VALUES (:tenant, :environment, :task,"
            " :slot, :channel, :ts, :version, :now, :now) ON CONFLICT (tenant_id,"
            " environment, task_id, slot) DO UPDATE SET version ="
            " greatest(messages.version, excluded.version),"
            " updated_at = excluded.updated_at"
        ),
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "task": task_id,
            "slot": message.slot,
            "channel": message.channel,
            "ts": message.ts,
            "version": message.version,
            "now": message.updated_at,
        },
    )
    if message.slot == "root":
        await tx.change(
            "UPDATE threads SET ts = :ts WHERE task_id = :task AND ts IS NULL",
            {"ts": message.ts, "task": task_id},
        )
