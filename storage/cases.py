"""One case, whole: everything that was kept of a task, in the order it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from storage.database import Tx
from storage.errors import NotFound

Rows = Sequence[Mapping[str, object]]
# What is of no use to whoever reads a case: its scope, features, a model's own words.
_ROW = "to_jsonb({}) - '{{tenant_id,environment,likeness,answer}}'::text[] AS row"
_OF_TASK = (
    "SELECT {row} FROM {table} x WHERE x.task_id = :task ORDER BY x.{order}, x.id"
)
_ALERTS = """
    SELECT to_jsonb(x) - '{tenant_id,environment}'::text[] AS row FROM alerts x
    JOIN task_alerts t ON t.tenant_id = x.tenant_id AND t.environment = x.environment
      AND t.alert_id = x.id
    WHERE t.task_id = :task ORDER BY x.first_seen_at, x.id
"""
_APPROVALS = """
    SELECT to_jsonb(x) - '{tenant_id,environment}'::text[] AS row FROM approvals x
    JOIN proposals p ON p.tenant_id = x.tenant_id AND p.environment = x.environment
      AND p.id = x.proposal_id
    WHERE p.task_id = :task ORDER BY x.created_at, x.id
"""
_EVIDENCE = """
    SELECT to_jsonb(x) - '{tenant_id,environment,picture}'::text[]
      || jsonb_build_object('picture', encode(x.picture, 'base64')) AS row
    FROM evidence x WHERE x.task_id = :task ORDER BY x.created_at, x.id
"""
_ENTRIES = """
    SELECT to_jsonb(x) - '{tenant_id,environment,xid,epoch}'::text[]
      || jsonb_build_object('seq', s.seq, 'hash', encode(s.hash, 'hex'), 'signed_by',
        (SELECT min(c.size) FROM ledger_checkpoints c WHERE c.tenant_id = x.tenant_id
         AND c.size >= s.seq)) AS row
    FROM ledger x LEFT JOIN ledger_seals s ON s.tenant_id = x.tenant_id
      AND s.environment = x.environment AND s.ledger_id = x.id
    WHERE x.task_id = :task ORDER BY x.task_seq
"""
_TASK = "SELECT to_jsonb(x) - 'likeness' AS row FROM tasks x WHERE x.id = :task"


@dataclass(frozen=True, slots=True)
class Case:
    """
    Rows as they are kept: hidden values stay hidden.

    ``entries`` have their place in the ledger (``seq``), and the size of the first
    checkpoint that signs them; null where they wait for it.
    """

    task: Mapping[str, object]
    alerts: Rows
    runs: Rows
    calls: Rows
    model_calls: Rows
    evidence: Rows
    proposals: Rows
    decisions: Rows
    approvals: Rows
    grants: Rows
    executions: Rows
    reversions: Rows
    eval_cases: Rows
    entries: Rows


async def read_case(tx: Tx, task_id: UUID) -> Case:
    """
    Give everything of a task that this scope has.

    Raises:
        NotFound: the task is not in this scope.
    """
    tasks = await _rows(tx, _TASK, task_id)
    if not tasks:
        raise NotFound(f"task {task_id}: not in this scope")
    return Case(
        task=tasks[0],
        alerts=await _rows(tx, _ALERTS, task_id),
        runs=await _rows(tx, _of("runs", "started_at"), task_id),
        calls=await _rows(tx, _of("tool_calls", "started_at"), task_id),
        model_calls=await _rows(tx, _of("model_calls", "begun_at"), task_id),
        evidence=await _rows(tx, _EVIDENCE, task_id),
        proposals=await _rows(tx, _of("proposals", "created_at"), task_id),
        decisions=await _rows(tx, _of("decisions", "created_at"), task_id),
        approvals=await _rows(tx, _APPROVALS, task_id),
        grants=await _rows(tx, _of("autonomy_overrides", "created_at"), task_id),
        executions=await _rows(tx, _of("executions", "begun_at"), task_id),
        reversions=await _rows(tx, _of("reversions", "created_at"), task_id),
        eval_cases=await _rows(tx, _of("eval_cases", "created_at"), task_id),
        entries=await _rows(tx, _ENTRIES, task_id),
    )


def _of(table: str, order: str) -> str:
    return _OF_TASK.format(row=_ROW.format("x"), table=table, order=order)


async def _rows(tx: Tx, statement: str, task_id: UUID) -> Rows:
    return [row["row"] for row in await tx.rows(statement, {"task": task_id})]
