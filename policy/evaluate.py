"""
The verdict: matrix and guards, both must allow.

Theory of operation. The matrix gives a level, the table of category by level a
verdict; the guards give the mildest verdict that they leave open; the stricter of the
two holds. At execution the same question is asked again with the approvals given: where
a person's approval is what is missing, and enough people who may give it have given it,
the verdict is ``allow``. A grant raises L1 to L2 under a rule id of its own, where an
approval of its person would count. Facts in, decision out: no clock, no row.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import rfc8785
from pydantic import JsonValue

from policy.autonomy import DEFAULT_RULE, Matrix, parse_autonomy, verdict_at
from policy.decision import Decision, Level, Verdict
from policy.errors import PolicyError
from policy.facts import ApprovalFacts, CallFacts, Phase, parse_facts
from policy.guards import (
    DEFAULT_DENY,
    GuardAnswer,
    Guards,
    load_guards,
    requester_may_approve,
    strictest,
)
from policy.people import ApprovalRule, People, parse_people
from policy.redaction import RedactionRules, parse_redaction
from policy.tool_spec import ToolCategory, ToolSpec

TEXTS = ("autonomy.yaml", "guards.cedar", "people.yaml", "redaction.yaml")
IRREVERSIBLE_QUORUM = 2
UNKNOWN_TOOL = "unknown-tool"
CARD_ROLES = "card-roles"
UNKNOWN_PERSON = "unknown-person"
NO_APPROVERS = "no-approvers"
# Asked of an approval whose person's votes come unread.
ONE_MORE = "one-more-person"
WRONG_CATEGORY = "wrong-category"

SAYINGS = {
    Verdict.allow: "runs by itself",
    Verdict.require_approval: "runs after approval",
    Verdict.draft_only: "a draft for a person to carry out",
    Verdict.deny: "not allowed",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one bundle, compiled; built by ``load_policy`` alone."""

    matrix: Matrix
    guards: Guards
    people: People
    redaction: RedactionRules
    tools: Mapping[str, ToolSpec]
    bundle_hash: str

    def evaluate(self, facts: CallFacts) -> Decision:
        """Decide a proposal (phase propose) or its execution (phase execute)."""
        tool = self.tools.get(facts.tool)
        if tool is None:
            return self._refuse(UNKNOWN_TOOL, f"no tool is called {facts.tool!r}")
        if tool.category is ToolCategory.read or facts.phase is Phase.read:
            return self._refuse(WRONG_CATEGORY, "reads are called, writes proposed")
        approvers = self.people.approvers_for(
            tool, kind=facts.kind, environment=facts.environment
        )
        own_level, rule_id = self._level(facts, tool)
        granted = own_level is Level.L1 and self._holds(facts, tool, approvers)
        level = Level.L2 if granted else own_level
        counted = self._count(facts, tool, approvers)
        quorum = _quorum(tool, approvers)
        if facts.worn:
            quorum = self.raised_quorum(
                tool,
                approvers,
                requester=facts.requester,
                escalated=facts.escalated,
            )
        answer = self.guards.ask_call(facts, tool, level=level, approval_count=counted)
        by_level = verdict_at(tool.category, level)
        if by_level is Verdict.deny:
            answer = replace(answer, denying=())
        verdict = strictest(by_level, answer.verdict)
        if granted and facts.grant and verdict is Verdict.allow:
            rule_id = facts.grant.rule
        else:
            # What asks people beside a grant is no grant's.
            level = own_level
        return self._decide(
            _Finding(level, rule_id, verdict, answer),
            approval=_Approval(approvers, quorum, counted),
            phase=facts.phase,
        )

    def evaluate_read(self, facts: CallFacts) -> Decision:
        """Decide a read: allow or deny."""
        tool = self.tools.get(facts.tool)
        if tool is None:
            return self._refuse(UNKNOWN_TOOL, f"no tool is called {facts.tool!r}")
        if tool.category is not ToolCategory.read or facts.phase is not Phase.read:
            return self._refuse(WRONG_CATEGORY, f"{tool.name} is not a read")
        level, rule_id = self._level(facts, tool)
        answer = self.guards.ask_call(facts, tool, level=level, approval_count=0)
        by_level = verdict_at(tool.category, level)
        allowed = strictest(by_level, answer.verdict) is Verdict.allow
        return self._decision(
            _Finding(
                level, rule_id, Verdict.allow if allowed else Verdict.deny, answer
            ),
            reason=answer.reason,
        )

    def evaluate_approval(self, facts: ApprovalFacts) -> Decision:
        """Decide whether this person may approve this proposal now: allow or deny."""
        tool = self.tools.get(facts.tool)
        person = self.people.find(facts.person)
        if tool is None:
            if person and not person.roles.isdisjoint(facts.card_roles):
                return self._allow_word(facts.tool)
            return self._refuse(UNKNOWN_TOOL, f"no tool is called {facts.tool!r}")
        if person is None:
            return self._refuse(UNKNOWN_PERSON, f"nobody here is {facts.person!r}")
        rule = self.people.approvers_for(
            tool, kind=facts.kind, environment=facts.environment
        )
        if rule is None:
            return self._refuse(NO_APPROVERS, "no rule says who may approve this")
        level, rule_id = self.matrix.level_for(
            tool,
            kind=facts.kind,
            environment=facts.environment,
            tenant=facts.tenant_id,
        )
        answer = self.guards.ask_approval(facts, tool, rule)
        allowed = answer.verdict is Verdict.allow
        if allowed and rule.fatigue and rule.fatigue.is_worn(facts.votes):
            answer = replace(answer, obligations=(*answer.obligations, ONE_MORE))
        return self._decision(
            _Finding(
                level, rule_id, Verdict.allow if allowed else Verdict.deny, answer
            ),
            reason=answer.reason,
        )

    def raised_quorum(
        self,
        tool: ToolSpec,
        rule: ApprovalRule | None,
        *,
        requester: str,
        escalated: bool,
    ) -> int:
        """Give how many must approve once votes come unread: one more, if there is."""
        needed = _quorum(tool, rule)
        if rule is None:
            return needed
        return self.people.raise_quorum(
            rule, needed, requester=requester, escalated=escalated
        )

    def replay(self, stored: Mapping[str, JsonValue]) -> Decision:
        """Decide again from stored facts (``facts_json``)."""
        facts = parse_facts(stored)
        if isinstance(facts, ApprovalFacts):
            return self.evaluate_approval(facts)
        if facts.phase is Phase.read:
            return self.evaluate_read(facts)
        return self.evaluate(facts)

    def _level(self, facts: CallFacts, tool: ToolSpec) -> tuple[Level, str]:
        level, rule_id = self.matrix.level_for(
            tool,
            kind=facts.kind,
            environment=facts.environment,
            tenant=facts.tenant_id,
        )
        ceiling = Level(max(Level.L0, min(facts.autonomy_ceiling, Level.L3)))
        return min(level, ceiling), rule_id

    def _holds(
        self, facts: CallFacts, tool: ToolSpec, rule: ApprovalRule | None
    ) -> bool:
        """Tell whether a grant counts: as an approval of its person would today."""
        grant = facts.grant
        if grant is None or not grant.is_live or rule is None or rule.grant is None:
            return False
        if tool.category is not ToolCategory.write_reversible or facts.is_undo:
            return False
        if rule.quorum > 1 or facts.autonomy_ceiling < Level.L2:
            return False
        if facts.risk > grant.most_risk:
            return False
        person = self.people.find(grant.person)
        return (
            person is not None
            and not person.roles.isdisjoint(rule.roles_now(escalated=True))
            and (person.id != facts.requester or requester_may_approve(tool, rule))
        )

    def _count(
        self, facts: CallFacts, tool: ToolSpec, rule: ApprovalRule | None
    ) -> int:
        """Count distinct people whose approval still holds by today's rules."""
        if rule is None:
            return 0
        people = (self.people.find(one) for one in set(facts.approvals))
        own_counts = requester_may_approve(tool, rule)
        roles = rule.roles_now(escalated=facts.escalated)
        return sum(
            person is not None
            and not person.roles.isdisjoint(roles)
            and (own_counts or person.id != facts.requester)
            for person in people
        )

    def _decide(
        self, found: "_Finding", *, approval: "_Approval", phase: Phase
    ) -> Decision:
        if found.verdict in {Verdict.allow, Verdict.deny}:
            return self._decision(found, reason=found.reason)
        if approval.rule is None:
            return self._refuse(NO_APPROVERS, "no rule says who may approve this")
        if (
            found.verdict is Verdict.require_approval
            and phase is Phase.execute
            and approval.counted >= approval.quorum
        ):
            return self._decision(
                found.with_verdict(Verdict.allow),
                reason=f"approved by {approval.counted} of {approval.quorum} needed",
            )
        return self._decision(found, reason=found.reason, approval=approval)

    def _decision(
        self, found: "_Finding", *, reason: str, approval: "_Approval | None" = None
    ) -> Decision:
        rule = approval.rule if approval else None
        return Decision(
            verdict=found.verdict,
            level=found.level,
            matrix_rule=found.rule_id,
            cedar_ids=found.answer.ids,
            bundle_hash=self.bundle_hash,
            reason=reason,
            quorum=approval.quorum if approval else 0,
            roles=rule.roles if rule else (),
            expires_in_seconds=rule.expires_in_seconds if rule else 0,
            obligations=found.answer.obligations,
            denied_by=found.answer.denying,
        )

    def _allow_word(self, tool: str) -> Decision:
        """Let those speak whom a card had asked whose tool is gone: nothing runs."""
        return Decision(
            verdict=Verdict.allow,
            level=Level.L0,
            matrix_rule=DEFAULT_RULE,
            cedar_ids=(CARD_ROLES,),
            bundle_hash=self.bundle_hash,
            reason=f"no tool is called {tool!r} any more; its card had asked them",
        )

    def _refuse(self, rule: str, reason: str) -> Decision:
        return Decision(
            verdict=Verdict.deny,
            level=Level.L0,
            matrix_rule=DEFAULT_RULE,
            cedar_ids=(DEFAULT_DENY,),
            bundle_hash=self.bundle_hash,
            reason=f"{rule}: {reason}",
        )


def load_policy(texts: Mapping[str, str], tools: tuple[ToolSpec, ...]) -> Policy:
    """
    Compile one bundle from the texts named in ``TEXTS``.

    Raises:
        PolicyError: a text is missing or does not load.
    """
    for name in TEXTS:
        if name not in texts:
            raise PolicyError(
                name, 0, what="the text is missing", mend="pass policy/rules/ whole"
            )
    people = parse_people(texts["people.yaml"], tools, path="people.yaml")
    return Policy(
        matrix=parse_autonomy(texts["autonomy.yaml"], tools, path="autonomy.yaml"),
        guards=load_guards(texts["guards.cedar"], tools, people, path="guards.cedar"),
        people=people,
        redaction=parse_redaction(texts["redaction.yaml"], path="redaction.yaml"),
        tools={tool.name: tool for tool in tools},
        bundle_hash=hash_bundle(texts, tools),
    )


def hash_bundle(texts: Mapping[str, str], tools: tuple[ToolSpec, ...]) -> str:
    """Hash texts and tools: SHA-256 (hex) over their RFC 8785 JSON."""
    content: dict[str, list[list[str | int]]] = {
        "texts": [[name, texts[name]] for name in TEXTS],
        "tools": [
            [tool.name, tool.version, tool.category.value]
            for tool in sorted(tools, key=lambda tool: tool.name)
        ],
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class _Finding:
    level: Level
    rule_id: str
    verdict: Verdict
    answer: GuardAnswer

    @property
    def reason(self) -> str:
        if self.answer.verdict is self.verdict and self.verdict is not Verdict.allow:
            return self.answer.reason
        return f"{self.level.name} by {self.rule_id}: {SAYINGS[self.verdict]}"

    def with_verdict(self, verdict: Verdict) -> "_Finding":
        return _Finding(self.level, self.rule_id, verdict, self.answer)


@dataclass(frozen=True, slots=True)
class _Approval:
    rule: ApprovalRule | None
    quorum: int
    counted: int


def _quorum(tool: ToolSpec, rule: ApprovalRule | None) -> int:
    least = (
        IRREVERSIBLE_QUORUM if tool.category is ToolCategory.write_irreversible else 1
    )
    return max(least, rule.quorum if rule else least)
