"""
An edit: the params of a card changed by a person, through policy again.

It makes a new revision with a diff, voids what was approved before, and is no approval
itself. The target is read again before the transaction, so that the new card shows
today's state and reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from pydantic import JsonValue

from gateway.assessment import (
    Assessment,
    Claims,
    Lineage,
    assess,
    build,
    veiled,
)
from gateway.checks import check_named, check_params
from gateway.collecting import collect_edit
from gateway.gate import Gate, RefusedCall
from gateway.proposing import check_already_so, ground_targets, judge, record
from gateway.registry import with_defaults
from gateway.risking import with_risk
from gateway.veil import lift_given, veil
from policy.decision import Verdict
from policy.event import Event
from policy.facts import CallFacts, parse_facts
from policy.lifecycle import ProposalEvent
from policy.person import Person
from policy.scope import Scope
from storage import decisions, ledger, moves, posts, proposals
from storage.canonical import plain
from storage.database import Tx
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.control import DecisionAnswer, DecisionRequest


@dataclass(frozen=True, slots=True)
class Edit:
    """The edited action as assessed, or why it can't be."""

    assessment: Assessment | None
    refusal: RefusedCall | None


async def prepare_edit(
    gate: Gate, scope: Scope, request: DecisionRequest
) -> Edit | None:
    """Read the target again for the edited params; None for another verdict."""
    if request.verdict != "edit" or request.params is None:
        return None
    try:
        async with gate.database.transaction(scope, Step.look) as tx:
            proposal = await proposals.get(tx, request.proposal_id)
            tool = gate.registry.find_write(proposal.tool)
            # None is an undo here: it is refused as such.
            check_params(tool if proposal.undoes is None else None, request.params)
            params = await lift_given(gate, tx, proposal.task_id, request.params)
        reason_code = request.reason_code or proposal.reason_code
        found = await assess(gate, proposal.tool, params, reason_code=reason_code)
        check_already_so(found)
    except RefusedCall as refusal:
        return Edit(None, refusal)
    return Edit(found, None)


@dataclass(frozen=True, slots=True)
class EditClick:
    """Who edits what, with the rows locked."""

    request: DecisionRequest
    task: Task
    proposal: Proposal
    person: Person


async def store_edit(
    gate: Gate, tx: Tx, click: EditClick, edit: Edit
) -> DecisionAnswer:
    """Supersede the proposal by its edited revision, unless nothing changed."""
    request, task, proposal = click.request, click.task, click.proposal
    if edit.assessment is None:
        raise LookupError(f"edit of {proposal.id}: it was never assessed")
    async with veil(gate, tx, task.id) as placeholders:
        found = veiled(edit.assessment, placeholders)
    try:
        check_named(found.targets)
    except RefusedCall as refusal:
        return _answer(request, "out_of_bounds", refusal.message)
    changed = _diff(proposal, found, request.reason_code)
    if not changed:
        return _answer(request, "unchanged", "Nothing was changed.")
    grounding = await ground_targets(gate, tx, task, found, proposal.evidence_ids)
    facts = await _facts(tx, proposal, request, found)
    by = proposal.proposed_by
    found = await with_risk(tx, task, found, grounding, proposed_by=by)
    judged = await judge(gate, tx, task, facts, grounding, found)
    if judged.decision.verdict is Verdict.deny:
        return _answer(
            request, "out_of_bounds", f"Policy refuses that: {judged.decision.reason}"
        )
    newer = build(
        task,
        found,
        claims=Claims(
            summary=_summary(proposal, found),
            because=proposal.because,
            confidence=None,
            evidence_ids=proposal.evidence_ids,
            proposed_by=proposal.proposed_by,
        ),
        lineage=Lineage(
            key=proposal.key,
            revision=proposal.revision + 1,
            run_id=proposal.run_id,
            supersedes=proposal.id,
            edited_by=click.person.id,
            diff=changed,
        ),
        verdict=judged,
    )
    await collect_edit(gate, tx, proposal, request, newer=newer)
    await _replace(tx, task, proposal, newer=newer, person=click.person)
    waits = "waits for approval" if newer.state == "needs_approval" else "is a draft"
    return _answer(request, "edited", f"Edited. The new card {waits} below.")


async def _replace(
    tx: Tx, task: Task, proposal: Proposal, *, newer: Proposal, person: Person
) -> None:
    voided = await decisions.void_approvals(tx, proposal.id)
    await moves.close(
        tx,
        task,
        proposal,
        ProposalEvent.superseded,
        by=person.id,
        reason=f"edited by {person.name}",
    )
    await ledger.append(
        tx,
        Event.task_edited,
        actor=person.id,
        task_id=task.id,
        body={
            "proposal": proposal.id,
            "newer": newer.id,
            "diff": newer.diff,
            "voided": voided,
        },
    )
    await record(tx, newer, actor=person.id)
    await posts.post_card(tx, newer.id)


async def _facts(
    tx: Tx, proposal: Proposal, request: DecisionRequest, found: Assessment
) -> CallFacts:
    stored = await decisions.get_facts(tx, proposal.decision_id)
    facts = parse_facts(cast("Mapping[str, JsonValue]", stored))
    if not isinstance(facts, CallFacts):
        raise TypeError(f"decision {proposal.decision_id}: holds no call")
    return replace(
        facts,
        params=found.params.model_dump(mode="json"),
        reason_code=request.reason_code or proposal.reason_code,
        approvals=(),
        escalated=False,
        grant=None,
        worn=False,
        edited=True,
    )


def _diff(
    proposal: Proposal, found: Assessment, reason_code: str
) -> Mapping[str, JsonValue]:
    old = with_defaults(found.tool.params, plain(proposal.params))
    old["reason_code"] = proposal.reason_code
    new = found.params.model_dump(mode="json")
    new["reason_code"] = reason_code or proposal.reason_code
    return {
        name: {"before": old.get(name), "after": value}
        for name, value in new.items()
        if old.get(name) != value
    }


def _summary(proposal: Proposal, found: Assessment) -> str:
    was, becomes = found.estimate["before"], found.estimate["after"]
    target = " ".join(str(one) for one in found.targets.values())
    return f"{proposal.tool}: {target}, {was} → {becomes}"[:300]


def _answer(request: DecisionRequest, code: str, text: str) -> DecisionAnswer:
    return DecisionAnswer(code=code, text=text, proposal_id=request.proposal_id)
