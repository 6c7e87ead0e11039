"""
What must leave for Slack: facts, written in the transaction that made them true.

A slot is one message of a thread. Its first version is posted, later ones edit it, and
the highest version wins. An ``answer:…`` slot is a message for one person's eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from uuid import UUID

from sqlalchemy import Insert, bindparam, func, insert, select, update

from storage import tables
from storage.database import Tx
from storage.rows import here, into


class Lane(IntEnum):
    """Who goes first: what a person waits for, then state, then the rest."""

    decision = 0
    state = 1
    chatter = 2


@dataclass(frozen=True, slots=True)
class Post:
    """One outbox row; ``payload`` holds the facts that the bot renders."""

    id: UUID
    task_id: UUID
    slot: str
    version: int
    kind: str
    lane: int
    payload: Mapping[str, object]
    state: str
    attempts: int
    created_at: datetime


@cache
def _post() -> Insert:
    """Build what adds a row as its slot's next version."""
    of_slot = tables.outbox.alias("of_slot")
    newest = select(func.coalesce(func.max(of_slot.c.version), 0)).where(
        of_slot.c.task_id == bindparam("of_task"),
        of_slot.c.slot == bindparam("of_slot"),
    )
    return insert(tables.outbox).values(version=newest.scalar_subquery() + 1)


async def forget_sealed(tx: Tx, post_id: UUID) -> None:
    """Drop what was sealed in a row, once it has been whispered."""
    await tx.change(
        "UPDATE outbox SET payload = payload - 'sealed' WHERE id = :id",
        {"id": post_id},
    )


@dataclass(frozen=True, slots=True)
class NewPost:
    """A slot's next version."""

    task_id: UUID
    slot: str
    kind: str
    payload: Mapping[str, object]
    lane: Lane = Lane.state


async def post(tx: Tx, new: NewPost) -> None:
    await post_all(tx, [new])


async def post_all(tx: Tx, new: Sequence[NewPost]) -> None:
    """
    Add the next version of each slot.

    The caller holds the tasks' rows (``ledger.append`` takes them), which keeps
    versions of a slot in order.
    """
    rows = [
        here(
            tx,
            {
                "id": tx.new_id(),
                "task_id": one.task_id,
                "destination": "slack",
                "slot": one.slot,
                "kind": one.kind,
                "lane": int(one.lane),
                "payload": dict(one.payload),
                "state": "pending",
                "created_at": tx.now,
                "of_task": one.task_id,
                "of_slot": one.slot,
            },
        )
        for one in new
    ]
    if rows:
        await tx.change(_post(), rows)


async def list_waiting(tx: Tx, task_id: UUID) -> Sequence[Post]:
    """Give the thread's unsent posts, the root first, then by lane and age."""
    box = tables.outbox
    rows = await tx.rows(
        select(box)
        .where(box.c.task_id == task_id, box.c.state.in_(("pending", "sending")))
        .order_by(box.c.slot != "root", box.c.lane, box.c.created_at, box.c.version)
    )
    return [into(Post, row) for row in rows]


async def mark_sending(tx: Tx, post_id: UUID) -> None:
    box = tables.outbox
    await tx.change(
        update(box)
        .where(box.c.id == post_id)
        .values(state="sending", attempts=box.c.attempts + 1)
    )


async def mark_sent(tx: Tx, waiting: Post) -> None:
    """Mark this version sent and the slot's older unsent ones superseded."""
    box = tables.outbox
    same_slot = (box.c.task_id == waiting.task_id, box.c.slot == waiting.slot)
    await tx.change(
        update(box)
        .where(box.c.id == waiting.id)
        .values(state="sent", sent_at=tx.now, error=None)
    )
    await tx.change(
        update(box)
        .where(
            *same_slot,
            box.c.version < waiting.version,
            box.c.state.in_(("pending", "sending")),
        )
        .values(state="superseded")
    )


async def mark_unsent(tx: Tx, post_id: UUID, *, error: str, dead: bool) -> None:
    """Put a post back, or give it up where Slack will never take it."""
    box = tables.outbox
    await tx.change(
        update(box)
        .where(box.c.id == post_id)
        .values(state="dead" if dead else "pending", error=error[:500])
    )
