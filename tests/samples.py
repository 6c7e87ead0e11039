"""Rows with sensible contents, for tests that need a task or a proposal to exist."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from policy.alert import Alert, AlertStatus, Severity
from policy.decision import Decision, Level, Verdict
from policy.proposal import ProposalState
from policy.task import TaskKind
from storage import alerts, decisions, proposals, tasks, threads
from storage.alerts import StoredAlert
from storage.database import Tx
from storage.identifiers import uuid7
from storage.proposals import Proposal
from storage.tasks import Fired, NewTask, Task

NEW_TASK = NewTask(
    kind=TaskKind.reliability,
    title="5xx on /feed",
    severity=Severity.error,
    service="feed",
    agent="reliability",
    agent_version=3,
    agent_digest="a" * 64,
    channel="C0OPS",
    opened_by="alertmanager",
    level="L1",
    group_key="alertmanager/feed",
)
DECISION = Decision(
    verdict=Verdict.require_approval,
    level=Level.L1,
    matrix_rule="default",
    cedar_ids=("two-people",),
    bundle_hash="b" * 64,
    reason="a person decides",
    quorum=1,
    roles=("operator",),
    expires_in_seconds=900,
)


async def add_task(tx: Tx, **changes: Any) -> Task:
    """Add a queued task with its thread; ``changes`` are fields of ``NewTask``."""
    task = await tasks.create(tx, replace(NEW_TASK, **changes))
    await threads.open_thread(tx, task.id, task.channel)
    return task


def a_task(now: datetime = datetime(2026, 1, 1, tzinfo=UTC), **changes: Any) -> Task:
    """Make a task that no row stands for; ``changes`` are its fields."""
    of = asdict(NEW_TASK)
    made = Task(
        **{name: of[name] for name in of if name in Task.__dataclass_fields__},
        id=uuid7(now),
        tenant_id="acme",
        environment="staging",
        fence=0,
        attempt=0,
        plan=1,
        takeover_by=None,
        muted_by=None,
        correlation_id=uuid7(now),
        headline=NEW_TASK.title,
        quiet_at=None,
        created_at=now,
        closed_at=None,
    )
    return replace(made, **changes)


async def add_alert(tx: Tx, found: Alert, task_id: UUID | None = None) -> StoredAlert:
    """Store one alert, as of this task."""
    [stored] = await alerts.upsert(tx, [found])
    if stored is None:
        raise LookupError(f"alert {found.fingerprint}: it is late")
    if task_id is not None:
        await alerts.link(tx, [(task_id, stored.id)])
        await tasks.wake_all(tx, {task_id: Fired(1, found.severity)})
    return stored


async def add_proposal(tx: Tx, task: Task, **changes: Any) -> Proposal:
    """
    Add a proposal that waits, with its decision; ``changes`` are its fields.

    The transaction's role must be the gateway: no other may insert proposals.
    """
    decision_id = await decisions.keep(
        tx, DECISION, task_id=task.id, phase="propose", facts={"tool": "throttle"}
    )
    proposal = replace(proposal_of(tx, task, decision_id), **changes)
    await proposals.create(tx, proposal)
    return proposal


def proposal_of(tx: Tx, task: Task, decision_id: UUID) -> Proposal:
    return a_proposal(tx.now, task_id=task.id, decision_id=decision_id)


def a_proposal(
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC), **changes: Any
) -> Proposal:
    """Make a proposal that no row stands for; ``changes`` are its fields."""
    proposal_id = uuid7(now)
    made = Proposal(
        id=proposal_id,
        task_id=uuid7(now),
        run_id=None,
        key=f"key-{proposal_id}",
        revision=1,
        supersedes=None,
        undoes=None,
        tool="throttle_endpoint",
        tool_version=1,
        category="write_reversible",
        params={"service": "feed", "route": "GET /feed", "limit_rps": 100},
        params_schema={"type": "object"},
        reason_code="incident_mitigation",
        summary="Throttle GET /feed",
        because="5xx rose with the load",
        confidence=0.8,
        evidence_ids=(),
        uncited=(),
        tainted=False,
        before={"limit_rps": None},
        estimate={"amount": 12.5, "unit": "requests/s"},
        undo={"limit_rps": 0},
        risk=2,
        risk_factors=("reach",),
        digest="d" * 64,
        state=ProposalState.needs_approval,
        decision_id=uuid7(now),
        quorum=1,
        roles=("operator",),
        rule="default",
        expires_in_seconds=900,
        expires_at=None,
        latest_at=now + timedelta(hours=24),
        proposed_by="reliability 3",
        edited_by=None,
        diff=None,
        closed_by=None,
        closed_reason=None,
        reminded_at=None,
        created_at=now,
    )
    return replace(made, **changes)


def alert(fingerprint: str, tx: Tx, **changes: Any) -> Alert:
    """Make a firing alert; ``changes`` are fields of ``Alert``."""
    return replace(
        Alert(
            source="alertmanager",
            fingerprint=fingerprint,
            title="5xx on /feed",
            severity=Severity.error,
            status=AlertStatus.firing,
            service="feed",
            environment=tx.here.environment,
            starts_at=tx.now,
        ),
        **changes,
    )
