"""
A person's click, decided once.

Task and proposal are locked, in that order; the inbox row is settled in the same
transaction, so that a click counts once however often it arrives. Each click gets an
answer for its person and a ledger row, whatever becomes of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from gateway.approving import (
    APPROVALS,
    Click,
    approve,
    forget_votes,
    say,
    vote_of,
    votes_of,
)
from gateway.attesting import STALE, WORDS, Sight, Statement, attest, look_at_target
from gateway.closing import move_on
from gateway.collecting import collect_rejection
from gateway.editing import Edit, EditClick, prepare_edit, store_edit
from gateway.gate import Gate, RefusedCall, locate_proposal
from gateway.revealing import reveal
from gateway.signed import actor_of, identify, refuse
from gateway.undoing import Undo, answer_undo, prepare_undo
from gateway.veil import told
from policy.decision import Verdict
from policy.evaluate import ONE_MORE
from policy.event import Event
from policy.facts import ApprovalFacts, facts_json
from policy.lifecycle import ProposalEvent, TaskEvent
from policy.people import People
from policy.person import Person
from policy.proposal import ProposalState
from storage import (
    answers,
    decisions,
    evidence_views,
    freezes,
    inbox,
    ledger,
    moves,
    posts,
    proposals,
    tasks,
)
from storage.database import Tx
from storage.freezes import Hold
from storage.inbox import Receipt
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.control import DecisionAnswer, DecisionRequest

_TAKEN = frozenset(
    {
        "approved",
        "counted",
        "rejected",
        "edited",
        "undo_proposed",
        "attested",
        "revealed",
    }
)
# Refusals that may quote what a system said.
_BY_SYSTEMS = frozenset({"out_of_bounds", "undo_refused"})
_RESTORED = (
    "The database was restored from a backup since you clicked, so nothing was done. "
    "Look at the card as it is now, and click again."
)
# The guard of rules/guards.cedar by which a freeze alone refuses an approval.
_FROZEN = "frozen-approval"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A click before its person is known; the rest as read from the target."""

    gate: Gate
    tx: Tx
    request: DecisionRequest
    receipt: Receipt
    task: Task
    proposal: Proposal
    edit: Edit | None
    undo: Undo | None
    sight: Sight | None


async def decide(gate: Gate, request: DecisionRequest) -> DecisionAnswer:
    """
    Apply one click.

    Raises:
        RefusedCall: the proposal does not exist here.
    """
    proposal_id = request.proposal_id
    scope = await locate_proposal(gate, proposal_id)
    edit = await prepare_edit(gate, scope, request)
    undo = sight = None
    if request.verdict == "undo":
        undo = await prepare_undo(gate, scope, proposal_id)
    if request.verdict in WORDS:
        sight = await look_at_target(gate, scope, proposal_id)
    async with gate.database.transaction(scope, Step.decide) as tx:
        seen = await proposals.get(tx, proposal_id)
        task = await tasks.get(tx, seen.task_id, lock=True)
        proposal = await proposals.get(tx, proposal_id, lock=True)
        if not await inbox.settle(tx, request.inbox_id, state="done"):
            return DecisionAnswer(
                code="repeated",
                text="That click is settled already.",
                proposal_id=request.proposal_id,
            )
        receipt = await inbox.get(tx, request.inbox_id)
        asked = _Asked(gate, tx, request, receipt, task, proposal, edit, undo, sight)
        answer, sealed = await _answer(asked)
        refused = answer.code in _BY_SYSTEMS
        text = await told(gate, tx, task.id, answer.text, outside=refused)
        answer = answer.model_copy(update={"text": text})
        seconds = posts.seconds_shown(proposal, receipt.received_at)
        await _log(tx, gate.policy.people, request, proposal, answer, seconds=seconds)
        if answer.code not in _TAKEN:
            # The card stays where it was clicked: it is not decided.
            await inbox.drop_address(tx, request.inbox_id)
        await answers.post_answer(
            tx,
            task.id,
            inbox_id=request.inbox_id,
            user=request.slack_user,
            text=answer.text,
            sealed=sealed,
        )
    return answer


async def _answer(asked: _Asked) -> tuple[DecisionAnswer, str]:
    """Answer the click; what it reveals is sealed for the courier."""
    person = await _identify(asked)
    if isinstance(person, DecisionAnswer):
        return person, ""
    if asked.request.verdict == "reveal":
        code, text, sealed = await reveal(asked.gate, asked.tx, asked.proposal, person)
        return say(asked.request, code, text), sealed
    return await _answer_person(asked, person), ""


async def _answer_person(asked: _Asked, person: Person) -> DecisionAnswer:
    gate, tx, request, proposal = asked.gate, asked.tx, asked.request, asked.proposal
    if asked.undo is not None:
        code, text = await answer_undo(
            gate, tx, proposal, asked.task, undo=asked.undo, person=person
        )
        return say(request, code, text)
    if asked.sight is not None:
        statement = Statement(request, person, asked.sight)
        code, text = await attest(gate, tx, proposal, asked.task, statement=statement)
        return say(request, code, text)
    standing = await _standing(tx, proposal, request)
    if standing is not None:
        return standing
    receipt, task = asked.receipt, asked.task
    click = Click(gate, tx, request, receipt, task, proposal, person, asked.edit)
    judged = await _judge(click)
    if isinstance(judged, DecisionAnswer):
        return judged
    return await _VERDICTS[request.verdict](judged)


async def _identify(asked: _Asked) -> Person | DecisionAnswer:
    """Give whose click it is, if somebody's, who could know what is asked now."""
    request, tx = asked.request, asked.tx
    person = identify(asked.gate.policy.people, request, now=tx.now)
    if person is None:
        return say(request, *refuse(request))
    freeze = await freezes.read(tx, lock=False)
    if not freeze.is_since_restore(asked.receipt.received_at):
        return say(request, "stale_digest", _RESTORED)
    return person


async def _standing(
    tx: Tx, proposal: Proposal, request: DecisionRequest
) -> DecisionAnswer | None:
    """Say why this card can no longer be decided; None if it can."""
    if proposal.state is ProposalState.superseded:
        newer = await proposals.find_successor(tx, proposal.id)
        by = f" by {newer.edited_by}" if newer and newer.edited_by else ""
        return say(
            request,
            "superseded",
            f"This card was replaced{by}; decide on the newer one below it.",
        )
    over = [at for at in (proposal.expires_at, proposal.latest_at) if at is not None]
    if proposal.state is ProposalState.expired or min(over) <= tx.now:
        return say(request, "expired", "This card has expired; nothing was done.")
    rejectable = {ProposalState.needs_approval}
    if request.verdict == "reject":
        rejectable.add(ProposalState.drafted)
    if proposal.state not in rejectable:
        who = f" by {proposal.closed_by}" if proposal.closed_by else ""
        return say(
            request, "already_decided", f"Already decided: {proposal.state}{who}."
        )
    if proposal.digest != request.digest:
        return say(request, "stale_digest", STALE)
    return None


async def _judge(click: Click) -> Click | DecisionAnswer:
    """Ask policy whether this person may decide on this now; what it adds is kept."""
    hold = await _hold(click)
    votes = await votes_of(click)
    await forget_votes(click)
    given = await decisions.list_approvals(click.tx, click.proposal.id)
    stored = await decisions.get_facts(click.tx, click.proposal.decision_id)
    # Whoever wished for it, and whoever changed it since.
    edits = click.person.id == click.proposal.edited_by
    facts = ApprovalFacts(
        tenant_id=click.task.tenant_id,
        environment=click.task.environment,
        kind=click.task.kind,
        tool=click.proposal.tool,
        person=click.person.id,
        requester=click.person.id if edits else str(stored["requester"]),
        # A vote that came unread does not stand in its own person's way.
        approvals=tuple(
            one.person
            for one in given
            if not (one.worn and one.person == click.person.id)
        )
        if click.request.verdict in APPROVALS
        else (),
        frozen=hold is not None,
        is_undo=click.proposal.undoes is not None,
        escalated=click.proposal.escalated_at is not None,
        votes=votes,
    )
    decision = click.gate.policy.evaluate_approval(facts)
    await decisions.keep(
        click.tx,
        decision,
        task_id=click.task.id,
        phase="approve",
        facts=facts_json(facts),
    )
    if decision.verdict is Verdict.allow:
        worn = ONE_MORE in decision.obligations
        return replace(click, how=votes[0] if votes else None, worn=worn)
    if hold is not None and decision.cedar_ids == (_FROZEN,):
        until = f" until {hold.until:%Y-%m-%d %H:%M} UTC" if hold.until else ""
        text = f"Writes are frozen by {hold.by}{until}: {hold.reason}."
        return say(click.request, "frozen", text)
    whose = " or ".join(click.proposal.roles) or "nobody"
    return say(
        click.request,
        "not_yours",
        f"{decision.reason} This one is for {whose}. Nothing was changed.",
    )


async def _hold(click: Click) -> Hold | None:
    """Give what keeps this from running, if it is to be approved."""
    freeze = await freezes.read(click.tx, lock=False)
    if click.request.verdict not in APPROVALS:
        return None
    if click.proposal.undoes is not None:
        return freeze.holds_undo
    named = (click.proposal.params, click.proposal.before)
    services = {click.task.service, *(one.get("service") for one in named)}
    return freeze.holding(
        tool=click.proposal.tool,
        category=click.proposal.category,
        services={str(one) for one in services if one},
    )


async def _reject(click: Click) -> DecisionAnswer:
    await decisions.add_vote(click.tx, vote_of(click))
    reason = click.request.comment or click.request.reason_code or "no reason given"
    await ledger.append(
        click.tx,
        Event.task_rejected,
        actor=click.person.id,
        task_id=click.task.id,
        body={
            "proposal": click.proposal.id,
            "digest": click.proposal.digest,
            "reason_code": click.request.reason_code,
            "comment": click.request.comment,
            "new_plan": click.request.new_plan,
        },
    )
    await collect_rejection(click.gate, click.tx, click.proposal, click.request)
    await moves.close(
        click.tx,
        click.task,
        click.proposal,
        ProposalEvent.rejected,
        by=click.person.id,
        reason=reason,
    )
    event = await move_on(
        click.tx,
        click.task,
        by_person=True,
        new_plan=click.request.new_plan and click.proposal.undoes is None,
        actor=click.person.id,
        reason=f"rejected by {click.person.name}",
    )
    said = f"Rejected. Thank you for the reason.{_no_plan(click, event)}"
    return say(click.request, "rejected", said)


def _no_plan(click: Click, event: TaskEvent | None) -> str:
    """Say why nobody plans anew though it was asked for."""
    if not click.request.new_plan or event is TaskEvent.new_plan_asked:
        return ""
    if click.proposal.undoes is not None:
        return " Nobody plans anew for an undo."
    if event in {None, TaskEvent.proposal_closed}:
        return " No other plan is made while other cards of its task wait."
    return " No other plan is made: the task had as many as it may, so a person has it."


async def _edit(click: Click) -> DecisionAnswer:
    if click.proposal.undoes is not None:
        return say(
            click.request,
            "out_of_bounds",
            "An undo restores what was: it can't be edited. Reject it instead.",
        )
    if click.edit is None:
        return say(click.request, "out_of_bounds", "The edit lacks its values.")
    if isinstance(click.edit.refusal, RefusedCall):
        return say(click.request, "out_of_bounds", click.edit.refusal.message)
    edited = EditClick(click.request, click.task, click.proposal, click.person)
    return await store_edit(click.gate, click.tx, edited, click.edit)


_VERDICTS: dict[str, Callable[[Click], Awaitable[DecisionAnswer]]] = {
    "approve": approve,
    "grant": approve,
    "reject": _reject,
    "edit": _edit,
}


async def _has_opened(
    tx: Tx, people: People, request: DecisionRequest, proposal: Proposal
) -> bool:
    person = people.find_by_slack(request.slack_user)
    return person is not None and await evidence_views.holds(tx, proposal.id, person.id)


async def _log(
    tx: Tx,
    people: People,
    request: DecisionRequest,
    proposal: Proposal,
    answer: DecisionAnswer,
    *,
    seconds: float | None,
) -> None:
    taken = answer.code in _TAKEN
    await ledger.append(
        tx,
        Event.task_click_received if taken else Event.task_click_refused,
        actor=actor_of(request),
        task_id=proposal.task_id,
        body={
            "proposal": proposal.id,
            "digest": request.digest,
            "verdict": request.verdict,
            "code": answer.code,
            "inbox": request.inbox_id,
            "seconds_shown": seconds,
            "evidence_opened": await _has_opened(tx, people, request, proposal),
        },
    )
