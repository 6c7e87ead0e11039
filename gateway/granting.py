"""Grants: what a card may offer, what an approval gives, and what a call may use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from gateway.restraints import Touched
from policy.decision import Decision, Level, Verdict
from policy.event import Event
from policy.facts import CallFacts
from policy.grant import Grant, rule_of
from policy.people import ApprovalRule
from storage import ledger, overrides, tasks
from storage.database import Tx
from storage.overrides import Call, NewOverride, Override
from storage.proposals import Proposal
from storage.tasks import Task

NOT_OFFERED = (
    "Policy lets nobody allow the same for a while here; nothing was approved. Use "
    "Approve."
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an approval may grant beside: the rule's terms, on the one service."""

    minutes: int
    most: int
    service: str


def offer_of(
    decision: Decision, facts: CallFacts, rule: ApprovalRule | None, touched: Touched
) -> Mapping[str, JsonValue] | None:
    """
    Give what the card offers beside its approval; None where policy allows nothing.

    Nothing where a guard asked for the person: it would ask again all the same.
    """
    asked_by_level = (
        decision.verdict is Verdict.require_approval
        and decision.level is Level.L1
        and decision.quorum == 1
        and not decision.obligations
    )
    if rule is None or rule.grant is None or not asked_by_level:
        return None
    if facts.is_undo or len(touched.services) != 1:
        return None
    [service] = touched.services
    return {
        "minutes": rule.grant.minutes,
        "most": rule.grant.most,
        "service": service,
        "most_risk": facts.risk,
    }


def read_offer(proposal: Proposal, rule: ApprovalRule | None) -> Offer | None:
    """Give what a card offers that today's rule still allows."""
    offer = proposal.grant_offer
    if offer is None or rule is None or rule.grant is None:
        return None
    return Offer(
        minutes=min(int(str(offer["minutes"])), rule.grant.minutes),
        most=min(int(str(offer["most"])), rule.grant.most),
        service=str(offer["service"]),
    )


async def give(
    tx: Tx, task: Task, proposal: Proposal, offer: Offer, *, person: str
) -> Override:
    """Store a grant; the caller has approved the proposal as this person."""
    made = await overrides.create(
        tx,
        NewOverride(
            task_id=task.id,
            proposal_id=proposal.id,
            tool=proposal.tool,
            kind=task.kind,
            service=offer.service,
            person=person,
            most=offer.most,
            most_risk=proposal.risk,
            lasts=timedelta(minutes=offer.minutes),
        ),
    )
    await ledger.append(
        tx,
        Event.task_autonomy_granted,
        actor=person,
        task_id=task.id,
        body={
            "grant": made.id,
            "proposal": proposal.id,
            "tool": made.tool,
            "kind": made.kind,
            "service": made.service,
            "most": made.most,
            "most_risk": made.most_risk,
            "expires_at": made.expires_at.isoformat(),
        },
    )
    await tasks.change(tx, task.id, {"level": f"L1, then L2 by grant {made.short_id}"})
    return made


async def load_grant(
    tx: Tx,
    facts: CallFacts,
    touched: Touched,
    *,
    user: UUID | None = None,
    lock: bool = False,
) -> CallFacts:
    """
    Add the grant that such a call may use; none that touches two services may.

    ``user`` is the proposal that is to begin, and ``lock`` holds the grant for it.
    """
    if len(touched.services) != 1:
        return facts
    [service] = touched.services
    found = await overrides.find(
        tx,
        Call(facts.tool, facts.kind, service, facts.risk),
        user=str(user),
        lock=lock,
    )
    if found is None:
        return facts
    counted = str(user) in found.used_by
    grant = Grant(
        id=str(found.id),
        person=found.person,
        seconds_left=(found.expires_at - tx.now).total_seconds(),
        uses_left=found.left + counted,
        most_risk=found.most_risk,
    )
    return replace(facts, grant=grant)


async def count_use(
    tx: Tx, task: Task, proposal: Proposal, facts: CallFacts, decision: Decision
) -> None:
    """Count what begins under a grant, in the transaction that begins it."""
    grant = facts.grant
    if grant is None or decision.matrix_rule != grant.rule:
        return
    used = await overrides.use(tx, UUID(grant.id), str(proposal.id))
    await ledger.append(
        tx,
        Event.task_autonomy_used,
        actor="gateway",
        task_id=task.id,
        body={
            "grant": used.id,
            "proposal": proposal.id,
            "person": used.person,
            "left": used.left,
        },
    )


def level_shown(decision: Decision, facts: CallFacts) -> str:
    """Say the level as the root shows it, and by which grant."""
    grant = facts.grant
    if grant is None or decision.matrix_rule != rule_of(grant.id):
        return decision.level.name
    return f"{decision.level.name} by grant {UUID(grant.id).hex[-8:]}"
