from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policy.decision import Level, Verdict
from policy.facts import CallFacts, Phase
from policy.guards import GuardAnswer, load_guards, strictest
from tests.policy.shipped import (
    shipped_policy,
    shipped_texts,
    shipped_tools,
    toggle_facts,
    toggle_tool,
)

if TYPE_CHECKING:
    from pydantic import JsonValue


def ask(facts: CallFacts, text: str | None = None) -> GuardAnswer:
    guards = load_guards(
        shipped_texts()["guards.cedar"] if text is None else text,
        shipped_tools(),
        shipped_policy().people,
        path="guards.cedar",
    )
    return guards.ask_call(facts, toggle_tool(), level=Level.L2, approval_count=0)


def test_a_plain_call_is_permitted() -> None:
    """The permit that allowed it is named."""
    assert ask(toggle_facts()).ids == ("agents-propose",)


def test_a_deny_without_a_policy_is_default_deny() -> None:
    """No permit, no forbid: denied, and said so."""
    answer = ask(toggle_facts(), "")

    assert (answer.verdict, answer.ids) == (Verdict.deny, ("default-deny",))


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"flag_key": "f", "enabled": 1, "rollout_percent": 0},
        {"flag_key": "f", "enabled": True, "rollout_percent": 0.5},
        {"flag_key": "f", "enabled": True, "rollout_percent": 2**70},
        {"flag_key": "f", "enabled": True, "rollout_percent": 0, "zap": 1},
        {"flag_key": "f", "enabled": True, "rollout_percent": float("nan")},
    ],
)
def test_an_error_inside_cedar_is_a_deny(params: dict[str, bool | float | str]) -> None:
    """Params that don't fit the schema deny; no forbid is skipped in silence."""
    answer = ask(replace(toggle_facts(), params=dict(params)))

    assert (answer.verdict, answer.ids) == (Verdict.deny, ("evaluation-error",))


def test_an_overflow_is_a_deny() -> None:
    """A forbid that errors while it is evaluated does not let the call through."""
    text = (
        '@id("p") @reason("r") permit (principal, action, resource);\n'
        '@id("f") @reason("r") forbid (principal is Agent, action, resource)'
        " when { context.writes_last_hour * 2 > 10 };"
    )
    answer = ask(replace(toggle_facts(), writes_last_hour=2**62), text)

    assert (answer.verdict, answer.ids) == (Verdict.deny, ("evaluation-error",))


def test_what_denies_is_told_from_what_asks() -> None:
    """Both hold; the one that denies is named, and none is where none denies."""
    facts = toggle_facts(phase=Phase.execute)
    both = ask(replace(facts, frozen=True, tainted=True))

    assert (("frozen", "tainted-asks"), ("frozen",)) == (both.ids, both.denying)
    assert () == ask(replace(facts, tainted=True)).denying
    assert () == ask(facts).denying


def test_the_strictest_of_several_forbids_counts() -> None:
    """Tainted alone asks; with no sandbox it is a draft; both ids are named."""
    facts = replace(toggle_facts(), tainted=True, sandbox="none")
    answer = ask(facts)

    assert answer.verdict is Verdict.draft_only
    assert answer.ids == ("no-sandbox", "tainted-asks")
    assert answer.obligations == ("show-no-sandbox", "show-tainted")


@pytest.mark.parametrize(
    ("change", "rule", "verdict"),
    [
        ({"reason_code": ""}, "no-reason-code", Verdict.deny),
        ({"reason_code": "because"}, "no-reason-code", Verdict.deny),
        ({"task_environment": "dev"}, "other-environment", Verdict.deny),
        ({"allowed_tools": ()}, "tool-not-listed", Verdict.deny),
        ({"frozen": True}, "frozen", Verdict.deny),
        ({"sandbox": "none"}, "no-sandbox", Verdict.draft_only),
        ({"tainted": True}, "tainted-asks", Verdict.require_approval),
        ({"uncited": True}, "uncited-asks", Verdict.require_approval),
        ({"restored": True}, "restored-since", Verdict.require_approval),
        ({"overwrites": True}, "overwrites-asks", Verdict.require_approval),
        ({"edited": True}, "edited-asks", Verdict.require_approval),
        ({"writes_last_hour": 5}, "busy-asks", Verdict.require_approval),
        ({"writes_last_hour": 20}, "action-budget", Verdict.deny),
    ],
)
def test_each_guard_holds_at_execution(
    change: dict[str, str | bool | int], rule: str, verdict: Verdict
) -> None:
    """One fact changed, one guard named."""
    facts = replace(toggle_facts(phase=Phase.execute), **change)  # type: ignore[arg-type]
    answer = ask(facts)

    assert rule in answer.ids
    assert answer.verdict is verdict


@pytest.mark.parametrize(
    "change", [{"frozen": True}, {"writes_last_hour": 99}, {"sandbox": "none"}]
)
def test_what_is_exempt(change: dict[str, str | bool | int]) -> None:
    """An undo passes freeze and budget; the lab passes the sandbox."""
    facts = replace(
        toggle_facts(phase=Phase.execute),
        is_undo=True,
        lab_only=True,
        **change,  # type: ignore[arg-type]
    )

    assert ask(facts).verdict is Verdict.allow


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_rollout_out_of_range_is_denied(percent: int) -> None:
    """0 to 100, whatever the tool's own schema says."""
    params: dict[str, JsonValue] = {
        "flag_key": "f",
        "enabled": True,
        "rollout_percent": percent,
    }

    assert ask(replace(toggle_facts(), params=params)).ids == ("rollout-out-of-range",)


def test_the_strictest_is_found() -> None:
    """By strictness: allow < require_approval < draft_only < deny."""
    assert strictest(Verdict.allow, Verdict.draft_only, Verdict.require_approval) is (
        Verdict.draft_only
    )
