"""The last question of an execution: policy once more, with all that was allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from pydantic import BaseModel, JsonValue

from gateway.granting import count_use, load_grant
from gateway.registry import AnyWrite
from gateway.restraints import Touched, hold_restraints, writer_of
from policy.decision import Decision, Verdict
from policy.evaluate import Policy
from policy.facts import CallFacts, Phase, facts_json, parse_facts
from storage import decisions, freezes
from storage.database import Tx
from storage.guards import Writer
from storage.proposals import Proposal
from storage.tasks import Task


@dataclass(frozen=True, slots=True)
class Consent:
    """What policy says now; ``approval`` is the newest vote that it counted."""

    decision: Decision
    decision_id: UUID
    approval: UUID | None
    writer: Writer


@dataclass(frozen=True, slots=True)
class Action:
    """What is about to run."""

    tool: AnyWrite
    params: BaseModel
    before: BaseModel


async def ask_again(
    policy: Policy,
    tx: Tx,
    task: Task,
    proposal: Proposal,
    action: Action,
    *,
    has_begun: bool = False,
) -> Consent:
    """
    Ask policy with the approvals given and every restraint held.

    Where nobody approved, a grant is held too, and counted if it is what allows it.
    Votes from before a restore are none: nobody knew then what would be forgotten.
    What ``has_begun`` weighs already: it does not stand in its own way.
    """
    given = await decisions.list_approvals(tx, proposal.id)
    facts = await _facts_of(tx, proposal)
    freeze = await freezes.read(tx, lock=True)
    matching = [
        one
        for one in given
        if one.digest == proposal.digest and freeze.is_since_restore(one.created_at)
    ]
    facts = replace(
        facts,
        phase=Phase.execute,
        approvals=tuple(one.person for one in matching),
        escalated=proposal.escalated_at is not None,
        grant=None,
        worn=any(one.worn for one in matching),
        risk=proposal.risk,
        restored=not matching and not freeze.is_since_restore(proposal.created_at),
    )
    touched = Touched(task, action.params, action.before)
    facts = await hold_restraints(tx, facts, action.tool, touched)
    if has_begun:
        facts = _without_itself(facts)
    if not matching:
        facts = await load_grant(tx, facts, touched, user=proposal.id, lock=True)
    decision = policy.evaluate(facts)
    decision_id = await decisions.keep(
        tx, decision, task_id=task.id, phase="execute", facts=facts_json(facts)
    )
    if decision.verdict is Verdict.allow and not has_begun:
        await count_use(tx, task, proposal, facts, decision)
    writer = writer_of(action.tool, action.params, facts)
    approval = matching[-1].id if matching else None
    return Consent(decision, decision_id, approval, writer)


async def _facts_of(tx: Tx, proposal: Proposal) -> CallFacts:
    """Give the facts that the proposal's own verdict was made from."""
    stored = await decisions.get_facts(tx, proposal.decision_id)
    facts = parse_facts(cast("Mapping[str, JsonValue]", stored))
    if not isinstance(facts, CallFacts):
        raise TypeError(f"decision {proposal.decision_id}: holds no call")
    return facts


def _without_itself(facts: CallFacts) -> CallFacts:
    """Take one write off each count; one that left the hour is none, for a moment."""
    return replace(
        facts,
        writes_last_hour=max(0, facts.writes_last_hour - 1),
        writes_on_target=max(0, facts.writes_on_target - 1),
        writes_by_agent=max(0, facts.writes_by_agent - 1),
        writes_here=max(0, facts.writes_here - 1),
    )
