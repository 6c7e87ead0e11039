"""Grants: an expiring L2 row, for what its person could approve alone."""

import json
from dataclasses import replace
from typing import Any

import pytest

from policy.decision import Level, Verdict
from policy.evaluate import Policy, load_policy
from policy.facts import CallFacts, Phase, facts_json
from policy.grant import Grant
from tests.policy.shipped import shipped_texts, shipped_tools, toggle_facts

GRANT = Grant(id="g1", person="operator", seconds_left=60.0, uses_left=1)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(shipped_texts(), shipped_tools())


def granted(phase: Phase = Phase.propose, **changes: Any) -> CallFacts:
    return replace(toggle_facts(phase=phase), **{"grant": GRANT, **changes})


@pytest.mark.parametrize("phase", [Phase.propose, Phase.execute])
def test_a_grant_lets_it_run_and_is_the_rule(policy: Policy, phase: Phase) -> None:
    """An L2 row with an id of its own; facts and verdict can be replayed."""
    facts = granted(phase)
    decision = policy.evaluate(facts)

    assert (Verdict.allow, Level.L2, "grant:g1") == (
        decision.verdict,
        decision.level,
        decision.matrix_rule,
    )
    assert decision == policy.replay(json.loads(json.dumps(facts_json(facts))))


@pytest.mark.parametrize(
    "changes",
    [
        {"grant": replace(GRANT, seconds_left=0.0)},
        {"grant": replace(GRANT, uses_left=0)},
        {"grant": replace(GRANT, person="guest")},
        {"grant": replace(GRANT, person="gone")},
        {"kind": "safety"},
        {"autonomy_ceiling": 1},
        {"is_undo": True},
        {"tainted": True},
        {"uncited": True},
        {"frozen": True},
        {"writes_last_hour": 5},
        {"grant": replace(GRANT, most_risk=3), "risk": 4},
    ],
)
def test_people_are_asked_all_the_same(policy: Policy, changes: dict[str, Any]) -> None:
    """Spent, over, of who may not approve, or where a guard asks."""
    decision = policy.evaluate(granted(**changes))

    assert decision.verdict is Verdict.require_approval


def test_an_irreversible_write_is_never_granted(policy: Policy) -> None:
    facts = granted(tool="ban_user", params={"user_id": "u1"}, reason_code="abuse")
    decision = policy.evaluate(facts)

    assert Verdict.draft_only is decision.verdict
    assert not decision.matrix_rule.startswith("grant:")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    grant: {minutes: 30, most: 3}\n", ""),
        ("requester_may_approve: true", "requester_may_approve: false"),
    ],
)
def test_todays_rules_hold(old: str, new: str) -> None:
    """No rule grants any more; or its person asked for this themselves."""
    texts = shipped_texts()
    texts["people.yaml"] = texts["people.yaml"].replace(old, new, 1)
    policy = load_policy(texts, shipped_tools())

    assert (
        Verdict.require_approval
        is policy.evaluate(granted(requester="operator")).verdict
    )


def test_a_grant_does_not_lift_l0() -> None:
    """Observe only stays so."""
    texts = shipped_texts()
    texts["autonomy.yaml"] = texts["autonomy.yaml"].replace("level: L1", "level: L0")

    assert (
        Verdict.deny is load_policy(texts, shipped_tools()).evaluate(granted()).verdict
    )
