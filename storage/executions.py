"""
Executions: intent before the effect, outcome after it.

A row without outcome is an effect that may be under way until its deadline. The outcome
is stored once, by whoever learns it first.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from storage import tables
from storage.canonical import canonical, plain
from storage.database import Tx
from storage.rows import add, by_id, into


@dataclass(frozen=True, slots=True)
class Execution:
    """
    ``kind`` is ``apply`` or ``revert``.

    ``outcome``: applied, not_sent, not_seen, put_off, moved, failed or lost; None while
    it may run.
    ``not_before`` is when a system that put it off wants to be asked again.
    """

    id: UUID
    task_id: UUID
    proposal_id: UUID
    kind: str
    fence: int
    idempotency_key: str
    outcome: str | None
    before: Mapping[str, object]
    after: Mapping[str, object] | None
    error: str | None
    begun_at: datetime
    effect_deadline_at: datetime
    finished_at: datetime | None
    verify_deadline_at: datetime | None
    verified_at: datetime | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class NewExecution:
    """``fence`` is the worker's claim; a reversion runs under none, and has 0."""

    task_id: UUID
    proposal_id: UUID
    kind: str
    fence: int
    before: Mapping[str, object]
    effect_deadline_at: datetime


async def begin(tx: Tx, new: NewExecution) -> Execution:
    """Store the intent; the idempotency key stays the same over all tries."""
    tries = await count_tries(tx, new.proposal_id, kind=new.kind)
    execution_id = tx.new_id()
    await add(
        tx,
        tables.executions,
        {
            **asdict(new),
            "id": execution_id,
            "try": tries + 1,
            "idempotency_key": f"{new.proposal_id}:{new.kind}",
            "before": plain(new.before),
            "begun_at": tx.now,
        },
    )
    return await get(tx, execution_id)


async def get(tx: Tx, execution_id: UUID) -> Execution:
    row = await by_id(tx, tables.executions, execution_id)
    if row is None:
        raise LookupError(f"execution {execution_id}: not in this scope")
    return into(Execution, row)


async def find_last(
    tx: Tx, proposal_id: UUID, *, kind: str = "apply", outcome: str | None = None
) -> Execution | None:
    """Give the latest try, of those that ended so where an outcome is named."""
    table = tables.executions
    ended = () if outcome is None else (table.c.outcome == outcome,)
    row = await tx.row(
        select(table)
        .where(table.c.proposal_id == proposal_id, table.c.kind == kind, *ended)
        .order_by(table.c.begun_at.desc())
        .limit(1)
    )
    return into(Execution, row) if row else None


async def count_tries(tx: Tx, proposal_id: UUID, *, kind: str = "apply") -> int:
    """Count what was begun; see ``count_in_vain`` for what speaks against going on."""
    row = await tx.row(
        "SELECT count(*) AS tries FROM executions WHERE proposal_id = :id"
        " AND kind = :kind",
        {"id": proposal_id, "kind": kind},
    )
    return row["tries"] if row else 0


async def count_in_vain(tx: Tx, proposal_id: UUID, *, kind: str = "apply") -> int:
    """Count the tries without effect; one that was put off is none of them."""
    row = await tx.row(
        "SELECT count(*) AS tries FROM executions WHERE proposal_id = :id"
        " AND kind = :kind AND outcome IN ('not_sent', 'not_seen')"
        " AND not_before IS NULL",
        {"id": proposal_id, "kind": kind},
    )
    return row["tries"] if row else 0


async def may_have_landed(tx: Tx, proposal_id: UUID, *, kind: str) -> bool:
    """Tell whether a try was sent and not seen when it was read back, or came late."""
    row = await tx.row(
        "SELECT 1 AS one FROM executions WHERE proposal_id = :id AND kind = :kind"
        " AND outcome IN ('not_seen', 'applied') LIMIT 1",
        {"id": proposal_id, "kind": kind},
    )
    return row is not None


async def put_off_since(
    tx: Tx, proposal_id: UUID, *, kind: str, most_seconds: float
) -> datetime | None:
    """
    Give since when the system has put it off in a row.

    A try that begins more than ``most_seconds`` after it might have, or after one that
    ended otherwise, begins another row: something else had held it.
    """
    row = await tx.row(
        "SELECT max(begun_at) AS at FROM (SELECT begun_at, outcome, not_before,"
        " lag(not_before) OVER (ORDER BY begun_at) AS wanted FROM executions"
        " WHERE proposal_id = :id AND kind = :kind) AS tries"
        " WHERE outcome IN ('put_off', 'not_seen') AND not_before IS NOT NULL"
        " AND (wanted IS NULL"
        " OR begun_at > wanted + make_interval(secs => :most))",
        {"id": proposal_id, "kind": kind, "most": most_seconds},
    )
    return row["at"] if row else None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an effect ended; the instants as in ``Execution``."""

    outcome: str
    after: Mapping[str, object] | None = None
    error: str | None = None
    verify_deadline_at: datetime | None = None
    not_before: datetime | None = None


async def count_put_off(tx: Tx, proposal_id: UUID, *, kind: str = "apply") -> int:
    """Count how often the system itself put it off."""
    row = await tx.row(
        "SELECT count(*) AS times FROM executions WHERE proposal_id = :id"
        " AND kind = :kind AND outcome IN ('put_off', 'not_seen')"
        " AND not_before IS NOT NULL",
        {"id": proposal_id, "kind": kind},
    )
    return row["times"] if row else 0


async def settle(tx: Tx, execution_id: UUID, ending: Ending) -> bool:
    """Store the outcome; False if it is known already."""
    table = tables.executions
    after = None if ending.after is None else plain(ending.after)
    changed = await tx.change(
        table.update()
        .where(table.c.id == execution_id, table.c.outcome.is_(None))
        .values(
            outcome=ending.outcome,
            after=after,
            error=ending.error[:1000] if ending.error else None,
            finished_at=tx.now,
            verify_deadline_at=ending.verify_deadline_at,
            not_before=ending.not_before,
        )
    )
    return changed == 1


async def extend(
    tx: Tx,
    execution_id: UUID,
    deadline: datetime,
    *,
    not_before: datetime | None = None,
) -> Execution:
    """
    Give an open effect, which is sent again or put off, until when it may take.

    ``not_before``: when its system itself asked to be asked again.
    """
    table = tables.executions
    await tx.change(
        table.update()
        .where(table.c.id == execution_id, table.c.outcome.is_(None))
        .values(effect_deadline_at=deadline, not_before=not_before)
    )
    return await get(tx, execution_id)


async def keep_after(tx: Tx, execution_id: UUID, after: Mapping[str, object]) -> None:
    """Store what an effect left, as a person or its system said afterwards."""
    table = tables.executions
    await tx.change(
        table.update()
        .where(table.c.id == execution_id, table.c.outcome != "applied")
        .values(after=plain(after))
    )


async def keep_late_answer(tx: Tx, execution_id: UUID, said: str) -> None:
    """Note what was answered after all; a later measurement takes its place."""
    await tx.change(
        "UPDATE executions SET verification = coalesce(verification, '{}')"
        " || jsonb_build_object('late', CAST(:said AS text)) WHERE id = :id",
        {"id": execution_id, "said": said[:1000]},
    )


async def was_answered(tx: Tx, execution_id: UUID) -> bool:
    """Tell whether its system said that it was applied, in time or late."""
    row = await tx.row(
        "SELECT outcome = 'applied' OR coalesce(verification ? 'late', false) AS yes"
        " FROM executions WHERE id = :id AND outcome IS NOT NULL",
        {"id": execution_id},
    )
    return bool(row and row["yes"])


async def correct(tx: Tx, execution_id: UUID, ending: Ending) -> None:
    """Store that an effect took place after all, where nobody's word stands yet."""
    table = tables.executions
    await tx.change(
        table.update()
        .where(table.c.id == execution_id)
        .values(
            outcome=ending.outcome,
            after=None if ending.after is None else plain(ending.after),
            error=None,
            verify_deadline_at=ending.verify_deadline_at,
        )
    )


async def keep_verification(
    tx: Tx, execution_id: UUID, verification: Mapping[str, object], *, done: bool
) -> None:
    """Store what was measured; it takes the place of what was answered late."""
    table = tables.executions
    await tx.change(
        table.update()
        .where(table.c.id == execution_id)
        .values(verification=plain(verification), verified_at=tx.now if done else None)
    )


async def keep_word(
    tx: Tx, execution_id: UUID, word: Mapping[str, object], *, done: bool
) -> None:
    """Store what a person said; what was answered late stays beside it."""
    await tx.change(
        "UPDATE executions SET verification = coalesce(verification, '{}')"
        " || CAST(:word AS jsonb), verified_at = :at WHERE id = :id",
        {"id": execution_id, "word": canonical(word), "at": tx.now if done else None},
    )
