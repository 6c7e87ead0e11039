"""An approval: a vote, the quorum, and what may be granted with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from gateway.closing import close_outdated
from gateway.editing import Edit
from gateway.gate import Gate
from gateway.granting import NOT_OFFERED, Offer, give, read_offer
from policy.event import Event
from policy.fatigue import MOST_LOOKED_AT, Vote
from policy.lifecycle import ProposalEvent, TaskEvent
from policy.people import ApprovalRule
from policy.person import Person
from policy.task import TaskState
from storage import (
    decisions,
    evidence_views,
    freezes,
    ledger,
    moves,
    posts,
    proposals,
)
from storage.database import Tx
from storage.decisions import Approval, NewVote
from storage.inbox import Receipt
from storage.overrides import Override
from storage.proposals import Proposal
from storage.tasks import Task
from wire.control import DecisionAnswer, DecisionRequest

_WORN = (
    "Of your last approvals too many came sooner than a card is read, or without its "
    "evidence being opened. Open Evidence on this card and approve again: that counts "
    "in full, and nobody is asked beside you."
)
_VOTED = "You have voted on this card."
_ASKS = frozenset({Event.task_proposed_action, Event.task_asked_anew})
_OF_QUORUM = _ASKS | {Event.task_quorum_raised, Event.task_quorum_restored}
# Approve, and approve with leave for the same.
APPROVALS = frozenset({"approve", "grant"})


@dataclass(frozen=True, slots=True)
class Click:
    """
    A click with what it is about, all rows locked.

    ``receipt`` is what the web process kept of it, and when. ``how`` is how its vote
    came about; ``worn``: policy wants one more for it.
    """

    gate: Gate
    tx: Tx
    request: DecisionRequest
    receipt: Receipt
    task: Task
    proposal: Proposal
    person: Person
    edit: Edit | None
    how: Vote | None = None
    worn: bool = False


async def votes_of(click: Click) -> tuple[Vote, ...]:
    """Give this vote and its person's last ones; none where it is no approval."""
    if click.request.verdict not in APPROVALS:
        return ()
    proposal = click.proposal
    opened: bool | None = None
    if proposal.evidence_ids and not click.request.signature:
        opened = await evidence_views.holds(click.tx, proposal.id, click.person.id)
    now = Vote(posts.seconds_shown(proposal, click.receipt.received_at), opened)
    before = await decisions.list_habit(
        click.tx, click.person.id, most=MOST_LOOKED_AT - 1, but=click.receipt.click
    )
    return (now, *before)


async def forget_votes(click: Click) -> None:
    """Void votes from before a restore: whoever gave them may vote again."""
    freeze = await freezes.read(click.tx, lock=False)
    proposal_id = click.proposal.id
    if freeze.restored_at is None:
        return
    voided = await decisions.void_approvals(
        click.tx, proposal_id, until=freeze.restored_at
    )
    if not voided:
        return
    await ledger.append(
        click.tx,
        Event.task_votes_voided,
        actor="policy",
        task_id=click.task.id,
        body={
            "proposal": proposal_id,
            "voided": list(voided),
            "reason": "given before the database was restored from a backup",
        },
    )
    await posts.post_card(click.tx, proposal_id)


async def _refuse(click: Click) -> DecisionAnswer | None:
    """Say why nobody can approve it as it is; None if it can be."""
    owner = click.task.takeover_by
    if owner is not None:
        text = f"{owner} takes the task over as soon as its action has ended."
        return say(click.request, "taken_over", f"{text} Nothing was approved.")
    tool = click.gate.registry.find_write(click.proposal.tool)
    if tool is None or tool.version != click.proposal.tool_version:
        exists = tool is not None
        said = await close_outdated(click.tx, click.task, click.proposal, exists=exists)
        return say(click.request, "superseded", said)
    if click.request.verdict == "grant" and _offer(click) is None:
        return say(click.request, "out_of_bounds", NOT_OFFERED)
    return None


async def approve(click: Click) -> DecisionAnswer:
    refusal = await _refuse(click)
    if refusal is not None:
        return refusal
    offer = _offer(click)
    own = await _own_vote(click)
    if own is not None and (not own.worn or click.worn):
        again = f"{_VOTED} {_WORN}" if own.worn else _VOTED
        return say(click.request, "already_decided", again)
    if own is not None:
        click = await _vote_anew(click, own)
    vote = await decisions.add_vote(click.tx, vote_of(click))
    if vote is None:
        return say(click.request, "already_decided", _VOTED)
    given = await decisions.list_approvals(click.tx, click.proposal.id)
    needed = await _raise_quorum(click) if click.worn else click.proposal.quorum
    missing = needed - len(given)
    if missing > 0:
        await posts.post_card(click.tx, click.proposal.id)
        text = f"Counted. {missing} more must approve it."
        if click.worn:
            text = f"{text} {_WORN}"
        return say(click.request, "counted", text)
    await _keep(click, vote, [one.person for one in given])
    granted = await _grant(click, offer)
    if click.task.state is TaskState.needs_approval:
        also = f"; {_same(granted)}" if granted else ""
        await moves.move(
            click.tx,
            click.task,
            TaskEvent.approved,
            actor=click.person.id,
            reason=f"approved by {click.person.name}, running{also}",
        )
    await posts.post_card(click.tx, click.proposal.id)
    also = f" And {_same(granted)}; /ops level takes it back." if granted else ""
    return say(click.request, "approved", f"Approved. It runs now.{also}")


async def _own_vote(click: Click) -> Approval | None:
    given = await decisions.list_approvals(click.tx, click.proposal.id)
    return next((one for one in given if one.person == click.person.id), None)


async def _vote_anew(click: Click, own: Approval) -> Click:
    """
    Void a vote that came unread, whose person has looked since.

    As many are needed as before, unless somebody else's came unread too.
    """
    await decisions.void_vote(click.tx, own.id)
    given = await decisions.list_approvals(click.tx, click.proposal.id)
    quorum = await _quorum_before(click)
    if any(one.worn for one in given) or quorum >= click.proposal.quorum:
        return click
    await proposals.restore_quorum(click.tx, click.proposal.id, quorum)
    await ledger.append(
        click.tx,
        Event.task_quorum_restored,
        actor="policy",
        task_id=click.task.id,
        body={
            "proposal": click.proposal.id,
            "person": click.person.id,
            "quorum": quorum,
        },
    )
    return replace(click, proposal=replace(click.proposal, quorum=quorum))


async def _quorum_before(click: Click) -> int:
    """Give how many the card needed before votes on it came unread, by the ledger."""
    needed = click.proposal.quorum
    raised = False
    for entry in await ledger.list_of_task(click.tx, click.task.id):
        if entry.event not in _OF_QUORUM:
            continue
        body = json.loads(entry.body)
        if body["proposal"] != str(click.proposal.id):
            continue
        raised = entry.event == Event.task_quorum_raised
        if entry.event in _ASKS:
            needed = body.get("quorum") or 1
    return needed if raised else click.proposal.quorum


async def _raise_quorum(click: Click) -> int:
    """Need one more person than the rule says, if there is one; card and ledger too."""
    policy, proposal = click.gate.policy, click.proposal
    tool = policy.tools[proposal.tool]
    needed = policy.raised_quorum(
        tool,
        _rule(click),
        requester=proposal.edited_by or click.task.opened_by,
        escalated=proposal.escalated_at is not None,
    )
    if needed <= proposal.quorum:
        return proposal.quorum
    await proposals.raise_quorum(click.tx, proposal.id, needed)
    await ledger.append(
        click.tx,
        Event.task_quorum_raised,
        actor="policy",
        task_id=click.task.id,
        body={"proposal": proposal.id, "person": click.person.id, "quorum": needed},
    )
    return needed


async def _keep(click: Click, vote: UUID, people: Sequence[str]) -> None:
    await proposals.move(
        click.tx, click.proposal, ProposalEvent.approved, by=click.person.id
    )
    await ledger.append(
        click.tx,
        Event.task_approved,
        actor=click.person.id,
        task_id=click.task.id,
        body={
            "proposal": click.proposal.id,
            "digest": click.proposal.digest,
            "people": list(people),
            "approval": vote,
            "comment": click.request.comment,
        },
    )


def vote_of(click: Click) -> NewVote:
    verdict = click.request.verdict
    return NewVote(
        proposal_id=click.proposal.id,
        digest=click.request.digest,
        person=click.person.id,
        verdict="approve" if verdict in APPROVALS else verdict,
        comment=click.request.comment,
        reason_code=click.request.reason_code,
        inbox_id=click.request.inbox_id,
        after_seconds=click.how.after_seconds if click.how else None,
        evidence_opened=click.how.evidence_opened if click.how else None,
        worn=click.worn,
        click=click.receipt.click,
    )


def say(request: DecisionRequest, code: str, text: str) -> DecisionAnswer:
    return DecisionAnswer(code=code, text=text, proposal_id=request.proposal_id)


def _offer(click: Click) -> Offer | None:
    if click.proposal.quorum > 1 or click.worn:
        return None
    return read_offer(click.proposal, _rule(click))


def _rule(click: Click) -> ApprovalRule | None:
    policy = click.gate.policy
    tool = policy.tools.get(click.proposal.tool)
    if tool is None:
        return None
    return policy.people.approvers_for(
        tool, kind=click.task.kind, environment=click.task.environment
    )


async def _grant(click: Click, offer: Offer | None) -> Override | None:
    if click.request.verdict != "grant" or offer is None:
        return None
    return await give(
        click.tx, click.task, click.proposal, offer, person=click.person.id
    )


def _same(granted: Override) -> str:
    minutes = (granted.expires_at - granted.created_at).total_seconds() / 60
    return (
        f"the same on {granted.service} runs by itself for {minutes:.0f} min, at most "
        f"{granted.most} times (grant {granted.short_id})"
    )
