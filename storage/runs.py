"""Runs and their journal: one run a plan, resumed after a crash, never repeated."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from policy.task import RunOutcome
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.redacted import Redacted
from storage.rows import add, add_new, by_id, into


@dataclass(frozen=True, slots=True)
class Run:
    id: UUID
    task_id: UUID
    plan: int
    outcome: RunOutcome | None
    report: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What was answered at a step; ``request_digest`` is the SHA-256 of the params."""

    step: str
    request_digest: str
    answer: Mapping[str, object]


async def begin(tx: Tx, task_id: UUID, plan: int) -> Run:
    """Give the plan's run, made if it is new."""
    table = tables.runs
    await add_new(
        tx,
        table,
        {"id": tx.new_id(), "task_id": task_id, "plan": plan, "started_at": tx.now},
    )
    row = await tx.row(
        select(table).where(table.c.task_id == task_id, table.c.plan == plan)
    )
    if row is None:
        raise LookupError(f"task {task_id}: run of plan {plan} is not in this scope")
    return into(Run, row)


async def find(tx: Tx, run_id: UUID) -> Run | None:
    row = await by_id(tx, tables.runs, run_id)
    return into(Run, row) if row else None


async def report(tx: Tx, run_id: UUID, outcome: RunOutcome, body: Redacted) -> bool:
    """Store the run's own report; False if it reported before."""
    table = tables.runs
    changed = await tx.change(
        table.update()
        .where(table.c.id == run_id, table.c.outcome.is_(None))
        .values(outcome=outcome, report=plain(body), finished_at=tx.now)
    )
    return changed == 1


async def keep_journal(tx: Tx, run_id: UUID, entry: JournalEntry) -> None:
    await add(
        tx,
        tables.journal,
        {
            "run_id": run_id,
            "step": entry.step,
            "request_digest": entry.request_digest,
            "answer": plain(entry.answer),
            "created_at": tx.now,
        },
    )


async def count_refused(tx: Tx, task_id: UUID, run_id: UUID, *, phase: str) -> int:
    """Count the calls of a run that were refused, of one phase."""
    row = await tx.row(
        "SELECT count(*) AS refused FROM tool_calls WHERE task_id = :task"
        " AND run_id = :run AND state = 'refused' AND phase = :phase",
        {"task": task_id, "run": run_id, "phase": phase},
    )
    return row["refused"] if row else 0


async def look(
    tx: Tx, task_id: UUID, run_id: UUID, step: str
) -> tuple[int, JournalEntry | None]:
    """
    Give how many reads a task's run has made, and what was answered at a step.

    What was refused counts, of whatever kind it was.
    """
    row = await tx.row(
        "SELECT (SELECT count(*) FROM tool_calls WHERE task_id = :task"
        " AND run_id = :run AND (phase = 'read' OR state = 'refused')) AS reads, j.*"
        " FROM (VALUES (1)) AS one"
        " LEFT JOIN journal j ON j.run_id = :run AND j.step = :step",
        {"task": task_id, "run": run_id, "step": step},
    )
    if row is None:  # pragma: no cover - one row stands at the left
        raise LookupError(f"run {run_id}: the look gave no row")
    return row["reads"], into(JournalEntry, row) if row["step"] is not None else None
