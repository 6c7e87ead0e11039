"""
The guards: Cedar decides what must not happen, whatever level the matrix gives.

A forbid beats every permit. Each forbid says by ``@otherwise`` what is left: nothing
(``deny``), a draft, or a person's approval; of all that hold, the strictest counts. Any
error inside Cedar is a deny: a forbid that errors would else be skipped in silence.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import cedarpy
from pydantic import JsonValue

from policy.decision import Level, Verdict
from policy.errors import PolicyError
from policy.facts import ApprovalFacts, CallFacts
from policy.guard_schema import render_params, render_schema
from policy.guard_text import Clause, parse_guards
from policy.people import ApprovalRule, People
from policy.tool_spec import ToolCategory, ToolSpec

DEFAULT_DENY = "default-deny"
EVALUATION_ERROR = "evaluation-error"
STRICTNESS = (
    Verdict.allow,
    Verdict.require_approval,
    Verdict.draft_only,
    Verdict.deny,
)


@dataclass(frozen=True, slots=True)
class GuardAnswer:
    """
    The mildest verdict that the guards leave, and the policies that say so.

    ``denying`` names those of them that deny; the others ask for less.
    """

    verdict: Verdict
    ids: tuple[str, ...]
    reason: str
    obligations: tuple[str, ...] = ()
    denying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guards:
    """Parsed once; asking is pure."""

    policies: cedarpy.PolicySet
    schema: cedarpy.Schema
    entities: cedarpy.Entities
    clauses: Mapping[str, Clause]

    def ask_call(
        self, facts: CallFacts, tool: ToolSpec, *, level: Level, approval_count: int
    ) -> GuardAnswer:
        try:
            params = render_params(tool, facts.params)
        except ValueError as error:
            return _denied_by(EVALUATION_ERROR, str(error))
        return self._ask(
            principal=("Agent", facts.agent),
            action=f"{facts.phase}:{tool.name}",
            environment=facts.environment,
            context={
                **_call_context(facts, tool),
                "level": int(level),
                "approval_count": approval_count,
                "params": params,
            },
        )

    def ask_approval(
        self, facts: ApprovalFacts, tool: ToolSpec, rule: ApprovalRule
    ) -> GuardAnswer:
        return self._ask(
            principal=("Person", facts.person),
            action="approve",
            environment=facts.environment,
            context=_approval_context(facts, tool, rule),
        )

    def _ask(
        self,
        *,
        principal: tuple[str, str],
        action: str,
        environment: str,
        context: dict[str, JsonValue],
    ) -> GuardAnswer:
        request = {
            "principal": {"type": principal[0], "id": principal[1]},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Environment", "id": environment},
            "context": context,
        }
        try:
            result = cedarpy.is_authorized(
                request, self.policies, self.entities, self.schema
            )
        except (TypeError, ValueError) as error:
            return _denied_by(EVALUATION_ERROR, str(error))
        return self._read(result)

    def _read(self, result: cedarpy.AuthzResult) -> GuardAnswer:
        errors = result.diagnostics.errors
        if errors or result.decision is cedarpy.Decision.NoDecision:
            return _denied_by(EVALUATION_ERROR, "; ".join(errors) or "no decision")
        held = sorted(
            (self.clauses[key] for key in result.diagnostics.reasons),
            key=lambda clause: clause.id,
        )
        if result.allowed:
            verdict = Verdict.allow
        elif not held:
            return _denied_by(DEFAULT_DENY, "no guard permits this call")
        else:
            verdict = strictest(*(clause.otherwise for clause in held))
        return GuardAnswer(
            verdict=verdict,
            ids=tuple(clause.id for clause in held),
            reason=_reason(held, verdict),
            obligations=tuple(one.obligation for one in held if one.obligation),
            denying=tuple(
                one.id
                for one in held
                if not result.allowed and one.otherwise is Verdict.deny
            ),
        )


def load_guards(
    text: str, tools: tuple[ToolSpec, ...], people: People, *, path: str
) -> Guards:
    """
    Parse the guards against a schema made from ``tools``.

    Raises:
        PolicyError: the text does not load, or a tool's schema can't be rendered.
    """
    rendered = render_schema(tools)
    try:
        schema = cedarpy.Schema.from_str(rendered)
    except ValueError as error:
        raise PolicyError(
            "tools", 0, what=f"no Cedar schema: {error}", mend="see the tools' params"
        ) from error
    parsed = parse_guards(text, schema, path=path)
    return Guards(
        policies=parsed.policies,
        schema=schema,
        entities=cedarpy.Entities.from_json_str(_render_people(people), schema),
        clauses=parsed.clauses,
    )


def strictest(*verdicts: Verdict) -> Verdict:
    return max(verdicts, key=STRICTNESS.index)


def requester_may_approve(tool: ToolSpec, rule: ApprovalRule) -> bool:
    """Tell whether the rule lets the requester count; never for irreversible writes."""
    return (
        rule.requester_may_approve
        and tool.category is not ToolCategory.write_irreversible
    )


def _denied_by(rule: str, reason: str) -> GuardAnswer:
    return GuardAnswer(
        verdict=Verdict.deny, ids=(rule,), reason=reason, denying=(rule,)
    )


def _reason(held: list[Clause], verdict: Verdict) -> str:
    if verdict is Verdict.allow:
        return "; ".join(clause.reason for clause in held)
    return "; ".join(one.reason for one in held if one.otherwise is verdict)


def _call_context(facts: CallFacts, tool: ToolSpec) -> dict[str, JsonValue]:
    return {
        "agent_version": facts.agent_version,
        "allowed_tool": tool.name in facts.allowed_tools,
        "category": tool.category.value,
        "edited": facts.edited,
        "environment": facts.environment,
        "frozen": facts.frozen,
        "frozen_whole": facts.frozen_whole,
        "is_undo": facts.is_undo,
        "kind": facts.kind,
        "lab_only": facts.lab_only,
        "overwrites": facts.overwrites,
        "reason_code": facts.reason_code,
        "reason_codes": list(tool.reason_codes),
        "requester": facts.requester,
        "restored": facts.restored,
        "sandbox": facts.sandbox,
        "tainted": facts.tainted,
        "task_environment": facts.task_environment,
        "tenant": facts.tenant_id,
        "uncited": facts.uncited,
        "writes_by_agent": facts.writes_by_agent,
        "writes_here": facts.writes_here,
        "writes_last_hour": facts.writes_last_hour,
        "writes_on_target": facts.writes_on_target,
    }


def _approval_context(
    facts: ApprovalFacts, tool: ToolSpec, rule: ApprovalRule
) -> dict[str, JsonValue]:
    return {
        "already_approved": facts.person in facts.approvals,
        "category": tool.category.value,
        "environment": facts.environment,
        "frozen": facts.frozen,
        "is_undo": facts.is_undo,
        "kind": facts.kind,
        "requester": facts.requester,
        "requester_may_approve": requester_may_approve(tool, rule),
        "roles": list(rule.roles_now(escalated=facts.escalated)),
        "tenant": facts.tenant_id,
        "tool": tool.name,
    }


def _render_people(people: People) -> str:
    return json.dumps(
        [
            {
                "uid": {"type": "Person", "id": person.id},
                "attrs": {"id": person.id, "roles": sorted(person.roles)},
                "parents": [],
            }
            for person in people.people
        ]
    )
