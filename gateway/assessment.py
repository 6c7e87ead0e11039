"""
What an action would do, read from the real system before anybody is asked.

``assess`` looks at the target and measures the reach; ``build`` makes the row that is
shown, with the digest that an approval will name.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, JsonValue, ValidationError

from gateway.admin_page import page_of
from gateway.gate import Gate, RefusedCall, parse_params
from gateway.grounding import Grounding
from gateway.ports import ConnectorError, Refused
from gateway.reach import measure_reach
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.redact import redact_text
from gateway.registry import AnyWrite, Estimate, prose_params
from gateway.sane import sane
from gateway.veil import hide, hide_marked, hide_state
from policy.decision import Decision, Verdict
from policy.proposal import ProposalState
from policy.risk import Risk, unweighed
from storage.canonical import digest, plain
from storage.proposals import Proposal
from storage.tasks import Task

# A card lives at the latest a day (ARCHITECTURE §5), whatever Slack does.
LATEST = timedelta(hours=24)

BORN = {
    Verdict.allow: ProposalState.approved,
    Verdict.require_approval: ProposalState.needs_approval,
    Verdict.draft_only: ProposalState.drafted,
    Verdict.deny: ProposalState.denied,
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    One action with its target as seen and its reach as measured.

    ``page`` is the template of where a person does it by hand; ``risk`` is the highest
    until it is weighed (``gateway.risking``).
    """

    tool: AnyWrite
    params: BaseModel
    before: BaseModel
    estimate: Mapping[str, JsonValue]
    amount: float
    undo: Mapping[str, JsonValue]
    page: str = ""
    risk: Risk = field(default_factory=unweighed)

    @property
    def targets(self) -> Mapping[str, JsonValue]:
        params = self.params.model_dump(mode="json")
        return {name: params[name] for name in self.tool.target_params}


@dataclass(frozen=True, slots=True)
class Claims:
    """What the proposer says: shown as its words, deciding nothing."""

    summary: str
    because: str
    confidence: float | None
    evidence_ids: tuple[str, ...]
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    Where a proposal stands in its chain.

    ``diff`` is what an edit changed, ``undoes`` the proposal whose action is undone.
    """

    key: str
    revision: int = 1
    run_id: UUID | None = None
    supersedes: UUID | None = None
    undoes: UUID | None = None
    edited_by: str | None = None
    diff: Mapping[str, JsonValue] | None = field(default=None)


async def assess(
    gate: Gate,
    tool_name: str,
    params: Mapping[str, JsonValue],
    *,
    reason_code: str,
    is_undo: bool = False,
) -> Assessment:
    """
    Look at the target and measure the reach; that of an undo may stay unmeasured.

    Raises:
        RefusedCall: unknown tool, bad params or reason code, what the target itself
            does not take, or an unreadable target.
    """
    tool = gate.registry.find_write(tool_name)
    if tool is None:
        raise RefusedCall(
            "unknown_tool",
            rule="tool-list",
            message=f"{tool_name} is not a write tool here",
            status=404,
        )
    typed = parse_params(tool, params)
    if reason_code not in tool.reason_codes:
        raise RefusedCall(
            "unknown_reason_code",
            rule="reason-codes",
            message=f"{tool_name} takes one of {', '.join(tool.reason_codes)}",
            status=422,
        )
    before, reach = await _look(gate, tool, typed, is_undo=is_undo)
    was, becomes = tool.describe(typed, before)
    return Assessment(
        tool=tool,
        params=typed,
        before=before,
        amount=reach.amount,
        estimate={
            "title": tool.title(typed),
            "amount": reach.amount,
            "unit": reach.unit,
            "text": reach.text,
            "cost": reach.cost,
            "before": was,
            "after": becomes,
        },
        undo=_undo(tool, typed, before),
        page=gate.admin_pages.get(tool_name, ""),
    )


async def _look(
    gate: Gate, tool: AnyWrite, params: BaseModel, *, is_undo: bool
) -> tuple[BaseModel, Estimate]:
    """Read the target, and measure whom the action would reach."""
    try:
        before = await sane(tool.observe(params, gate.ports))
        reach = await measure_reach(tool, params, before, gate.ports, is_undo=is_undo)
    except Refused as exc:
        raise RefusedCall(
            "refused_by_target",
            rule="connector",
            message=f"{tool.name}: {exc}",
            status=422,
        ) from exc
    except ConnectorError as exc:
        raise RefusedCall(
            "unreadable", rule="connector", message=f"{tool.name}: {exc}", status=424
        ) from exc
    return before, reach


def veiled(found: Assessment, placeholders: Placeholders) -> Assessment:
    """
    Give it as it may be stored and shown.

    A text for people is searched; every other param stays as policy, grounding and the
    card's reader have to see it: nobody's name may hide what an action is about.
    """
    tool = found.tool
    given = found.params.model_dump(mode="json")
    hidden = hide_marked(found.params, placeholders)
    prose = {name: given[name] for name in prose_params(tool.params)}
    params = _with(found.params, {**hidden, **hide(prose, placeholders)})
    before = _with(found.before, hide_state(found.before, placeholders))
    undo = dict(found.undo)
    with placeholders.nobody_named():
        estimate: dict[str, JsonValue] = {
            name: redact_text(text, placeholders) if isinstance(text, str) else text
            for name, text in found.estimate.items()
        }
        if undo:
            undo["text"] = redact_text(str(undo["text"]), placeholders)
    page = page_of(found.page, params.model_dump(mode="json")) if found.page else None
    if page is not None:
        estimate["admin_page"] = page
    if undo:
        back = tool.params.model_validate(undo["params"])
        undo["params"] = hide_marked(back, placeholders)
    return replace(found, params=params, before=before, estimate=estimate, undo=undo)


def _with(model: BaseModel, hidden: Mapping[str, JsonValue]) -> BaseModel:
    """Put placeholders in the fields that were hidden, whatever their bounds."""
    given = model.model_dump(mode="json")
    changed = {name: one for name, one in hidden.items() if one != given[name]}
    return model.model_copy(update=changed)


def build(
    task: Task,
    assessment: Assessment,
    *,
    claims: Claims,
    lineage: Lineage,
    verdict: "Judged",
) -> Proposal:
    """Make the row that is shown, complete with its digest."""
    now = verdict.now
    tool = assessment.tool
    risk = assessment.risk
    drafted = Proposal(
        id=verdict.proposal_id,
        task_id=task.id,
        **asdict(lineage),
        **asdict(claims),
        tool=tool.name,
        tool_version=tool.version,
        category=tool.category,
        params=assessment.params.model_dump(mode="json"),
        params_schema=_shown_schema(tool),
        reason_code=verdict.reason_code,
        uncited=verdict.grounding.uncited,
        tainted=verdict.grounding.tainted,
        before=assessment.before.model_dump(mode="json"),
        estimate=assessment.estimate,
        undo=assessment.undo,
        risk=risk.score,
        risk_factors=risk.factors,
        digest="",
        state=BORN[verdict.decision.verdict],
        decision_id=verdict.decision_id,
        quorum=verdict.decision.quorum or verdict.quorum,
        roles=verdict.decision.roles or verdict.roles,
        rule=verdict.decision.matrix_rule,
        expires_in_seconds=(
            verdict.decision.expires_in_seconds or int(LATEST.total_seconds())
        ),
        expires_at=None,
        latest_at=now + LATEST,
        closed_by=None,
        closed_reason=_refused_because(verdict.decision),
        reminded_at=None,
        created_at=now,
    )
    asking = _addressed(drafted, task, verdict)
    asking = replace(asking, alike=_alike(task, assessment, lineage, verdict))
    return replace(asking, digest=digest_of(task, asking))


def _addressed(drafted: Proposal, task: Task, verdict: "Judged") -> Proposal:
    """Add who is asked next, what may be granted, and whose word does not count."""
    requester = drafted.edited_by or task.opened_by
    return replace(
        drafted,
        next_roles=verdict.next_roles,
        next_people=verdict.next_people,
        grant_offer=verdict.grant_offer,
        barred=None if verdict.own_counts else requester,
    )


def _alike(
    task: Task, assessment: Assessment, lineage: Lineage, verdict: "Judged"
) -> str:
    """Hash what one sight decides for several; an undo restores a state of its own."""
    tool = assessment.tool
    if lineage.undoes is not None or not tool.target_params:
        return ""
    params = assessment.params.model_dump(mode="json")
    rest = {name: one for name, one in params.items() if name not in tool.target_params}
    decision, grounding = verdict.decision, verdict.grounding
    return digest(
        {
            "kind": task.kind,
            "tool": [tool.name, tool.version],
            "rest": rest,
            "reason_code": verdict.reason_code,
            "asks": [decision.verdict, decision.matrix_rule, decision.quorum],
            "roles": decision.roles,
            "doubts": [bool(grounding.uncited), grounding.tainted],
        }
    )


def _refused_because(decision: Decision) -> str | None:
    return decision.reason if decision.verdict is Verdict.deny else None


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A decision on an assessment, with what it was judged by.

    ``quorum`` and ``roles`` are the approval rule's: what an action that runs by itself
    needs, should policy ask for a person after all. ``next_people`` hold the roles that
    are asked when nobody answers, by their Slack ids.
    """

    proposal_id: UUID
    decision: Decision
    decision_id: UUID
    quorum: int
    roles: tuple[str, ...]
    next_roles: tuple[str, ...]
    next_people: tuple[str, ...]
    grant_offer: Mapping[str, JsonValue] | None
    own_counts: bool
    grounding: Grounding
    reason_code: str
    level: str
    now: datetime


def digest_of(task: Task, proposal: Proposal) -> str:
    """Hash all that a person is shown: SHA-256 over RFC 8785 JSON (ARCHITECTURE §6)."""
    return digest(
        {
            "tenant": task.tenant_id,
            "environment": task.environment,
            "proposal": proposal.id,
            "revision": proposal.revision,
            "tool": proposal.tool,
            "tool_version": proposal.tool_version,
            "params": proposal.params,
            "reason_code": proposal.reason_code,
            "before": proposal.before,
            "evidence": proposal.evidence_ids,
            "estimate": proposal.estimate,
            "expires_in_seconds": proposal.expires_in_seconds,
            "undo": proposal.undo,
            # Where there is none, the digest is what it was before there were any.
            **({"grant": proposal.grant_offer} if proposal.grant_offer else {}),
            # A card that policy sent back is another one: other people, another rule.
            **({"asked_at": proposal.asked_at} if proposal.asked_at else {}),
        }
    )


def _shown_schema(tool: AnyWrite) -> Mapping[str, JsonValue]:
    """With the order of the fields, which JSONB does not keep."""
    schema = tool.params.model_json_schema()
    return {
        **plain(schema),
        "x-order": list(schema["properties"]),
        "x-reason-codes": list(tool.reason_codes),
    }


def _undo(
    tool: AnyWrite, params: BaseModel, before: BaseModel
) -> Mapping[str, JsonValue]:
    if tool.undo is None:
        return {}
    try:
        back = tool.undo(params, before)
    except ValidationError as exc:
        raise RefusedCall(
            "unreadable",
            rule="bounds",
            message=f"{tool.name}: its target is out of the bounds that an undo has",
            status=424,
        ) from exc
    restored = tool.describe(params, before)[0]
    expires_at = tool.expires_at(params) if tool.expires_at else None
    return {
        "params": back.model_dump(mode="json"),
        "text": f"restores {restored}",
        "expires_at": expires_at,
    }
