"""The contract log: every call of a tool, refusals too, and the evidence it gave."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Update, bindparam, select, text

from storage import tables
from storage.canonical import canonical, digest, plain
from storage.database import Tx
from storage.redacted import Redacted, RedactedText
from storage.rows import add, into

_CITED = text(
    "SELECT e.id, e.tool, e.digest, CASE WHEN e.task_id = :task THEN (SELECT count(*)"
    " FROM evidence o WHERE o.task_id = e.task_id"
    " AND (o.created_at, o.id) <= (e.created_at, e.id)) END AS number"
    " FROM evidence e WHERE e.id = ANY (:ids) ORDER BY e.created_at, e.id"
)


@dataclass(frozen=True, slots=True)
class NewCall:
    """
    One call as it begins; ``inputs`` are redacted.

    ``phase`` is ``read``, ``propose``, ``apply`` or ``revert``.
    """

    task_id: UUID
    run_id: UUID | None
    tool: str
    tool_version: int
    phase: str
    inputs: Mapping[str, object]
    correlation_id: UUID
    verdict: str
    rule: str
    approval_id: UUID | None = None
    reason_code: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """An immutable snapshot; ``body`` is RFC 8785 JSON, ``digest`` its SHA-256."""

    id: UUID
    task_id: UUID
    tool: str
    digest: str
    origin: str
    body: str
    created_at: datetime


async def begin(tx: Tx, call: NewCall) -> UUID:
    return await _add(tx, call, state="started", error=None)


async def refuse(tx: Tx, call: NewCall, *, error: str) -> UUID:
    """Log a call that was not carried out."""
    return await _add(tx, call, state="refused", error=error)


async def finish(
    tx: Tx,
    call_id: UUID,
    *,
    outputs: Mapping[str, object] | None,
    error: str | None = None,
) -> None:
    """Log how a call ended; ``outputs`` are redacted."""
    await tx.change(
        _finish(),
        {
            "call_id": call_id,
            "state": "failed" if error else "completed",
            "outputs": plain(outputs) if outputs is not None else None,
            "error": error[:1000] if error else None,
            "finished_at": tx.now,
        },
    )


@cache
def _finish() -> Update:
    table = tables.tool_calls
    return table.update().where(table.c.id == bindparam("call_id"))


async def finish_apply(
    tx: Tx,
    idempotency_key: str,
    *,
    outputs: Mapping[str, object] | None,
    error: str | None,
) -> None:
    """Log how a write ended, by the key that it was sent under."""
    row = await tx.row(
        "SELECT id FROM tool_calls WHERE idempotency_key = :key"
        " AND finished_at IS NULL ORDER BY started_at DESC LIMIT 1",
        {"key": idempotency_key},
    )
    if row is not None:
        await finish(tx, row["id"], outputs=outputs, error=error)


async def count_of(
    tx: Tx, idempotency_key: str, *, since: datetime, error: str | None = None
) -> int:
    """Count how often a write was sent under its key since its intent, and so ended."""
    row = await tx.row(
        "SELECT count(*) AS times FROM tool_calls WHERE idempotency_key = :key"
        " AND started_at >= :since AND (error = :error OR :error IS NULL)",
        {"key": idempotency_key, "since": since, "error": error},
    )
    return row["times"] if row else 0


async def repeat(tx: Tx, idempotency_key: str) -> UUID:
    """Log that a write begins once more, as it was begun last."""
    table = tables.tool_calls
    row = await tx.row(
        select(table)
        .where(table.c.idempotency_key == idempotency_key)
        .order_by(table.c.started_at.desc())
        .limit(1)
    )
    if row is None:
        raise LookupError(f"no call under {idempotency_key}")
    return await begin(tx, into(NewCall, row))


async def correct_apply(
    tx: Tx,
    idempotency_key: str,
    *,
    begun_at: datetime,
    outputs: Mapping[str, object] | None,
) -> None:
    """Log that a write which was given up took effect after all."""
    # Every try has the same key, and begins with a call; one that is sent again has
    # more of them, of which the last stands for all.
    row = await tx.row(
        "SELECT id FROM tool_calls WHERE idempotency_key = :key"
        " AND started_at >= :begun_at AND started_at < coalesce((SELECT min(begun_at)"
        " FROM executions WHERE idempotency_key = :key AND begun_at > :begun_at),"
        " 'infinity') ORDER BY started_at DESC LIMIT 1",
        {"key": idempotency_key, "begun_at": begun_at},
    )
    if row is not None:
        await finish(tx, row["id"], outputs=outputs)


@dataclass(frozen=True, slots=True)
class Cited:
    """
    A piece of evidence under its number in a task's thread.

    ``number`` is None of another task's, as an undo cites it.
    """

    id: UUID
    tool: str
    digest: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that goes with a piece of evidence: PNG, and its words."""

    png: bytes
    alt: RedactedText


async def keep_evidence(
    tx: Tx,
    call_id: UUID,
    *,
    task_id: UUID,
    tool: str,
    body: Redacted,
    drawing: Drawing | None = None,
) -> Evidence:
    """Keep a redacted result under the digest of its content."""
    evidence = Evidence(
        tx.new_id(), task_id, tool, digest(body), tool, canonical(body), tx.now
    )
    await add(
        tx,
        tables.evidence,
        {
            **asdict(evidence),
            "tool_call_id": call_id,
            "picture": drawing.png if drawing else None,
            "picture_alt": drawing.alt if drawing else None,
        },
    )
    return evidence


async def find_drawing(tx: Tx, evidence_id: UUID) -> Drawing | None:
    row = await tx.row(
        "SELECT picture, picture_alt FROM evidence WHERE id = :id"
        " AND picture IS NOT NULL",
        {"id": evidence_id},
    )
    return Drawing(bytes(row["picture"]), row["picture_alt"]) if row else None


async def list_evidence(tx: Tx, task_id: UUID) -> Sequence[Evidence]:
    rows = await tx.rows(
        "SELECT id, task_id, tool, digest, origin, body, created_at FROM evidence"
        " WHERE task_id = :task ORDER BY created_at, id",
        {"task": task_id},
    )
    return [into(Evidence, row) for row in rows]


async def list_looks(
    tx: Tx, task_id: UUID, *, run_id: UUID
) -> Sequence[Mapping[str, object]]:
    """
    Give the task's reads in order: tool, inputs, state, seconds.

    What another run began and never ended has the state ``cut``.
    """
    rows = await tx.rows(
        "SELECT tool, inputs, CASE WHEN state = 'started'"
        " AND run_id IS DISTINCT FROM :run THEN 'cut' ELSE state END AS state,"
        " EXTRACT(EPOCH FROM finished_at - started_at) AS seconds"
        " FROM tool_calls WHERE task_id = :task AND phase = 'read'"
        " ORDER BY started_at",
        {"task": task_id, "run": run_id},
    )
    return [
        {**row, "seconds": float(row["seconds"]) if row["seconds"] else 0.0}
        for row in rows
    ]


async def _add(tx: Tx, call: NewCall, *, state: str, error: str | None) -> UUID:
    call_id = tx.new_id()
    await add(
        tx,
        tables.tool_calls,
        {
            **asdict(call),
            "inputs": plain(call.inputs),
            "id": call_id,
            "state": state,
            "error": error[:1000] if error else None,
            "started_at": tx.now,
            "finished_at": tx.now if state == "refused" else None,
        },
    )
    return call_id


async def list_cited(tx: Tx, task_id: UUID, ids: Sequence[str]) -> Sequence[Cited]:
    """Give what is kept of the evidence that a card names; a model may name any."""
    known = [found for one in ids if (found := _id_of(one)) is not None]
    if not known:
        return []
    rows = await tx.rows(_CITED, {"task": task_id, "ids": known})
    return [into(Cited, row) for row in rows]


def _id_of(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
