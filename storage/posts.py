"""
The facts of each message of a thread, gathered in the transaction that made them.

Slots: ``root`` (the task, or a storm's digest), ``trace`` (what was looked at),
``evidence`` (the findings), ``proposal:<id>`` (a card, edited until the end),
``fold:<id>`` (one card for several), ``answer:<id>`` (for one person).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from policy.proposal import ProposalState
from storage import outbox, overrides, proposals, reminders, tasks, tool_calls
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Lane, NewPost
from storage.overrides import Override
from storage.proposals import WAITING, Proposal
from storage.tasks import Task

_PAGE = "page"
_VOTES = text(
    "SELECT person, verdict, comment, created_at, after_seconds, evidence_opened,"
    " worn FROM approvals"
    " WHERE proposal_id = :id AND NOT void ORDER BY created_at"
)
_LAST_EXECUTION = text(
    "SELECT outcome, error, before, after, begun_at, finished_at, verified_at,"
    " verification, (SELECT o.verification->>'late' FROM executions o"
    " WHERE o.proposal_id = :id AND o.verification ? 'late'"
    " ORDER BY o.begun_at DESC LIMIT 1) AS late"
    " FROM executions WHERE proposal_id = :id AND kind = 'apply'"
    " ORDER BY begun_at DESC LIMIT 1"
)
_REVERSION = text(
    "SELECT state, due_at, reason FROM reversions WHERE proposal_id = :id"
)
_UNDO = text(
    "SELECT state, task_id FROM proposals WHERE undoes = :id"
    " ORDER BY created_at DESC LIMIT 1"
)


ROOT = "root"
_WAITS = "Waits: "
_WAIT_STANDS = timedelta(seconds=60)
FOLD = "fold:"


async def post_root(tx: Tx, task: Task, *, next_step: str = "") -> None:
    await post_roots(tx, [(task, next_step)])


async def say_wait(tx: Tx, task: Task, why: str) -> None:
    """Show for what a task waits, unless its root shows that already."""
    said = f"{_WAITS}{why}"
    shown = await outbox.find_step(tx, task.id)
    if shown is not None and shown.text.startswith(_WAITS):
        # Two troubles may take turns at each poll.
        settled = tx.now - shown.at < _WAIT_STANDS
        if settled or not outbox.is_news(said, shown.text):
            return
    await post_root(tx, task, next_step=said)


async def end_wait(tx: Tx, task: Task) -> None:
    """Show no wait any more that is over."""
    shown = await outbox.find_step(tx, task.id)
    if shown is not None and shown.text.startswith(_WAITS):
        await post_root(tx, task)


async def post_roots(tx: Tx, found: Sequence[tuple[Task, str | None]]) -> None:
    """
    Post tasks as they stand, each with its next step; None keeps the one shown.

    One that waits to be opened is seen by nobody.
    """
    await outbox.post_all(
        tx,
        [
            NewPost(task.id, ROOT, "root", _root(task, step))
            for task, step in found
            if task.opens_at is None
        ],
    )


def _root(task: Task, next_step: str | None) -> Mapping[str, object]:
    return dict(
        plain(
            {
                "task_id": task.id,
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
                "muted_by": task.muted_by,
                "people": task.people,
                "opened_by": task.opened_by,
                "opened_at": task.created_at.timestamp(),
                "closed_at": task.closed_at.timestamp() if task.closed_at else None,
                "alerts": task.alerts,
                "cost_microusd": task.cost_microusd,
                "next_step": next_step,
            }
        )
    )


async def post_digest(tx: Tx, task_id: UUID, payload: Mapping[str, object]) -> None:
    """Post the one message of a storm; the caller holds its task."""
    await outbox.post(tx, NewPost(task_id, ROOT, "digest", plain(payload)))


async def post_card(tx: Tx, proposal_id: UUID, *, lane: Lane = Lane.decision) -> None:
    """
    Post the card of a proposal as it stands now.

    While one waits that is folded, it stands on the card that it shares.
    """
    proposal = await proposals.get(tx, proposal_id)
    if proposal.folded_in is not None:
        await _post_fold(tx, proposal.task_id, proposal.folded_in, lane=lane)
        if proposal.state is ProposalState.needs_approval:
            return
    facts = await card_of(tx, proposal)
    slot = slot_of(proposal_id)
    await outbox.post(tx, NewPost(proposal.task_id, slot, "card", facts, lane))
    await reminders.settle(tx, proposal)


async def _post_fold(tx: Tx, task_id: UUID, leader: UUID, *, lane: Lane) -> None:
    """Post one card for all that still wait of a fold."""
    waiting = await proposals.list_folded(tx, task_id, leader)
    facts = {"cards": [await card_of(tx, one) for one in waiting]}
    await outbox.post(tx, NewPost(task_id, f"{FOLD}{leader}", "fold", facts, lane))


def slot_of(proposal_id: UUID) -> str:
    """Name the place of a card within its thread."""
    return f"proposal:{proposal_id}"


def place_of(proposal: Proposal) -> str:
    """Name the place where a proposal is decided: its own, or the card it shares."""
    folded = proposal.folded_in
    if folded is not None and proposal.state is ProposalState.needs_approval:
        return f"{FOLD}{folded}"
    return slot_of(proposal.id)


async def card_of(tx: Tx, proposal: Proposal) -> Mapping[str, object]:
    """Gather what the card of a proposal shows."""
    of = {"id": proposal.id}
    votes = await tx.rows(_VOTES, of)
    execution = await tx.row(_LAST_EXECUTION, of)
    reversion = await tx.row(_REVERSION, of)
    undo = await tx.row(_UNDO, of)
    cited = await tool_calls.list_cited(tx, proposal.task_id, proposal.evidence_ids)
    granted = await overrides.find_of_card(tx, proposal.id, proposal.rule)
    moved = await tx.row("SELECT updated_at FROM proposals WHERE id = :id", of)
    return {
        **plain(facts_of(proposal)),
        "environment": tx.here.environment,
        "moved_at": moved["updated_at"].timestamp() if moved else None,
        "votes": plain(votes),
        "cited": [{"tool": one.tool, "number": one.number} for one in cited],
        "execution": plain(execution) if execution else None,
        "reversion": _instants(reversion) if reversion else None,
        "undone_by": plain(undo) if undo else None,
        "grant": _granted(granted, proposal) if granted else None,
    }


def _granted(granted: Override, proposal: Proposal) -> Mapping[str, object]:
    """Give a grant as a card shows it: its own, or the one under which it ran."""
    user = str(proposal.id)
    used = granted.used_by.index(user) + 1 if user in granted.used_by else 0
    return {
        "id": str(granted.id),
        "short_id": granted.short_id,
        "given_here": granted.proposal_id == proposal.id,
        "person": granted.person,
        "service": granted.service,
        "most": granted.most,
        "most_risk": granted.most_risk,
        "use": used,
        "expires_at": granted.expires_at.timestamp(),
        "withdrawn_by": granted.withdrawn_by,
    }


def seconds_shown(proposal: Proposal, at: object) -> float | None:
    """Give for how long a card had stood at an instant; None if nobody knows."""
    if proposal.expires_at is None or not isinstance(at, datetime):
        return None
    left = (proposal.expires_at - at).total_seconds()
    return round(max(0.0, proposal.expires_in_seconds - left), 1)


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


async def post_reminder(
    tx: Tx, task: Task, proposal: Proposal, *, paged: str = ""
) -> None:
    """
    Remind of a card in its thread, by the names of ``reminded``.

    ``paged`` says what came of calling somebody.
    """
    card, people = await card_of(tx, proposal), reminded(task, proposal)
    facts = {**card, "people": people, "paged": paged, **_owner(task)}
    slot = _each_time("reminder", proposal)
    await outbox.post(tx, NewPost(task.id, slot, "reminder", facts))


def reminded(task: Task, proposal: Proposal) -> list[str]:
    return list(dict.fromkeys((*task.addressed, *proposal.asked_again)))


async def post_escalation(tx: Tx, task: Task, proposal: Proposal) -> None:
    """Address a card to the next roles, in a new message: an edit pings nobody."""
    card = await card_of(tx, proposal)
    people = [task.owner_slack, *proposal.next_people]
    named = list(dict.fromkeys(one for one in people if one))
    facts = {**card, "people": named, "escalated": True, **_owner(task)}
    slot = _each_time("escalation", proposal)
    await outbox.post(tx, NewPost(task.id, slot, "reminder", facts, Lane.decision))


async def post_asked_anew(
    tx: Tx, task: Task, proposal: Proposal, *, people: Sequence[str], reason: str
) -> None:
    """Say why a card asks once more, in a new message: an edit pings nobody."""
    card = await card_of(tx, proposal)
    facts = {**card, "people": list(people), "asked_anew": reason, **_owner(task)}
    slot = f"asked:{proposal.id}:{tx.new_id()}"
    await outbox.post(tx, NewPost(task.id, slot, "reminder", facts, Lane.decision))


def _owner(task: Task) -> Mapping[str, object]:
    """Name an owner whose Slack id nobody kept: they are told of, without a ping."""
    is_known = task.takeover_by is None or task.owner_slack is not None
    return {} if is_known else {"owner": task.takeover_by}


async def post_page(tx: Tx, task: Task, proposal: Proposal, *, cause: str) -> bool:
    """Have people paged, once each time a card is asked; the caller holds its task."""
    slot = page_slot(proposal)
    if await outbox.holds(tx, task.id, slot):
        return False
    facts = {
        "proposal_id": proposal.id,
        "short_id": task.short_id,
        "title": task.title,
        "drafted": proposal.state is ProposalState.drafted,
        "action": proposal.estimate.get("title") or proposal.tool,
        "severity": task.severity,
        "service": task.service,
        "roles": proposal.roles,
        "cause": cause,
    }
    new = NewPost(task.id, slot, _PAGE, plain(facts), Lane.decision, "page")
    await outbox.post(tx, new)
    return True


def page_slot(proposal: Proposal) -> str:
    """Name the place of a card's page; ``find_unanswered`` names it too."""
    return _each_time(_PAGE, proposal)


def _each_time(what: str, proposal: Proposal) -> str:
    """Name a message's place, another one each time that a card is asked or unmuted."""
    anew = f":{proposal.digest[:16]}" if proposal.asked_at else ""
    again = f":again{proposal.unmuted}" if proposal.unmuted else ""
    return f"{what}:{proposal.id}{anew}{again}"


async def post_pages_over(tx: Tx, task: Task, proposal: Proposal) -> None:
    """
    Have each page of a card resolved that is over, once; the caller holds its task.

    That of a card before is over though the proposal waits again, and that of a muted
    task though its card waits.
    """
    waits = proposal.state in WAITING
    is_muted = task.muted_by is not None
    current = page_slot(proposal)
    for page in await outbox.list_called(tx, task.id, f"{_PAGE}:{proposal.id}"):
        slot = f"page_over{page.slot.removeprefix(_PAGE)}"
        is_wanted = waits and not is_muted and page.slot == current
        if is_wanted or await outbox.holds(tx, task.id, slot):
            continue
        said = "muted" if is_muted else "asked anew"
        cause = said if waits else proposal.state.replace("_", " ")
        facts = {**page.payload, "held_until": 0, "cause": cause}
        new = NewPost(task.id, slot, "page_over", facts, Lane.state, "page")
        await outbox.post(tx, new)


async def post_findings(tx: Tx, task_id: UUID, payload: Mapping[str, object]) -> None:
    facts = plain(payload)
    await outbox.post(
        tx, NewPost(task_id, "evidence", "evidence", facts, Lane.decision)
    )


async def post_after(
    tx: Tx, task_id: UUID, *, proposal_id: UUID, picture_id: UUID, alt: str
) -> None:
    """Post the picture of what an action changed."""
    facts = {"pictures": [{"id": str(picture_id), "alt": alt}]}
    slot = f"after:{proposal_id}"
    await outbox.post(tx, NewPost(task_id, slot, "after", facts, Lane.state))


def _instants(row: Mapping[str, object]) -> Mapping[str, object]:
    """Give a row with its instants as Unix seconds."""
    instants = {
        name: one.timestamp() if isinstance(one, datetime) else one
        for name, one in row.items()
    }
    return dict(plain(instants))


def _prose(proposal: Proposal) -> Mapping[str, object]:
    """Give the texts for people that an action would write, by their titles."""
    fields = proposal.params_schema.get("properties")
    return {
        str(spec.get("title") or name): proposal.params.get(name)
        for name, spec in (fields.items() if isinstance(fields, Mapping) else ())
        if isinstance(spec, Mapping) and spec.get("x-prose")
    }


def facts_of(proposal: Proposal) -> Mapping[str, object]:
    """Give what a card shows of its proposal alone."""
    return {
        "prose": _prose(proposal),
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
        "alike": proposal.alike,
        "digest": proposal.digest,
        "state": proposal.state,
        "quorum": proposal.quorum,
        "roles": proposal.roles,
        "next_roles": proposal.next_roles,
        "escalated_at": (
            proposal.escalated_at.timestamp() if proposal.escalated_at else None
        ),
        "rule": proposal.rule,
        "expires_in_seconds": proposal.expires_in_seconds,
        "expires_at": (
            proposal.expires_at.timestamp() if proposal.expires_at else None
        ),
        "asked_at": proposal.asked_at.timestamp() if proposal.asked_at else None,
        "grant_offer": proposal.grant_offer,
        "edited_by": proposal.edited_by,
        "diff": proposal.diff,
        "closed_by": proposal.closed_by,
        "closed_reason": proposal.closed_reason,
    }
