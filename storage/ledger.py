"""
The one insert-only table behind audit, events and order.

Each change appends its entry in its own transaction. ``task_seq`` comes from the locked
task row, so that a task's entries have an order of their own; the order over tasks is
the sealer's. ``body`` is RFC 8785 JSON text, kept byte for byte.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from audit.record import Record
from policy.event import Event
from storage import tables
from storage.canonical import canonical
from storage.database import Tx
from storage.errors import NotFound
from storage.rows import add, add_all, here, into

_APPEND = text(
    "WITH next AS (UPDATE tasks SET task_seq = task_seq + 1 WHERE id = :task_id"
    " RETURNING task_seq)"
    " INSERT INTO ledger (tenant_id, environment, id, task_id, task_seq, event, actor,"
    " body, at) SELECT :tenant_id, :environment, :id, :task_id, task_seq, :event,"
    " :actor, :body, :at FROM next"
)
_NEXT_SEQS = text(
    "UPDATE tasks SET task_seq = task_seq + c.n FROM unnest(CAST(:tasks AS uuid[]),"
    " CAST(:counts AS int[])) AS c (task, n) WHERE id = c.task RETURNING id, task_seq"
)
_OF_TASK = text("SELECT * FROM ledger WHERE task_id = :task ORDER BY task_seq")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``at`` is aware UTC, ``body`` canonical JSON text."""

    id: UUID
    tenant_id: str
    environment: str
    task_id: UUID | None
    task_seq: int | None
    event: str
    actor: str
    at: datetime
    body: str

    @property
    def record(self) -> Record:
        """Give it as the documented format knows it."""
        return Record(
            id=str(self.id),
            tenant=self.tenant_id,
            environment=self.environment,
            task=str(self.task_id) if self.task_id else None,
            task_seq=self.task_seq,
            event=self.event,
            actor=self.actor,
            at=self.at.isoformat(timespec="microseconds"),
            body=self.body,
        )

    def leaf(self) -> bytes:
        return self.record.leaf()


async def append(
    tx: Tx,
    event: Event,
    *,
    actor: str,
    body: Mapping[str, object],
    task_id: UUID | None,
) -> None:
    """
    Add one entry; locks the task's row until the transaction ends.

    Raises:
        NotFound: the task is not in this scope.
    """
    entry = {
        "id": tx.new_id(),
        "task_id": task_id,
        "event": event.value,
        "actor": actor,
        "body": canonical(body),
        "at": tx.now,
    }
    if task_id is None:
        await add(tx, tables.ledger, {**entry, "task_seq": None})
    elif await tx.change(_APPEND, here(tx, entry)) == 0:
        raise NotFound(f"task {task_id}: not in this scope; {event} not recorded")


@dataclass(frozen=True, slots=True)
class Said:
    """An entry to be, of a task."""

    event: Event
    actor: str
    task_id: UUID
    body: Mapping[str, object]


async def append_all(tx: Tx, said: Sequence[Said]) -> None:
    """
    Add entries of many tasks, each task's in the order given; locks the tasks.

    Raises:
        NotFound: a task is not in this scope; nothing is added.
    """
    if not said:
        return
    counts = Counter(one.task_id for one in said)
    rows = await tx.rows(
        _NEXT_SEQS, {"tasks": list(counts), "counts": list(counts.values())}
    )
    last = {row["id"]: row["task_seq"] - counts[row["id"]] for row in rows}
    missing = counts.keys() - last.keys()
    if missing:
        raise NotFound(f"tasks {sorted(map(str, missing))}: not in this scope")
    entries = []
    for one in said:
        last[one.task_id] += 1
        entries.append(
            {
                "id": tx.new_id(),
                "task_id": one.task_id,
                "task_seq": last[one.task_id],
                "event": one.event.value,
                "actor": one.actor,
                "body": canonical(one.body),
                "at": tx.now,
            }
        )
    await add_all(tx, tables.ledger, entries)


async def append_once(
    tx: Tx, event: Event, *, actor: str, task_id: UUID, body: Mapping[str, object]
) -> bool:
    """Append unless the task's newest entry says the very same; False if it does."""
    row = await tx.row(
        "SELECT event, actor, body FROM ledger WHERE task_id = :task"
        " ORDER BY task_seq DESC LIMIT 1",
        {"task": task_id},
    )
    said = row and (row["event"], row["actor"], row["body"])
    if said == (event, actor, canonical(body)):
        return False
    await append(tx, event, actor=actor, task_id=task_id, body=body)
    return True


async def list_of_task(tx: Tx, task_id: UUID) -> Sequence[Entry]:
    rows = await tx.rows(_OF_TASK, {"task": task_id})
    return [into(Entry, row) for row in rows]
