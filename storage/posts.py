"""
The facts of each message of a thread, gathered in the transaction that made them.

Slots: ``root`` (the task, or a storm's digest), ``trace`` (what was looked at),
``evidence`` (the findings), ``proposal:<id>`` (a card, edited until the end),
``answer:<id>`` (for one person).
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from storage import outbox, proposals, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Lane
from storage.proposals import Proposal
from storage.tasks import Task

_FOLDED = text(
    "SELECT coalesce(sum(a.count), 0) AS folded, min(a.first_seen_at) AS since"
    " FROM task_alerts l JOIN alerts a ON a.id = l.alert_id WHERE l.task_id = :task"
)
_VOTES = text(
    "SELECT person, verdict, comment, created_at FROM approvals"
    " WHERE proposal_id = :id AND NOT void ORDER BY created_at"
)
_LAST_EXECUTION = text(
    "SELECT outcome, error, before, after, begun_at, finished_at, verified_at,"
    " verification FROM executions WHERE proposal_id = :id AND kind = 'apply'"
    " ORDER BY begun_at DESC LIMIT 1"
)
_REVERSION = text(
    "SELECT state, due_at, reason FROM reversions WHERE proposal_id = :id"
)
_UNDO = text(
    "SELECT state, task_id FROM proposals WHERE undoes = :id"
    " ORDER BY created_at DESC LIMIT 1"
)


async def post_root(tx: Tx, task: Task, *, next_step: str = "") -> None:
    """Post the task as it stands; one that waits to be opened is seen by nobody."""
    if task.opens_at is not None:
        return
    folded = await tx.row(_FOLDED, {"task": task.id})
    await outbox.post(
        tx,
        task.id,
        slot="root",
        kind="root",
        payload=plain(
            {
                "short_id": task.short_id,
                "title": task.title,
                "headline": task.headline,
                "severity": task.severity,
                "state": task.state,
                "kind": task.kind,
                "service": task.service,
                "environment": task.environment,
                "agent": f"{task.agent} {task.agent_version}",
                "level": task.level,
                "owner": task.takeover_by,
                "people": task.people,
                "opened_by": task.opened_by,
                "opened_at": task.created_at.timestamp(),
                "closed_at": task.closed_at.timestamp() if task.closed_at else None,
                "alerts": int(folded["folded"]) if folded else 0,
                "next_step": next_step,
            }
        ),
    )


async def post_digest(tx: Tx, task_id: UUID, payload: Mapping[str, object]) -> None:
    """Post the one message of a storm; the caller holds its task."""
    await outbox.post(tx, task_id, slot="root", kind="digest", payload=plain(payload))


async def post_card(tx: Tx, proposal_id: UUID, *, lane: Lane = Lane.decision) -> None:
    """Post the card of a proposal as it stands now."""
    proposal = await proposals.get(tx, proposal_id)
    votes = await tx.rows(_VOTES, {"id": proposal_id})
    execution = await tx.row(_LAST_EXECUTION, {"id": proposal_id})
    reversion = await tx.row(_REVERSION, {"id": proposal_id})
    undo = await tx.row(_UNDO, {"id": proposal_id})
    await outbox.post(
        tx,
        proposal.task_id,
        slot=f"proposal:{proposal_id}",
        kind="card",
        lane=lane,
        payload=plain(_card(proposal))
        | {
            "votes": plain(votes),
            "execution": plain(execution) if execution else None,
            "reversion": _instants(reversion) if reversion else None,
            "undone_by": plain(undo) if undo else None,
        },
    )


async def post_cards(tx: Tx, proposal: Proposal) -> None:
    """
    Post a proposal's card and, of an undo, that of the action: it offers Undo or not.

    The caller holds the proposal's task; the action's is locked after it.
    """
    await post_card(tx, proposal.id)
    if proposal.undoes is not None:
        action = await proposals.get(tx, proposal.undoes)
        await tasks.get(tx, action.task_id, lock=True)
        await post_card(tx, action.id)


async def post_answer(
    tx: Tx, task_id: UUID, *, inbox_id: UUID, user: str, text: str, sealed: str = ""
) -> None:
    """
    Answer one person, where they look, for their eyes alone.

    ``sealed`` is more that the courier alone can read.
    """
    await outbox.post(
        tx,
        task_id,
        slot=f"answer:{inbox_id}",
        kind="answer",
        payload={"user": user, "text": text} | ({"sealed": sealed} if sealed else {}),
        lane=Lane.decision,
    )


async def post_findings(tx: Tx, task_id: UUID, payload: Mapping[str, object]) -> None:
    await outbox.post(
        tx,
        task_id,
        slot="evidence",
        kind="evidence",
        payload=plain(payload),
        lane=Lane.decision,
    )


async def post_trace(tx: Tx, task_id: UUID, payload: Mapping[str, object]) -> None:
    await outbox.post(
        tx,
        task_id,
        slot="trace",
        kind="trace",
        payload=plain(payload),
        lane=Lane.chatter,
    )


def _instants(row: Mapping[str, object]) -> Mapping[str, object]:
    """Give a row with its instants as Unix seconds."""
    instants = {
        name: one.timestamp() if isinstance(one, datetime) else one
        for name, one in row.items()
    }
    return dict(plain(instants))


def _card(proposal: Proposal) -> Mapping[str, object]:
    return {
        "proposal_id": proposal.id,
        "revision": proposal.revision,
        "tool": proposal.tool,
        "category": proposal.category,
        "params": proposal.params,
        "reason_code": proposal.reason_code,
        "summary": proposal.summary,
        "because": proposal.because,
        "confidence": proposal.confidence,
        "evidence_ids": proposal.evidence_ids,
        "uncited": proposal.uncited,
        "before": proposal.before,
        "estimate": proposal.estimate,
        "undo": proposal.undo,
        "undoes": proposal.undoes,
        "risk": proposal.risk,
        "risk_factors": proposal.risk_factors,
        "digest": proposal.digest,
        "state": proposal.state,
        "quorum": proposal.quorum,
        "roles": proposal.roles,
        "rule": proposal.rule,
        "expires_in_seconds": proposal.expires_in_seconds,
        "expires_at": (
            proposal.expires_at.timestamp() if proposal.expires_at else None
        ),
        "edited_by": proposal.edited_by,
        "diff": proposal.diff,
        "closed_by": proposal.closed_by,
        "closed_reason": proposal.closed_reason,
    }
