"""A runner's proposal: typed, grounded, measured, judged, and shown to people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from gateway.assessment import (
    Assessment,
    Claims,
    Judged,
    Lineage,
    assess,
    build,
    veiled,
)
from gateway.checks import check_named, check_params
from gateway.gate import Asked, Gate, RefusedCall, get_running
from gateway.granting import level_shown, load_grant, offer_of
from gateway.grounding import Grounding, Source, ground
from gateway.reading import read_facts
from gateway.redaction.redact import redact_text
from gateway.refusing import refuse_logged
from gateway.registry import ReadTool, with_defaults
from gateway.restraints import Touched, load_restraints
from gateway.risking import with_risk
from gateway.tokens import RunClaims
from gateway.veil import lift_given, veil
from policy.event import Event
from policy.facts import CallFacts, Phase, facts_json
from policy.guards import requester_may_approve
from policy.proposal import ProposalState
from storage import (
    alerts,
    decisions,
    ledger,
    proposals,
    runs,
    tasks,
    tool_calls,
)
from storage.canonical import plain
from storage.database import Tx
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from wire.proposals import ProposalAnswer, ProposalDraft

# A person decides on every card: what needs more of them is no plan for one incident.
MOST_PROPOSALS = 5
# Measuring what is asked for costs its system reads: a run may guess wrong a few times.
MOST_REFUSED = 10


async def propose(
    gate: Gate, claims: RunClaims, draft: ProposalDraft
) -> ProposalAnswer:
    """
    Take a proposal from a run: measure, judge, store, show.

    Raises:
        RefusedCall: with the rule that refused; logged.
    """
    try:
        return await _propose(gate, claims, draft)
    except RefusedCall as refusal:
        asked = Asked("propose", draft.tool, tuple(draft.params), draft.reason_code)
        await refuse_logged(gate, claims, asked, refusal)
        raise


async def _propose(
    gate: Gate, claims: RunClaims, draft: ProposalDraft
) -> ProposalAnswer:
    gate.check_environment(claims.scope)
    if draft.tool not in claims.tools:
        raise _not_listed(claims, draft.tool)
    check_params(gate.registry.find_write(draft.tool), draft.params)
    async with gate.database.transaction(claims.scope, Step.look) as tx:
        await _check_refused(tx, claims, draft)
        params = await lift_given(gate, tx, claims.task_id, draft.params)
    found = await assess(gate, draft.tool, params, reason_code=draft.reason_code)
    async with gate.database.transaction(claims.scope, Step.propose) as tx:
        task = await get_running(tx, claims)
        async with veil(gate, tx, task.id) as placeholders:
            assessment = veiled(found, placeholders)
            said = draft.model_copy(
                update={
                    "summary": redact_text(draft.summary, placeholders),
                    "because": redact_text(draft.because, placeholders),
                }
            )
        check_named(assessment.targets)
        earlier = await proposals.find_by_key(tx, task.id, _key(claims, draft), 1)
        if earlier is not None:
            _check_same(earlier, draft, assessment)
            return _answer(earlier, "as before", replayed=True)
        await _check_cited(tx, task, draft.evidence_ids)
        every = await proposals.list_of_task(tx, task.id)
        _check_count(every, claims)
        _check_rejected(every, assessment)
        check_already_so(found)
        proposal, reason = await _store(gate, tx, task, claims, said, assessment)
    return _answer(proposal, reason, replayed=False)


async def judge(
    gate: Gate,
    tx: Tx,
    task: Task,
    facts: CallFacts,
    grounding: Grounding,
    found: Assessment,
) -> Judged:
    """Load what holds a write back, ask policy, and keep facts and verdict."""
    facts = replace(
        facts,
        phase=Phase.propose,
        uncited=bool(grounding.uncited),
        tainted=grounding.tainted,
        risk=found.risk.score,
    )
    touched = Touched(task, found.params, found.before)
    facts = await load_restraints(tx, facts, found.tool, touched)
    decision = gate.policy.evaluate(facts)
    decision_id = await decisions.keep(
        tx, decision, task_id=task.id, phase="propose", facts=facts_json(facts)
    )
    spec = gate.policy.tools[facts.tool]
    rule = gate.policy.people.approvers_for(
        spec, kind=facts.kind, environment=facts.environment
    )
    return Judged(
        proposal_id=tx.new_id(),
        decision=decision,
        decision_id=decision_id,
        quorum=rule.quorum if rule else 0,
        roles=rule.roles if rule else (),
        next_roles=rule.next_roles if rule else (),
        next_people=gate.policy.people.slack_users(rule.next_roles) if rule else (),
        grant_offer=offer_of(decision, facts, rule, touched),
        own_counts=rule is None or requester_may_approve(spec, rule),
        level=level_shown(decision, facts),
        grounding=grounding,
        reason_code=facts.reason_code,
        now=tx.now,
    )


async def record(tx: Tx, proposal: Proposal, *, actor: str) -> None:
    """Store a new revision with its ledger row; its card follows the evidence."""
    await proposals.create(tx, proposal)
    await ledger.append(
        tx,
        Event.task_proposed_action,
        actor=actor,
        task_id=proposal.task_id,
        body={
            "proposal": proposal.id,
            "revision": proposal.revision,
            "tool": proposal.tool,
            "params": proposal.params,
            "reason_code": proposal.reason_code,
            "digest": proposal.digest,
            "decision": proposal.decision_id,
            "rule": proposal.rule,
            "state": proposal.state,
            "quorum": proposal.quorum,
            "evidence": proposal.evidence_ids,
        },
    )


async def ground_targets(
    gate: Gate,
    tx: Tx,
    task: Task,
    assessment: Assessment,
    evidence_ids: tuple[str, ...],
) -> Grounding:
    """Look up what the action names in the cited snapshots and the alerts."""
    sources, ages = [], [0.0]
    for one in await tool_calls.list_evidence(tx, task.id):
        if str(one.id) in evidence_ids:
            ages.append((tx.now - one.created_at).total_seconds())
            tool = gate.registry.find(one.tool)
            tainted = tool.tainted_fields if isinstance(tool, ReadTool) else frozenset()
            sources.append(Source(one.body, tainted))
    fired = await alerts.list_of_task(tx, task.id)
    # Whoever sends an alert writes its labels, its service too: they cite, and taint.
    labels = [[*one.labels.values(), one.service] for one in fired]
    told = json.dumps({"alerts": [*labels, task.service]})
    sources.append(Source(told, frozenset({"alerts"})))
    found = ground(_named(assessment), sources)
    return replace(found, cited=len(ages) - 1, oldest_seconds=max(ages))


def _named(assessment: Assessment) -> Mapping[str, JsonValue]:
    """Give the targets, and the other params that a read must have shown."""
    params = assessment.params.model_dump(mode="json")
    cited = {name: params[name] for name in assessment.tool.cited_params}
    return {**assessment.targets, **cited}


def check_already_so(assessment: Assessment) -> None:
    """
    Refuse what would change nothing.

    It can't be told afterwards from what was not applied, and so would end with a
    person, who has nothing to decide.

    Raises:
        RefusedCall: the message says what stands there now.
    """
    tool = assessment.tool
    if tool.already is None:
        return
    stands = tool.already(assessment.params, assessment.before)
    if stands is not None:
        raise RefusedCall(
            "already_so",
            rule="already-so",
            message=f"nothing to do: {stands}; look again, or report",
            status=409,
        )


async def _store(
    gate: Gate,
    tx: Tx,
    task: Task,
    claims: RunClaims,
    draft: ProposalDraft,
    assessment: Assessment,
) -> tuple[Proposal, str]:
    grounding = await ground_targets(
        gate, tx, task, assessment, tuple(draft.evidence_ids)
    )
    by = f"agent {claims.agent} {claims.agent_version}"
    assessment = await with_risk(tx, task, assessment, grounding, proposed_by=by)
    facts = replace(
        read_facts(gate, claims, task, draft.tool, {}),
        params=assessment.params.model_dump(mode="json"),
        reason_code=draft.reason_code,
        risk=assessment.risk.score,
    )
    # What nobody asked for may use a grant; an edit is somebody's, an undo too.
    touched = Touched(task, assessment.params, assessment.before)
    facts = await load_grant(tx, facts, touched)
    judged = await judge(gate, tx, task, facts, grounding, assessment)
    proposal = build(
        task,
        assessment,
        claims=Claims(
            summary=draft.summary,
            because=draft.because,
            confidence=draft.confidence,
            evidence_ids=tuple(draft.evidence_ids),
            proposed_by=by,
        ),
        lineage=Lineage(key=_key(claims, draft), run_id=claims.run_id),
        verdict=judged,
    )
    await record(tx, proposal, actor=proposal.proposed_by)
    await tasks.change(tx, task.id, {"level": judged.level})
    return proposal, judged.decision.reason


async def _check_cited(tx: Tx, task: Task, evidence_ids: Sequence[str]) -> None:
    """
    Refuse a citation of what no read of this task gave.

    An id is stored as it is, and must not be anybody's words.

    Raises:
        RefusedCall: the message says how many, and repeats none.
    """
    known = {str(one.id) for one in await tool_calls.list_evidence(tx, task.id)}
    unknown = sum(one not in known for one in evidence_ids)
    if unknown:
        raise RefusedCall(
            "unknown_evidence",
            rule="evidence-of-task",
            message=f"{unknown} of {len(evidence_ids)} cited are no evidence of this "
            "task; cite ids that its reads gave",
            status=422,
        )


def _check_same(
    earlier: Proposal, draft: ProposalDraft, assessment: Assessment
) -> None:
    """Refuse another action under a key that was used."""
    asked = (draft.tool, assessment.params.model_dump(mode="json"), draft.reason_code)
    stored = with_defaults(assessment.tool.params, plain(earlier.params))
    if asked != (earlier.tool, stored, earlier.reason_code):
        raise RefusedCall(
            "key_reused",
            rule="idempotency-key",
            message=f"key {draft.key} stands for another action; take a new one",
            status=409,
        )


def _check_count(every: Sequence[Proposal], claims: RunClaims) -> None:
    """Keep a run, whatever drives it, from flooding its thread with cards."""
    if sum(one.run_id == claims.run_id for one in every) >= MOST_PROPOSALS:
        raise RefusedCall(
            "budget_spent",
            rule="proposal-budget",
            message=f"this run has proposed {MOST_PROPOSALS} actions; report now",
            status=429,
        )


async def _check_refused(tx: Tx, claims: RunClaims, draft: ProposalDraft) -> None:
    """End a run's guessing; what it was told once, it is told again."""
    refused = await runs.count_refused(
        tx, claims.task_id, claims.run_id, phase="propose"
    )
    if refused < MOST_REFUSED:
        return
    if await proposals.find_by_key(tx, claims.task_id, _key(claims, draft), 1) is None:
        raise RefusedCall(
            "budget_spent",
            rule="refusal-budget",
            message=f"{MOST_REFUSED} proposals of this run were refused; report now",
            status=429,
        )


def _check_rejected(every: Sequence[Proposal], assessment: Assessment) -> None:
    """
    Refuse what a person has already turned down in this task.

    Params are compared as typed: another spelling is no other way.
    """
    asked = (assessment.tool.name, assessment.params.model_dump(mode="json"))
    for one in every:
        stored = with_defaults(assessment.tool.params, plain(one.params))
        same = (one.tool, stored) == asked
        if same and one.state is ProposalState.rejected:
            raise RefusedCall(
                "rejected_before",
                rule="rejected-digest",
                message=f"{one.closed_by} rejected this before; find another way",
                status=409,
            )


def _key(claims: RunClaims, draft: ProposalDraft) -> str:
    return f"{claims.run_id}:{draft.key}"


def _not_listed(claims: RunClaims, tool: str) -> RefusedCall:
    return RefusedCall(
        "unknown_tool",
        rule="tool-list",
        message=f"{tool} is not a tool of agent {claims.agent} {claims.agent_version}",
        status=404,
    )


def _answer(proposal: Proposal, reason: str, *, replayed: bool) -> ProposalAnswer:
    verdicts = {
        ProposalState.approved: "allow",
        ProposalState.drafted: "draft_only",
        ProposalState.denied: "deny",
    }
    return ProposalAnswer.model_validate(
        {
            "proposal_id": str(proposal.id),
            "state": proposal.state,
            "verdict": verdicts.get(proposal.state, "require_approval"),
            "rule": proposal.rule,
            "reason": reason,
            "replayed": replayed,
        }
    )
