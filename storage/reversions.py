"""
Reversions: actions that are taken back by themselves at an instant.

One for each proposal that expires. A process that dies leaves the row as it is, and the
worker finds it again; ``next_try_at`` says when to look next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from policy.proposal import ReversionState
from policy.scope import Scope
from storage import tables
from storage.database import Tx
from storage.errors import NotFound
from storage.outbox import is_news
from storage.rows import add_new, by_id, into

# Of a time in which nobody looked (a process was away), no more than this counts.
_UNLOOKED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reversion:
    """
    ``execution_id`` is the action's own.

    ``tries`` counts what was begun, ``waits`` the looks in vain in a row.
    ``vain_since``: since when nothing has worked, neither look nor try; None while
    something does. ``reason_at``: since when each look gives this ``reason``.
    """

    id: UUID
    task_id: UUID
    proposal_id: UUID
    execution_id: UUID
    due_at: datetime
    state: ReversionState
    tries: int
    next_try_at: datetime
    waits: int
    reason: str
    vain_since: datetime | None
    reason_at: datetime | None


async def schedule(
    tx: Tx,
    *,
    task_id: UUID,
    proposal_id: UUID,
    execution_id: UUID,
    due_at: datetime,
    reason: str = "",
) -> bool:
    """Schedule a proposal's reversion; False if it has one."""
    return await add_new(
        tx,
        tables.reversions,
        {
            "id": tx.new_id(),
            "task_id": task_id,
            "proposal_id": proposal_id,
            "execution_id": execution_id,
            "due_at": due_at,
            "state": ReversionState.scheduled,
            "next_try_at": due_at,
            "reason": reason[:1000],
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )


async def get(tx: Tx, reversion_id: UUID, *, lock: bool = False) -> Reversion:
    """
    Give the reversion, which must be in this scope.

    Raises:
        NotFound: it is not.
    """
    row = await by_id(tx, tables.reversions, reversion_id, lock=lock)
    if row is None:
        raise NotFound(f"reversion {reversion_id}: not in this scope")
    return into(Reversion, row)


async def find_of_proposal(tx: Tx, proposal_id: UUID) -> Reversion | None:
    row = await tx.row(
        "SELECT * FROM reversions WHERE proposal_id = :id", {"id": proposal_id}
    )
    return into(Reversion, row) if row else None


async def move(
    tx: Tx,
    reversion: Reversion,
    state: ReversionState,
    *,
    reason: str = "",
    next_try_at: datetime | None = None,
) -> None:
    """Set a locked reversion's state; ``next_try_at`` None keeps the time."""
    table = tables.reversions
    begun = state is ReversionState.running and reversion.state is not state
    stands = None if is_news(reason, reversion.reason) else reversion.reason_at
    await tx.change(
        table.update()
        .where(table.c.id == reversion.id)
        .values(
            state=state,
            reason=reason[:1000],
            reason_at=stands or tx.now,
            tries=table.c.tries + (1 if begun else 0),
            next_try_at=next_try_at or reversion.next_try_at,
            updated_at=tx.now,
        )
    )


async def note_vain(tx: Tx, reversion: Reversion, *, looks: int = 0) -> datetime:
    """
    Note a look or a try in vain, and give since when each of them was.

    ``looks`` are added to the looks in vain in a row. Of a time in which nobody looked
    five minutes count.
    """
    since = reversion.vain_since or tx.now
    if reversion.vain_since is not None:
        unlooked = tx.now - reversion.next_try_at - _UNLOOKED
        since += max(unlooked, timedelta(0))
    table = tables.reversions
    await tx.change(
        table.update()
        .where(table.c.id == reversion.id)
        .values(waits=table.c.waits + looks, vain_since=since)
    )
    return since


async def note_look(tx: Tx, reversion: Reversion) -> None:
    """Count looks in vain anew: one has succeeded."""
    table = tables.reversions
    await tx.change(table.update().where(table.c.id == reversion.id).values(waits=0))


async def note_success(tx: Tx, reversion: Reversion) -> None:
    """Count looks and tries in vain anew: one took effect, or it is held on purpose."""
    table = tables.reversions
    await tx.change(
        table.update()
        .where(table.c.id == reversion.id)
        .values(waits=0, vain_since=None)
    )


async def find_due(tx: Tx, *, environment: str, most: int) -> list[tuple[Scope, UUID]]:
    """Give scope and id of what may be due in an environment, of any tenant."""
    rows = await tx.rows(
        "SELECT * FROM find_reversions(:most, :environment)",
        {"most": most, "environment": environment},
    )
    return [(Scope(row["tenant_id"], row["environment"]), row["id"]) for row in rows]
