"""Verdicts with the facts that they were made from, and people's votes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from policy.decision import Decision
from policy.fatigue import Vote
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.rows import add, add_new, by_id, into

# A folded card decides at most so many at once (``orchestrator.folding``).
_MOST_TARGETS = 10


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's vote on one digest."""

    id: UUID
    proposal_id: UUID
    digest: str
    person: str
    verdict: str
    comment: str
    worn: bool
    void: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewVote:
    """
    A vote as it is cast; ``digest`` is what the person saw.

    ``after_seconds`` and ``evidence_opened`` are None where nobody can know; ``worn``:
    by habit its person's votes come unread. Votes of one ``click`` are one to a habit.
    """

    proposal_id: UUID
    digest: str
    person: str
    verdict: str
    comment: str
    reason_code: str
    inbox_id: UUID
    after_seconds: float | None = None
    evidence_opened: bool | None = None
    worn: bool = False
    click: str = ""


async def find_sandbox(tx: Tx) -> str | None:
    """Give what contained the run of the last call; None if none was judged yet."""
    row = await tx.row(
        "SELECT facts->>'sandbox' AS sandbox FROM decisions WHERE tenant_id = :tenant"
        " AND environment = :environment AND jsonb_exists(facts, 'sandbox')"
        " ORDER BY id DESC LIMIT 1",
        {"tenant": tx.here.tenant_id, "environment": tx.here.environment},
    )
    return str(row["sandbox"]) if row else None


async def keep(
    tx: Tx,
    decision: Decision,
    *,
    task_id: UUID,
    phase: str,
    facts: Mapping[str, object],
) -> UUID:
    """Store a verdict beside its facts, so that it can be replayed."""
    decision_id = tx.new_id()
    await add(
        tx,
        tables.decisions,
        {
            "id": decision_id,
            "task_id": task_id,
            "phase": phase,
            "facts": plain(facts),
            "verdict": decision.verdict,
            "level": decision.level.name,
            "matrix_rule": decision.matrix_rule,
            "cedar_ids": list(decision.cedar_ids),
            "bundle_hash": decision.bundle_hash,
            "obligations": list(decision.obligations),
            "reason": decision.reason,
            "created_at": tx.now,
        },
    )
    return decision_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """What policy said of one call, by which rules."""

    verdict: str
    level: str
    matrix_rule: str
    cedar_ids: Sequence[str]
    reason: str
    created_at: datetime


async def get(tx: Tx, decision_id: UUID) -> Verdict:
    row = await by_id(tx, tables.decisions, decision_id)
    if row is None:
        raise LookupError(f"decision {decision_id}: not in this scope")
    return into(Verdict, row)


async def get_facts(tx: Tx, decision_id: UUID) -> Mapping[str, object]:
    """Give the facts that a stored verdict was made from."""
    row = await tx.row(
        "SELECT facts FROM decisions WHERE id = :id", {"id": decision_id}
    )
    if row is None:
        raise LookupError(f"decision {decision_id}: not in this scope")
    facts: Mapping[str, object] = row["facts"]
    return facts


async def keep_bundle(tx: Tx, bundle_hash: str, texts: Mapping[str, str]) -> None:
    await add_new(
        tx,
        tables.policy_bundles,
        {"hash": bundle_hash, "texts": dict(texts), "created_at": tx.now},
    )


async def add_vote(tx: Tx, vote: NewVote) -> UUID | None:
    """Store a vote; None if this person voted on this proposal before."""
    vote_id = tx.new_id()
    stored = await add_new(
        tx, tables.approvals, {**asdict(vote), "id": vote_id, "created_at": tx.now}
    )
    return vote_id if stored else None


async def list_habit(tx: Tx, person: str, *, most: int, but: str) -> tuple[Vote, ...]:
    """
    Give a person's last approvals in this scope, the newest first.

    Those of one click are one: as hasty as the first, and read if all of them were.
    Those of the click ``but`` are left out, and those that count no more: their person
    looked and voted anew, or they were given before a restore.
    """
    rows = await tx.rows(
        "SELECT min(after_seconds) AS after_seconds,"
        " bool_and(evidence_opened) AS evidence_opened FROM ("
        " SELECT after_seconds, evidence_opened, created_at,"
        " coalesce(nullif(click, ''), id::text) AS click FROM approvals"
        " WHERE person = :person AND verdict = 'approve' AND tenant_id = :tenant"
        " AND environment = :environment AND (click = '' OR click <> :but)"
        " AND NOT void"
        " ORDER BY created_at DESC LIMIT :looked_at) v"
        " GROUP BY click ORDER BY max(created_at) DESC LIMIT :most",
        {
            "person": person,
            "most": most,
            "looked_at": most * _MOST_TARGETS,
            "but": but,
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
        },
    )
    return tuple(into(Vote, row) for row in rows)


async def list_worn(tx: Tx) -> list[str]:
    """Give the people whose newest approval here, of a week, needed one more person."""
    rows = await tx.rows(
        "SELECT person FROM (SELECT DISTINCT ON (person) person, worn FROM approvals"
        " WHERE verdict = 'approve' AND tenant_id = :tenant"
        " AND environment = :environment AND created_at > :now - interval '7 days'"
        " AND NOT void"
        " ORDER BY person, created_at DESC) v WHERE worn ORDER BY person",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "now": tx.now,
        },
    )
    return [str(row["person"]) for row in rows]


async def list_approvals(tx: Tx, proposal_id: UUID) -> Sequence[Approval]:
    """Give the standing approvals of a proposal, oldest first."""
    table = tables.approvals
    rows = await tx.rows(
        select(table)
        .where(
            table.c.proposal_id == proposal_id,
            table.c.verdict == "approve",
            table.c.void.is_(False),
        )
        .order_by(table.c.created_at)
    )
    return [into(Approval, row) for row in rows]


async def void_vote(tx: Tx, vote_id: UUID) -> None:
    """Void one vote, whose person votes anew."""
    table = tables.approvals
    await tx.change(table.update().where(table.c.id == vote_id).values(void=True))


async def void_approvals(
    tx: Tx, proposal_id: UUID, *, until: datetime | None = None
) -> Sequence[str]:
    """Void what was approved (``until`` an instant); give the people to tell."""
    table = tables.approvals
    early = () if until is None else (table.c.created_at <= until,)
    rows = await tx.rows(
        table.update()
        .where(
            table.c.proposal_id == proposal_id,
            table.c.verdict == "approve",
            table.c.void.is_(False),
            *early,
        )
        .values(void=True)
        .returning(table.c.person)
    )
    return [row["person"] for row in rows]
