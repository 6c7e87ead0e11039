"""
What a person says of the world where the autopilot can't know.

A draft was carried out; an effect whose answer was lost took place, or did not. The
word changes nothing outside, so no freeze holds it back. It is for who may approve
the action, it counts once, and the ledger keeps it with the target as it read then.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, JsonValue, ValidationError

from gateway.effect import judge
from gateway.expiring import cancel_reversion, explain_reversion
from gateway.gate import Gate, RefusedCall
from gateway.outcomes import close_effect, mark_undone
from gateway.ports import ConnectorError
from gateway.registry import Settled
from gateway.restraints import may_land_until
from gateway.sane import sane
from gateway.stored import read_params, read_state
from gateway.veil import hide_state, hide_words, lift, say_unread, veil
from policy.decision import Verdict
from policy.event import Event
from policy.facts import ApprovalFacts, facts_json
from policy.lifecycle import ProposalEvent, TaskEvent, after_closed
from policy.person import Person
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import decisions, executions, ledger, moves, posts, proposals, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.control import DecisionRequest

STALE = "The card that you saw is not what would run; look at the newest one."


# What can be said: of a proposal in which state, what it makes it, and in words.
WORDS: Mapping[str, tuple[ProposalState, ProposalEvent, str]] = {
    "carried_out": (
        ProposalState.drafted,
        ProposalEvent.carried_out,
        "carried it out",
    ),
    "took_effect": (
        ProposalState.outcome_unknown,
        ProposalEvent.confirmed_by_person,
        "says that it took effect",
    ),
    "no_effect": (
        ProposalState.outcome_unknown,
        ProposalEvent.failed,
        "says that it did not take effect",
    ),
}


_CONTRADICTED = "That is what was asked for: say that it took effect, or undo it."
_NOT_UNDONE = "That is what was to be undone: say that it did not take effect."
# For the record alone: nobody's click waits longer for a system that does not answer.
_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Sight:
    """
    The target as it read when the person spoke; ``state`` None: it did not read.

    ``reads_as`` is what a read-back says of the action; ``is_final``: by now nothing of
    it can land any more.
    """

    state: Mapping[str, JsonValue] | None
    text: str
    reads_as: Settled | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Who says which of ``WORDS``, and what the target looked like."""

    request: DecisionRequest
    person: Person
    sight: Sight

    @property
    def word(self) -> str:
        return self.request.verdict

    @property
    def reason(self) -> str:
        said = f"{self.person.name} {WORDS[self.word][2]}"
        comment = self.request.comment
        return f"{said}: {comment}" if comment else said


async def look_at_target(gate: Gate, scope: Scope, proposal_id: UUID) -> Sight:
    """Read the target of a proposal, and give it as it may be stored and told."""
    async with gate.database.transaction(scope, Step.look) as tx:
        proposal = await proposals.get(tx, proposal_id)
        task_id = proposal.task_id
        last = await executions.find_last(tx, proposal_id)
        answered = last is not None and await executions.was_answered(tx, last.id)
        asked_at = tx.now
        try:
            params = await lift(gate, tx, task_id, plain(proposal.params))
            before = await lift(gate, tx, task_id, plain(proposal.before))
        except RefusedCall as refusal:
            return Sight(None, f"its target can't be read: {refusal.message}")
    tool = gate.registry.find_write(proposal.tool)
    if tool is None:
        return Sight(None, f"this release has no {proposal.tool}")
    seen: BaseModel | None = None
    reads_as: Settled | None = None
    try:
        typed = read_params(tool, params)
        async with asyncio.timeout(_LOOK_SECONDS):
            found = await sane(tool.observe(typed, gate.ports))
        was = read_state(tool, before, what="before")
        # What was answered needs no letter: somebody may have changed it since.
        reads_as = (
            tool.reconcile(typed, was, found)
            if answered
            else judge(tool, typed, was, found, gate.ports)
        )
        text = f"its target reads: {tool.describe(typed, found)[0]}"
        seen = found
    except (RefusedCall, ConnectorError, ValidationError) as exc:
        text = f"its target can't be read: {say_unread(exc)}"
    except TimeoutError:
        text = f"its target did not answer within {_LOOK_SECONDS:.0f} s"
    async with gate.database.transaction(scope, Step.look) as tx:
        await tasks.get(tx, task_id, lock=True)
        async with veil(gate, tx, task_id) as placeholders:
            state = hide_state(seen, placeholders) if seen is not None else None
            is_final = last is not None and may_land_until(last, tool) <= asked_at
            return Sight(state, hide_words(text, placeholders), reads_as, is_final)


async def attest(
    gate: Gate, tx: Tx, proposal: Proposal, task: Task, *, statement: Statement
) -> tuple[str, str]:
    """
    Take a person's word; give the answer's code and text.

    The caller holds task and proposal, in that order.
    """
    wanted, event, words = WORDS[statement.word]
    if proposal.state is not wanted:
        return "already_decided", f"This one is {proposal.state.replace('_', ' ')} now."
    if proposal.digest != statement.request.digest:
        return "stale_digest", STALE
    contradicted = _contradicted(proposal, statement)
    if contradicted is not None:
        return "contradicted", f"{_sentence(statement.sight)} {contradicted}"
    refusal = await refuse_person(
        gate, tx, proposal, task, person=statement.person, phase="attest"
    )
    if refusal is not None:
        return "not_yours", refusal
    said = f"{statement.person.name} {words}"
    await proposals.move(
        tx, proposal, event, by=statement.person.id, reason=statement.reason
    )
    await _log(tx, proposal, statement)
    if proposal.state is ProposalState.outcome_unknown:
        await _settle(tx, proposal, statement)
    await _move_on(tx, task, proposal, said=said, by=statement.person)
    await posts.post_cards(tx, proposal)
    return "attested", f"Noted: you {_to_you(words)}. {_sentence(statement.sight)}"


def _contradicted(proposal: Proposal, statement: Statement) -> str | None:
    """Say why the target itself tells otherwise; None if it doesn't."""
    reads_as = statement.sight.reads_as
    if statement.word == "no_effect" and reads_as is Settled.applied:
        return _CONTRADICTED
    undone = proposal.undoes is not None and statement.word == "took_effect"
    return _NOT_UNDONE if undone and reads_as is Settled.not_applied else None


async def refuse_person(
    gate: Gate, tx: Tx, proposal: Proposal, task: Task, *, person: Person, phase: str
) -> str | None:
    """Say why this person has no say here; None for who may approve the action."""
    asked = (*proposal.roles, *(proposal.next_roles if proposal.escalated_at else ()))
    known = gate.registry.find_write(proposal.tool) is not None
    facts = ApprovalFacts(
        tenant_id=task.tenant_id,
        environment=task.environment,
        kind=task.kind,
        tool=proposal.tool,
        person=person.id,
        requester="",
        is_undo=True,
        escalated=proposal.escalated_at is not None,
        card_roles=() if known else asked,
    )
    decision = gate.policy.evaluate_approval(facts)
    await decisions.keep(
        tx, decision, task_id=task.id, phase=phase, facts=facts_json(facts)
    )
    if decision.verdict is Verdict.allow:
        return None
    whose = " or ".join(proposal.roles) or "nobody"
    return f"{decision.reason} This one is for {whose}. Nothing was changed."


def _to_you(said: str) -> str:
    return said.replace("says", "say", 1)


def _sentence(sight: Sight) -> str:
    return f"{sight.text[:1].upper()}{sight.text[1:]}."


async def _log(tx: Tx, proposal: Proposal, statement: Statement) -> None:
    await ledger.append(
        tx,
        Event.task_attested,
        actor=statement.person.id,
        task_id=proposal.task_id,
        body={
            "proposal": proposal.id,
            "digest": proposal.digest,
            "word": statement.word,
            "comment": statement.request.comment,
            "target": statement.sight.state,
            "target_text": statement.sight.text,
        },
    )


async def _settle(tx: Tx, proposal: Proposal, statement: Statement) -> None:
    """Keep the word with the effect that it is about."""
    last = await executions.find_last(tx, proposal.id)
    if last is None:
        raise LookupError(f"proposal {proposal.id}: {proposal.state} without execution")
    took_effect = statement.word == "took_effect"
    await close_effect(
        tx,
        last,
        f"given up; {statement.reason}",
        after=statement.sight.state,
        worked=took_effect,
    )
    if took_effect and statement.sight.state is not None:
        await executions.keep_after(tx, last.id, statement.sight.state)
    await executions.keep_word(
        tx,
        last.id,
        {"text": statement.sight.text, "attested_by": statement.person.id},
        done=took_effect,
    )
    reads_as = statement.sight.reads_as
    if not took_effect:
        # What its system answered that it did, what nobody could read now, and what may
        # still land, is looked at when its time is over.
        answered = await executions.was_answered(tx, last.id)
        seen = reads_as is not None and not answered
        if statement.sight.is_final and (seen or reads_as is Settled.not_applied):
            await cancel_reversion(tx, proposal.id, reason=statement.reason)
        else:
            said = f"{statement.reason}; its target is looked at then"
            await explain_reversion(tx, proposal.id, reason=said)
    elif proposal.undoes is not None:
        settled = await proposals.get(tx, proposal.id)
        await mark_undone(tx, settled, is_seen=reads_as is Settled.applied)


async def _move_on(
    tx: Tx, task: Task, proposal: Proposal, *, said: str, by: Person
) -> None:
    """Move a task on that waited for this, judged over all of its proposals."""
    if task.state is not TaskState.needs_approval:
        return
    every = await proposals.list_of_task(tx, task.id)
    event = after_closed(
        [one.state for one in every],
        by_person=True,
        new_plan_asked=False,
        plans_left=False,
    )
    over = event is TaskEvent.all_rejected
    title = str(proposal.estimate.get("title") or proposal.tool)
    await moves.move(
        tx,
        task,
        event,
        actor=by.id,
        reason=said,
        headline=f"{title}: {said}" if over else None,
    )
