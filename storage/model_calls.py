"""
Questions to a model, one row for each step of a run: what was paid, what was answered.

A row is made before the question is sent and holds the most that it may cost; it is
settled when the answer is there. One that never is settled counts as it stands.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text

from policy.model_call import ModelCallState, ModelFault, Spent
from storage import tables
from storage.canonical import plain
from storage.database import Tx
from storage.redacted import Redacted, RedactedText
from storage.rows import add, into

# One question at a time is counted in a tenant's environment, so that a budget is one.
# The number is this lock's own among advisory locks (storage/guards.py has another).
_COUNT_ALONE = text(
    "SELECT pg_advisory_xact_lock(7406914, hashtext(:tenant || '/' || :environment))"
)
_SUM = (
    "SELECT count(*) AS turns,"
    " coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens,"
    " coalesce(sum(seconds), 0) AS seconds, coalesce(sum(cost_microusd), 0)::bigint"
    " AS microusd FROM model_calls WHERE coalesce(fault, '') <> 'budget_spent'"
)


@dataclass(frozen=True, slots=True)
class NewModelCall:
    """A question as it begins; tokens and cost are the most that is expected."""

    task_id: UUID
    run_id: UUID
    step: str
    model: str
    request_digest: str
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ModelCall:
    """``due_at``: after it, one that is begun has no answer to come."""

    id: UUID
    task_id: UUID
    step: str
    model: str
    request_digest: str
    state: ModelCallState
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    answer: Mapping[str, object] | None
    fault: ModelFault | None
    error: str | None
    begun_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """How a question ended, and what it cost."""

    state: ModelCallState
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    answer: Redacted | None = None
    fault: ModelFault | None = None
    error: RedactedText | None = None


async def find(tx: Tx, run_id: UUID, step: str) -> ModelCall | None:
    table = tables.model_calls
    row = await tx.row(
        select(table).where(table.c.run_id == run_id, table.c.step == step)
    )
    return into(ModelCall, row) if row else None


async def count_alone(tx: Tx) -> None:
    """Wait until nobody else counts in this scope; held until the transaction ends."""
    scope = tx.here
    await tx.row(
        _COUNT_ALONE, {"tenant": scope.tenant_id, "environment": scope.environment}
    )


async def begin(tx: Tx, new: NewModelCall) -> UUID:
    call_id = tx.new_id()
    values = {"id": call_id, "state": ModelCallState.begun, "seconds": 0.0}
    await add(tx, tables.model_calls, {**asdict(new), **values, "begun_at": tx.now})
    return call_id


async def settle(tx: Tx, call_id: UUID, settled: Settled) -> float | None:
    """Store how a question ended, and give its seconds; None if it is known already."""
    table = tables.model_calls
    row = await tx.row(
        select(table.c.begun_at).where(
            table.c.id == call_id, table.c.state == ModelCallState.begun
        )
    )
    if row is None:
        return None
    values = asdict(settled)
    answer = plain(settled.answer) if settled.answer is not None else None
    took: timedelta = tx.now - row["begun_at"]
    seconds = max(0.0, took.total_seconds())
    changed = await tx.change(
        table.update()
        .where(table.c.id == call_id, table.c.state == ModelCallState.begun)
        .values(
            **{**values, "answer": answer},
            seconds=seconds,
            finished_at=tx.now,
        )
    )
    return seconds if changed == 1 else None


async def count_of_run(tx: Tx, run_id: UUID) -> int:
    """Count every question of a run, those too that were refused."""
    row = await tx.row(
        "SELECT count(*) AS asked FROM model_calls WHERE run_id = :run", {"run": run_id}
    )
    return row["asked"] if row else 0


async def sum_of_task(tx: Tx, task_id: UUID) -> Spent:
    """Sum up what a task has spent, over all its runs; what is begun counts."""
    row = await tx.row(f"{_SUM} AND task_id = :task", {"task": task_id})
    return into(Spent, row) if row else Spent()


async def sum_since(tx: Tx, since: datetime) -> Spent:
    """Sum up what the scope has spent on all its tasks since an instant."""
    row = await tx.row(f"{_SUM} AND begun_at >= :since", {"since": since})
    return into(Spent, row) if row else Spent()
