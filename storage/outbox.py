"""
What must leave for Slack: facts, written in the transaction that made them true.

A slot is one message of a thread. Its first version is posted, later ones edit it, and
the highest version wins. An ``answer:…`` slot is a message for one person's eyes. What
leaves for the pager instead (``destination`` ``page``) has one version.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

from sqlalchemy import select, update

from policy.scope import Scope
from storage import tables
from storage.database import Tx
from storage.rows import as_json, here, into

# So long an answer may wait for Slack, and still stand on top of a Home.
_WAITS_FOR_HOME = timedelta(days=7)


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


_SECONDS = re.compile(r"[0-9.]+ s\b")
_POST = """
    INSERT INTO outbox (tenant_id, environment, id, task_id, destination, slot, version,
      kind, lane, payload, state, created_at)
    SELECT r.tenant_id, r.environment, r.id, r.task_id, r.destination, r.slot,
      coalesce((SELECT max(o.version) FROM outbox o WHERE o.tenant_id = r.tenant_id
        AND o.environment = r.environment AND o.task_id = r.task_id
        AND o.slot = r.slot), 0) + 1,
      r.kind, r.lane, CASE WHEN r.payload->'next_step' = 'null'::jsonb
        THEN r.payload || jsonb_build_object('next_step', coalesce((
          SELECT o.payload->>'next_step' FROM outbox o WHERE o.tenant_id = r.tenant_id
            AND o.environment = r.environment AND o.task_id = r.task_id
            AND o.slot = r.slot ORDER BY o.version DESC LIMIT 1), ''))
        ELSE r.payload END, r.state, r.created_at
    FROM jsonb_populate_recordset(NULL::outbox, CAST(:rows AS jsonb)) AS r
"""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A slot's next version."""

    task_id: UUID
    slot: str
    kind: str
    payload: Mapping[str, object]
    lane: Lane = Lane.state
    destination: str = "slack"


async def post(tx: Tx, new: NewPost) -> None:
    await post_all(tx, [new])


async def post_all(tx: Tx, new: Sequence[NewPost]) -> None:
    """
    Add the next version of each slot; a slot comes once.

    A ``next_step`` that is None stays as the version before has it.

    The caller holds the tasks' rows (``ledger.append`` takes them), which keeps
    versions of a slot in order.
    """
    rows = [
        here(
            tx,
            {
                "id": tx.new_id(),
                "task_id": one.task_id,
                "destination": one.destination,
                "slot": one.slot,
                "kind": one.kind,
                "lane": int(one.lane),
                "payload": dict(one.payload),
                "state": "pending",
                "created_at": tx.now,
            },
        )
        for one in new
    ]
    if rows:
        await tx.change(_POST, {"rows": as_json(rows)})


async def list_waiting(tx: Tx, task_id: UUID) -> Sequence[Post]:
    """Give the thread's unsent posts, the root first, then by lane and age."""
    box = tables.outbox
    rows = await tx.rows(
        select(box)
        .where(
            box.c.task_id == task_id,
            box.c.destination == "slack",
            box.c.state.in_(("pending", "sending")),
        )
        .order_by(box.c.slot != "root", box.c.lane, box.c.created_at, box.c.version)
    )
    return [into(Post, row) for row in rows]


async def find(tx: Tx, post_id: UUID) -> Post | None:
    row = await tx.row(select(tables.outbox).where(tables.outbox.c.id == post_id))
    return into(Post, row) if row else None


def is_news(said: str, shown: str) -> bool:
    """Tell whether it says more than what is shown, but for seconds that run down."""
    return _SECONDS.sub("", said) != _SECONDS.sub("", shown)


@dataclass(frozen=True, slots=True)
class NextStep:
    text: str
    at: datetime


async def find_step(tx: Tx, task_id: UUID) -> NextStep | None:
    """Give the next step that a task's root shows, or is about to, and since when."""
    row = await tx.row(
        "SELECT coalesce(payload->>'next_step', '') AS step, created_at FROM outbox"
        " WHERE task_id = :task AND slot = 'root' ORDER BY version DESC LIMIT 1",
        {"task": task_id},
    )
    return NextStep(row["step"], row["created_at"]) if row else None


async def find_text(tx: Tx, task_id: UUID, slot: str) -> str | None:
    """Give what a slot says in words, whether it was sent or not."""
    row = await tx.row(
        "SELECT payload->>'text' AS said FROM outbox WHERE task_id = :task"
        " AND slot = :slot ORDER BY version DESC LIMIT 1",
        {"task": task_id, "slot": slot},
    )
    return row["said"] if row else None


async def find_payload(tx: Tx, task_id: UUID, slot: str) -> Mapping[str, object] | None:
    """Give the newest facts of a slot; None if it was never posted to."""
    row = await tx.row(
        "SELECT payload FROM outbox WHERE task_id = :task AND slot = :slot"
        " ORDER BY version DESC LIMIT 1",
        {"task": task_id, "slot": slot},
    )
    return row["payload"] if row else None


async def list_told(
    tx: Tx, task_id: UUID, slot: str, *, most: int
) -> list[tuple[str, datetime]]:
    """Give what a card said of its reversion, and when; the newest first."""
    rows = await tx.rows(
        "SELECT coalesce(payload->'reversion'->>'reason', '') AS said, created_at"
        " FROM outbox WHERE task_id = :task AND slot = :slot"
        " ORDER BY version DESC LIMIT :most",
        {"task": task_id, "slot": slot, "most": most},
    )
    return [(row["said"], row["created_at"]) for row in rows]


async def holds(tx: Tx, task_id: UUID, slot: str) -> bool:
    """Tell whether a slot of a task was ever posted to; the caller holds the task."""
    row = await tx.row(
        "SELECT 1 AS one FROM outbox WHERE task_id = :task AND slot = :slot LIMIT 1",
        {"task": task_id, "slot": slot},
    )
    return row is not None


async def find_home_answers(tx: Tx, *, most: int) -> list[tuple[Scope, UUID]]:
    """Give scope and id of answers that wait for somebody's Home, of any tenant."""
    rows = await tx.rows("SELECT * FROM find_home_answers(:most)", {"most": most})
    return [(Scope(row["tenant_id"], row["environment"]), row["id"]) for row in rows]


async def list_home_answers(tx: Tx, user: str, since: datetime) -> Sequence[Post]:
    """
    Give what a person was answered in Home and has not seen, or first saw lately.

    The oldest first, once each; what is older than a week is told directly.
    """
    rows = await tx.rows(
        "SELECT DISTINCT ON (slot) * FROM outbox WHERE destination = 'home'"
        " AND payload->>'user' = :user AND created_at > :oldest"
        " AND (state IN ('pending', 'sending') OR sent_at > :since)"
        " ORDER BY slot, version DESC",
        {"user": user, "since": since, "oldest": since - _WAITS_FOR_HOME},
    )
    found = [into(Post, row) for row in rows]
    return sorted(found, key=lambda one: (one.created_at, one.id))


async def find_pages(
    tx: Tx, *, environment: str, most: int
) -> list[tuple[Scope, UUID]]:
    """Give scope and id of what waits to be paged in an environment, of any tenant."""
    rows = await tx.rows(
        "SELECT * FROM find_pages(:most, :environment)",
        {"most": most, "environment": environment},
    )
    return [(Scope(row["tenant_id"], row["environment"]), row["id"]) for row in rows]


async def list_called(tx: Tx, task_id: UUID, prefix: str) -> Sequence[Post]:
    """Give the pages of such slots whose calls are over, and may have called."""
    rows = await tx.rows(
        "SELECT * FROM outbox WHERE task_id = :task AND kind = 'page'"
        " AND starts_with(slot, :prefix) AND (state IN ('sent', 'dead')"
        " OR (state = 'superseded' AND attempts > 1)) ORDER BY created_at, id",
        {"task": task_id, "prefix": prefix},
    )
    return [into(Post, row) for row in rows]


async def mark_sending(tx: Tx, post_id: UUID) -> None:
    box = tables.outbox
    await tx.change(
        update(box)
        .where(box.c.id == post_id)
        .values(state="sending", attempts=box.c.attempts + 1)
    )


async def begin_page(tx: Tx, post_id: UUID, *, lease_seconds: float) -> bool:
    """
    Take a page to send it; False while somebody else has it, or it has to wait.

    The caller holds its task. Who dies leaves it to the next after ``lease_seconds``.
    """
    changed = await tx.change(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, payload ="
        " payload || jsonb_build_object('held_until', CAST(:until AS float8))"
        " WHERE id = :id AND state IN ('pending', 'sending')"
        " AND coalesce((payload->>'held_until')::float8, 0) <= :now",
        {
            "id": post_id,
            "now": tx.now.timestamp(),
            "until": tx.now.timestamp() + lease_seconds,
        },
    )
    return changed == 1


async def put_back_page(
    tx: Tx, post_id: UUID, *, error: str, wait_seconds: float
) -> None:
    """Have a page wait, whoever asks for it meanwhile."""
    await tx.change(
        "UPDATE outbox SET state = 'pending', error = :error, payload = payload ||"
        " jsonb_build_object('held_until', CAST(:until AS float8)) WHERE id = :id",
        {
            "id": post_id,
            "error": error[:500],
            "until": tx.now.timestamp() + wait_seconds,
        },
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


async def forget_secrets(tx: Tx, waiting: Post) -> None:
    """Drop what was sealed in an answer, and the address that it went to."""
    await tx.change(
        "UPDATE outbox SET payload = (payload - 'sealed') #- '{clicked_in,url}'"
        " WHERE task_id = :task AND slot = :slot AND version <= :version",
        {"task": waiting.task_id, "slot": waiting.slot, "version": waiting.version},
    )


async def mark_superseded(tx: Tx, post_id: UUID) -> None:
    """Let something go that nobody needs to hear any more."""
    box = tables.outbox
    await tx.change(update(box).where(box.c.id == post_id).values(state="superseded"))


async def mark_unsent(tx: Tx, post_id: UUID, *, error: str, dead: bool) -> None:
    """Put a post back, or give it up where Slack will never take it."""
    box = tables.outbox
    await tx.change(
        update(box)
        .where(box.c.id == post_id)
        .values(state="dead" if dead else "pending", error=error[:500])
    )
