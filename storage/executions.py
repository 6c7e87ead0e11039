"""
Executions: intent before the effect, outcome after it.

A row without outcome is an effect that may be under way until its deadline. The outcome
is stored once, by whoever learns it first.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, text

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


# What takes something back owns what it set where that was done before ``since``.
_LATER = text(
    "SELECT found.* FROM (SELECT e.* FROM executions AS e"
    " JOIN proposals AS p ON p.id = e.proposal_id"
    " LEFT JOIN reversions AS r ON r.proposal_id = p.id"
    " CROSS JOIN LATERAL (SELECT CASE WHEN e.kind = 'revert'"
    " THEN p.undo->'params' ELSE p.params END AS params) AS given"
    " WHERE p.tool = :tool AND e.begun_at > :since AND p.id <> :own"
    " AND (e.outcome = 'applied' OR e.verified_at IS NOT NULL"
    " OR coalesce((e.verification->>'late_applied')::boolean, false)"
    " OR (:unsure AND coalesce(e.outcome, 'lost') IN ('lost', 'not_seen')))"
    " AND CASE WHEN e.kind = 'revert' OR p.undoes IS NOT NULL"
    " THEN :since > (SELECT max(x.begun_at) FROM executions AS x"
    " WHERE x.proposal_id = coalesce(p.undoes, p.id) AND x.kind = 'apply'"
    " AND coalesce(x.outcome, 'lost') IN ('applied', 'lost'))"
    " ELSE p.state <> 'undone'"
    " AND coalesce(r.state NOT IN ('done', 'skipped', 'cancelled'), true) END"
    " AND (given.params @> CAST(:target AS jsonb)"
    " OR strpos(CAST(given.params AS text), '⟨') > 0)"
    " ORDER BY given.params @> CAST(:target AS jsonb) DESC, e.begun_at DESC"
    " LIMIT :most) AS found ORDER BY found.begun_at DESC"
)
# Of one target's: each costs a look, and what stands is of one of the newest. Those
# whose placeholder may be another's target crowd out none of its own.
_MOST_LATER = 200


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


async def list_unsure(tx: Tx, proposal_id: UUID) -> list[Execution]:
    """Give the tries of which nobody knows for sure whether they took effect."""
    table = tables.executions
    unsure = table.c.outcome.is_(None) | table.c.outcome.in_(("lost", "not_seen"))
    rows = await tx.rows(
        select(table).where(table.c.proposal_id == proposal_id, unsure)
    )
    return [into(Execution, row) for row in rows]


async def list_since(
    tx: Tx,
    action: Execution,
    tool: str,
    *,
    target: Mapping[str, object],
    unsure: bool,
) -> list[Execution]:
    """
    Give what took effect by a tool since an action was begun, and still counts.

    Newest first, 200 at most: of those whose params hold ``target``, and then of those
    with a placeholder that may stand for it. ``unsure``: what nobody knows of, too.
    """
    values = {
        "target": canonical(target),
        "most": _MOST_LATER,
        "tool": tool,
        "since": action.begun_at,
        "own": action.proposal_id,
        "unsure": unsure,
    }
    return [into(Execution, row) for row in await tx.rows(_LATER, values)]


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
            # How its read-backs went is nobody's any more.
            verification=table.c.verification.op("-")("unseen")
            .op("-")("unread_since")
            .op("-")("unread_away"),
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
        .values(
            effect_deadline_at=deadline,
            not_before=not_before,
            verification=table.c.verification.op("-")("unseen"),
        )
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


async def keep_late_answer(
    tx: Tx, execution_id: UUID, said: str, *, applied: bool
) -> None:
    """Note what was answered after all; a later measurement takes its place."""
    await tx.change(
        "UPDATE executions SET verification = coalesce(verification, '{}')"
        " || jsonb_build_object('late', CAST(:said AS text),"
        " 'late_applied', CAST(:applied AS boolean)) WHERE id = :id",
        {"id": execution_id, "said": said[:1000], "applied": applied},
    )


async def note_unread(
    tx: Tx, execution_id: UUID, *, away: bool
) -> tuple[datetime, bool]:
    """
    Give since when each look at an open effect's target fails: now, at first.

    And whether its system has said since that it is ``away`` for a while.
    """
    row = await tx.row(
        "UPDATE executions SET verification = jsonb_build_object('unread_since',"
        " CAST(:now AS float), 'unread_away', false) || coalesce(verification, '{}')"
        " || CASE WHEN :away THEN jsonb_build_object('unread_away', true) ELSE '{}' END"
        " WHERE id = :id RETURNING (verification->>'unread_since')::float AS since,"
        " (verification->>'unread_away')::boolean AS away",
        {"id": execution_id, "now": tx.now.timestamp(), "away": away},
    )
    if row is None:
        raise LookupError(f"execution {execution_id}: not in this scope")
    return datetime.fromtimestamp(row["since"], UTC), row["away"]


async def note_read(
    tx: Tx, execution_id: UUID, *, ends_at: datetime
) -> datetime | None:
    """
    Note that what was carried out is measured again, at least until ``ends_at``.

    Give until when, if its system was away before; None if it was not.
    """
    row = await tx.row(
        "UPDATE executions AS e SET verify_deadline_at = CASE WHEN was.away"
        " THEN greatest(e.verify_deadline_at, :at) ELSE e.verify_deadline_at END,"
        " verification = e.verification - 'unread_since' - 'unread_away'"
        " FROM (SELECT coalesce((verification->>'unread_away')::boolean, false) AS away"
        " FROM executions WHERE id = :id) AS was"
        " WHERE e.id = :id AND e.verification ? 'unread_since'"
        " RETURNING e.verify_deadline_at AS at, was.away",
        {"id": execution_id, "at": ends_at},
    )
    return row["at"] if row and row["away"] else None


async def note_unseen(tx: Tx, execution_id: UUID) -> None:
    """Note that an open effect was looked for, and not seen: looks work again."""
    await tx.change(
        "UPDATE executions SET verification = jsonb_build_object('unseen', true)"
        " || coalesce(verification - 'unread_since' - 'unread_away', '{}')"
        " WHERE id = :id AND outcome IS NULL",
        {"id": execution_id},
    )


async def is_denied(tx: Tx, execution_id: UUID) -> bool:
    """Tell whether a person's word is all that says that it had no effect."""
    row = await tx.row(
        "SELECT outcome = 'lost' AND coalesce(verification ? 'attested_by'"
        " AND NOT coalesce((verification->>'late_applied')::boolean, false), false)"
        " AS yes FROM executions WHERE id = :id AND outcome IS NOT NULL",
        {"id": execution_id},
    )
    return bool(row and row["yes"])


async def was_answered(tx: Tx, execution_id: UUID) -> bool:
    """Tell whether its system said that it was applied, in time or late."""
    row = await tx.row(
        "SELECT outcome = 'applied'"
        " OR coalesce((verification->>'late_applied')::boolean, false) AS yes"
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
