"""A card that policy sent back: asked once more, with a time and votes of its own."""

from dataclasses import replace
from uuid import UUID

from gateway.assessment import digest_of
from gateway.consent import Consent
from policy.event import Event
from policy.people import People
from storage import decisions, ledger, overrides, posts, proposals, tasks
from storage.database import Tx
from storage.proposals import Proposal, Terms
from storage.tasks import Task


async def ask_anew(
    people: People, tx: Tx, task: Task, proposal: Proposal, consent: Consent
) -> None:
    """
    Put what may not begin without people before them, as a card just proposed.

    Its terms are those of the verdict that asks, and the instant is part of its digest:
    no click on the card before counts, and whoever gave one may vote again. The thread
    says why, to the route's people and to those who had voted.
    """
    decision = consent.decision
    card = replace(
        proposal,
        expires_in_seconds=decision.expires_in_seconds,
        grant_offer=None,
        asked_at=tx.now,
    )
    terms = Terms(
        decision_id=consent.decision_id,
        rule=decision.matrix_rule,
        quorum=decision.quorum,
        roles=decision.roles,
        expires_in_seconds=decision.expires_in_seconds,
        digest=digest_of(task, card),
    )
    voided = await decisions.void_approvals(tx, proposal.id)
    asked = await proposals.ask_anew(tx, proposal, terms, reason=decision.reason)
    await ledger.append(
        tx,
        Event.task_asked_anew,
        actor="policy",
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "digest": asked.digest,
            "decision": asked.decision_id,
            "rule": asked.rule,
            "quorum": asked.quorum,
            "voided": list(voided),
            "reason": decision.reason,
        },
    )
    await tasks.change(tx, task.id, {"level": decision.level.name})
    await posts.post_cards(tx, asked)
    voters = [person.slack_user for one in voided if (person := people.find(one))]
    told = [] if task.muted_by else list(dict.fromkeys([*task.addressed, *voters]))
    reason = await _why(tx, proposal, decision.reason)
    await posts.post_asked_anew(tx, task, asked, people=told, reason=reason)


async def _why(tx: Tx, proposal: Proposal, reason: str) -> str:
    """Name the grant that is over; where it still holds, something else asks."""
    _, is_grant, grant_id = proposal.rule.partition("grant:")
    if not is_grant or (await overrides.get(tx, UUID(grant_id))).holds(tx.now):
        return reason
    grant = proposal.rule[-8:]
    return f"grant {grant}, by which it was to run by itself, holds no more"
