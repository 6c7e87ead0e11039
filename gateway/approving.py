"""An approval: a vote, the quorum, and what may be granted with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.editing import Edit
from gateway.gate import Gate
from gateway.granting import NOT_OFFERED, Offer, give, read_offer
from policy.event import Event
from policy.lifecycle import ProposalEvent, TaskEvent
from policy.person import Person
from policy.task import TaskState
from storage import decisions, ledger, moves, posts, proposals
from storage.database import Tx
from storage.decisions import NewVote
from storage.overrides import Override
from storage.proposals import Proposal
from storage.tasks import Task
from wire.control import DecisionAnswer, DecisionRequest

# Approve, and approve with leave for the same.
APPROVALS = frozenset({"approve", "grant"})


@dataclass(frozen=True, slots=True)
class Click:
    """A click with what it is about, all rows locked."""

    gate: Gate
    tx: Tx
    request: DecisionRequest
    task: Task
    proposal: Proposal
    person: Person
    edit: Edit | None


async def approve(click: Click) -> DecisionAnswer:
    owner = click.task.takeover_by
    if owner is not None:
        text = f"{owner} takes the task over as soon as its action has ended."
        return say(click.request, "taken_over", f"{text} Nothing was approved.")
    offer = _offer(click)
    if click.request.verdict == "grant" and offer is None:
        return say(click.request, "out_of_bounds", NOT_OFFERED)
    vote = await decisions.add_vote(click.tx, vote_of(click))
    if vote is None:
        return say(click.request, "already_decided", "You have voted on this card.")
    given = await decisions.list_approvals(click.tx, click.proposal.id)
    missing = click.proposal.quorum - len(given)
    if missing > 0:
        await posts.post_card(click.tx, click.proposal.id)
        text = f"Counted. {missing} more must approve it."
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
    also = f" And {_same(granted)}; `/ops level` takes it back." if granted else ""
    return say(click.request, "approved", f"Approved. It runs now.{also}")


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
        inbox_id=UUID(click.request.inbox_id),
    )


def say(request: DecisionRequest, code: str, text: str) -> DecisionAnswer:
    return DecisionAnswer(code=code, text=text, proposal_id=request.proposal_id)


def _offer(click: Click) -> Offer | None:
    policy = click.gate.policy
    tool = policy.tools.get(click.proposal.tool)
    if tool is None or click.proposal.quorum > 1:
        return None
    rule = policy.people.approvers_for(
        tool, kind=click.task.kind, environment=click.task.environment
    )
    return read_offer(click.proposal, rule)


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
