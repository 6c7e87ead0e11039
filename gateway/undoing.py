"""
An undo: a proposal of its own that takes an executed action back.

It names the former state through the same tool, is judged and approved as any other,
and is exempt from what protects against new harm: freezes without ``--all``, hourly
budgets, stale evidence. One that would overwrite what somebody set since asks people,
whoever wished it (guard ``overwrites-asks``). While its task is open it joins it;
afterwards it opens a linked task.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from pydantic import JsonValue

from gateway.assessment import Assessment, Claims, Lineage, assess, build, veiled
from gateway.attesting import refuse_person
from gateway.effect import Lost
from gateway.gate import Gate, RefusedCall
from gateway.grounding import Grounding
from gateway.linking import open_linked
from gateway.outcome import Ended
from gateway.owning import Standing, find_owner
from gateway.ports import Ports
from gateway.proposing import judge, record
from gateway.registry import UNDO, Settled
from gateway.restraints import Touched, load_restraints
from gateway.risking import with_undo_risk
from gateway.stored import UnreadableRow, read_params, read_state, read_tool
from gateway.veil import ForgottenValue, lift, veil
from policy.decision import Verdict
from policy.event import Event
from policy.facts import CallFacts, Phase, parse_facts
from policy.lifecycle import TaskEvent, settled_tasks
from policy.person import Person
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import decisions, executions, ledger, moves, posts, proposals
from storage.canonical import plain
from storage.database import Tx
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task

_NO_UNDO_OF_UNDO = (
    "An undo is not undone: that would be the action itself, past every guard. "
    "Open a task for it: `/ops open`."
)
_OVERWRITES = "Somebody changed the target since"
# An effect that was never read back, or that no reading could tell.
_LOST = frozenset({None, Ended.lost})
UNDOABLE = frozenset(
    {ProposalState.succeeded, ProposalState.failed, ProposalState.outcome_unknown}
)
_ENDED = frozenset(
    {
        ProposalState.rejected,
        ProposalState.expired,
        ProposalState.withdrawn,
        ProposalState.denied,
        ProposalState.failed,
    }
)


@dataclass(frozen=True, slots=True)
class Undo:
    """
    An undo as read from the target, or why there is none.

    ``overwrites`` says what somebody set since, and would go, too.
    """

    assessment: Assessment | None
    refusal: str = ""
    overwrites: str | None = None

    @property
    def note(self) -> str:
        """Say for the card what goes with it."""
        said = self.overwrites
        return f". {said}; look at what it is now" if said else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants an action undone, and in which words."""

    by: str
    because: str


@dataclass(frozen=True, slots=True)
class _Past:
    """
    An action as its rows tell it: what it left, or what a lost one was to do.

    ``meant`` and ``before`` are its own params and the state that they found.
    """

    proposal: Proposal
    execution: Execution | None
    params: Mapping[str, JsonValue]
    left: Mapping[str, JsonValue]
    meant: Mapping[str, JsonValue]
    before: Mapping[str, JsonValue]

    @property
    def lost(self) -> bool:
        return self.execution is not None and self.execution.outcome in _LOST

    def refuse(self, *, failing: bool) -> str | None:
        """Say why there is nothing to take back; None if there may be."""
        proposal = self.proposal
        if proposal.undoes is not None:
            return _NO_UNDO_OF_UNDO
        ended = failing or proposal.state in UNDOABLE
        if not ended or not (self.lost or self.left):
            return f"Only what was carried out can be undone; {_say(proposal)}."
        if not self.params:
            return f"{proposal.tool} can't be undone: nothing restores it."
        return None

    def stands(self, found: Assessment, ports: Ports) -> Settled:
        """
        Hold the target of today against what the action left, or would have.

        Raises:
            UnreadableRow: this release can't read the rows.
        """
        tool = found.tool
        if self.lost:
            meant = read_params(tool, self.meant)
            before = read_state(tool, self.before, what="before")
            return Lost(tool, meant, found.params, before).stands(found.before, ports)
        left = read_state(tool, self.left, what="after")
        return tool.reconcile(found.params, left, found.before)


async def prepare_undo(
    gate: Gate, scope: Scope, proposal_id: UUID, *, failing: bool = False
) -> Undo:
    """
    Read the target and measure what taking the action back would reach.

    ``failing``: the action is about to be found without effect.
    """
    try:
        async with gate.database.transaction(scope, Step.look) as tx:
            past = await _read_past(gate, tx, proposal_id)
        refusal = past.refuse(failing=failing)
        if refusal is not None:
            return Undo(None, refusal)
        tool, params = past.proposal.tool, past.params
        read_params(read_tool(gate.registry, tool), params, what="undo")
        found = await assess(gate, tool, params, reason_code=UNDO, is_undo=True)
        now = past.stands(found, gate.ports)
        if now is Settled.applied:
            return Undo(
                None, "The target is as it was before already; nothing to undo."
            )
        owner = await _find_owner(gate, scope, past, found)
    except (UnreadableRow, ForgottenValue) as unread:
        return Undo(None, f"{unread.message[:1].upper()}{unread.message[1:]}.")
    except RefusedCall as refused:
        return Undo(None, f"The target can't be read just now: {refused.message}.")
    somebody = _OVERWRITES if now is Settled.unknown else None
    return Undo(found, overwrites=owner or somebody)


async def _find_owner(
    gate: Gate, scope: Scope, past: _Past, found: Assessment
) -> str | None:
    """Say whose later change it is that reads as what is to be undone."""
    if past.execution is None:
        return None
    of = Standing(gate, found.tool, found.params, past.execution, found.before)
    async with gate.database.transaction(scope, Step.look) as tx:
        owner = await find_owner(tx, of)
    if owner is None:
        return None
    return f"{owner.text[:1].upper()}{owner.text[1:]}"


async def _read_past(gate: Gate, tx: Tx, proposal_id: UUID) -> _Past:
    proposal = await proposals.get(tx, proposal_id)
    last = await executions.find_last(tx, proposal_id)

    async def lifted(body: object) -> dict[str, JsonValue]:
        return await lift(gate, tx, proposal.task_id, plain(body or {}))

    return _Past(
        proposal,
        last,
        params=await lifted(plain(proposal.undo).get("params")),
        left=await lifted(last.after if last else None),
        meant=await lifted(proposal.params),
        before=await lifted(proposal.before),
    )


async def store_undo(
    gate: Gate, tx: Tx, original: Proposal, task: Task, *, undo: Undo, wish: Wish
) -> Proposal | str:
    """
    Store the undo as a proposal; or say why there is none.

    The caller holds task and original, in that order.
    """
    refusal = await _standing(tx, original, undo)
    if refusal is not None:
        return refusal
    seen = cast("Assessment", undo.assessment)
    async with veil(gate, tx, task.id) as placeholders:
        found = veiled(seen, placeholders)
    earlier = await proposals.find_undo(tx, original.id)
    facts = await _facts(tx, original, found, wish, overwrites=bool(undo.overwrites))
    touched = Touched(task, found.params, found.before)
    held = await load_restraints(tx, facts, found.tool, touched)
    verdict = gate.policy.evaluate(replace(held, phase=Phase.propose))
    if verdict.verdict is Verdict.deny:
        return f"Policy refuses the undo: {verdict.reason}"
    title = str(original.estimate.get("title") or original.tool)
    names_people = "⟨" in title
    host = task
    if task.state in settled_tasks():
        # Another task has other placeholders: what names people is not carried over.
        plainly = original.tool if names_people else title
        host = await _open_host(tx, task, plainly, wish, verdict.verdict)
        async with veil(gate, tx, host.id) as placeholders:
            found = veiled(seen, placeholders)
        facts = replace(facts, params=found.params.model_dump(mode="json"))
    grounded = Grounding(uncited=(), tainted=False)
    found = with_undo_risk(host, found, grounded)
    judged = await judge(gate, tx, host, facts, grounded, found)
    if names_people:
        title = str(found.estimate.get("title"))
    claims = _claims(original, title, undo, wish)
    line = _follow(original, earlier)
    newer = build(host, found, claims=claims, lineage=line, verdict=judged)
    await record(tx, newer, actor=wish.by)
    await posts.post_card(tx, newer.id)
    await posts.post_card(tx, original.id)
    await _log(tx, original, newer, wish)
    await _start(tx, host, newer, wish)
    return newer


def _claims(original: Proposal, title: str, undo: Undo, wish: Wish) -> Claims:
    return Claims(
        summary=f"Undo: {title}"[:300],
        because=f"{wish.because}{undo.note}",
        confidence=None,
        evidence_ids=original.evidence_ids,
        proposed_by=wish.by,
    )


async def answer_undo(
    gate: Gate, tx: Tx, original: Proposal, task: Task, *, undo: Undo, person: Person
) -> tuple[str, str]:
    """Answer a person's wish: code and text; who may approve may also ask."""
    refusal = await refuse_person(gate, tx, original, task, person=person, phase="undo")
    if refusal is not None:
        return "not_yours", refusal
    if task.takeover_by is not None and task.state is TaskState.executing:
        return "taken_over", f"{task.takeover_by} takes the task over first; ask again."
    wish = Wish(by=person.id, because=f"{person.name} asked for it")
    said = await store_undo(gate, tx, original, task, undo=undo, wish=wish)
    if isinstance(said, str):
        return "undo_refused", said
    where = "in a thread of its own" if said.task_id != task.id else "below"
    runs = said.state is ProposalState.approved
    then = "It runs now." if runs else "It waits for approval."
    return "undo_proposed", f"The undo stands {where}. {then}"


def _follow(original: Proposal, earlier: Proposal | None) -> Lineage:
    """Give an undo's place: the next revision of what was asked for before."""
    return Lineage(
        key=f"undo:{original.id}",
        revision=1 if earlier is None else earlier.revision + 1,
        undoes=original.id,
    )


def _say(proposal: Proposal) -> str:
    return f"this one is {proposal.state.replace('_', ' ')}"


async def _standing(tx: Tx, original: Proposal, undo: Undo) -> str | None:
    """Say why there will be no undo; None if there may be one."""
    if original.undoes is not None:
        return _NO_UNDO_OF_UNDO
    if original.state not in UNDOABLE:
        return f"Only what was carried out can be undone; {_say(original)}."
    earlier = await proposals.find_undo(tx, original.id)
    if earlier is not None and earlier.state is ProposalState.outcome_unknown:
        return "What became of its undo is unknown: say on its card what you found."
    if undo.assessment is None:
        return undo.refusal
    if earlier is not None and earlier.state not in _ENDED:
        return f"An undo of this was proposed already: {_say(earlier)}."
    return None


async def _facts(
    tx: Tx, original: Proposal, found: Assessment, wish: Wish, *, overwrites: bool
) -> CallFacts:
    """Give the facts of the action, as those of its undo."""
    stored = await decisions.get_facts(tx, original.decision_id)
    facts = parse_facts(cast("Mapping[str, JsonValue]", stored))
    if not isinstance(facts, CallFacts):
        raise TypeError(f"decision {original.decision_id}: holds no call")
    return replace(
        facts,
        params=found.params.model_dump(mode="json"),
        reason_code=UNDO,
        is_undo=True,
        overwrites=overwrites,
        edited=False,
        uncited=False,
        tainted=False,
        requester=wish.by,
        approvals=(),
        escalated=False,
        grant=None,
        worn=False,
    )


async def _open_host(
    tx: Tx, task: Task, title: str, wish: Wish, verdict: Verdict
) -> Task:
    """Open the task that an undo of an ended one lives in."""
    runs = verdict is Verdict.allow
    return await open_linked(
        tx,
        task,
        state=TaskState.executing if runs else TaskState.needs_approval,
        title=f"Undo: {title}",
        opened_by=wish.by,
        reason="an undo runs" if runs else "an undo waits for approval",
    )


async def _log(tx: Tx, original: Proposal, newer: Proposal, wish: Wish) -> None:
    await ledger.append(
        tx,
        Event.task_undo_proposed,
        actor=wish.by,
        task_id=original.task_id,
        body={
            "proposal": original.id,
            "undo": newer.id,
            "task": newer.task_id,
            "state": newer.state,
        },
    )


async def _start(tx: Tx, host: Task, newer: Proposal, wish: Wish) -> None:
    """Let an undo that policy allows run now, where its task waits."""
    waits = host.state is TaskState.needs_approval
    if waits and newer.state is ProposalState.approved:
        await moves.move(
            tx, host, TaskEvent.approved, actor="policy", reason=wish.because
        )
