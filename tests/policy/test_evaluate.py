import itertools
import json
from dataclasses import replace

import pytest

from policy.decision import Decision, Level, Verdict
from policy.errors import PolicyError
from policy.evaluate import TEXTS, Policy, hash_bundle, load_policy
from policy.facts import ApprovalFacts, CallFacts, Phase, facts_json
from tests.policy.shipped import (
    approval_facts,
    policy_with,
    row,
    shipped_policy,
    shipped_texts,
    shipped_tools,
    toggle_facts,
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return shipped_policy()


def ban_facts(phase: Phase = Phase.propose) -> CallFacts:
    return replace(
        toggle_facts(phase=phase),
        tool="ban_user",
        params={"user_id": "u1"},
        reason_code="abuse",
    )


def test_a_reversible_write_in_prod_asks_the_people_on_call(policy: Policy) -> None:
    """The decision says who, how many and for how long."""
    decision = policy.evaluate(toggle_facts())

    assert decision.verdict is Verdict.require_approval
    assert decision.matrix_rule == "prod-asks"
    assert decision.roles == ("reliability-oncall",)
    assert (decision.quorum, decision.expires_in_seconds) == (1, 1800)


def test_a_flag_in_dev_runs_by_itself(policy: Policy) -> None:
    """L2 by its own row."""
    decision = policy.evaluate(toggle_facts("dev"))

    assert (decision.verdict, decision.matrix_rule) == (Verdict.allow, "dev-flags-run")
    assert decision.cedar_ids == ("agents-propose",)


@pytest.mark.parametrize(
    "change",
    [{"tainted": True}, {"uncited": True}, {"frozen": True}, {"edited": True}],
)
def test_a_doubt_brings_the_person_back(
    policy: Policy, change: dict[str, bool]
) -> None:
    """L2 falls to approval where a target is tainted or uncited, or in a freeze."""
    facts = replace(toggle_facts("dev"), **change)  # type: ignore[arg-type]

    assert policy.evaluate(facts).verdict is Verdict.require_approval


@pytest.mark.parametrize(
    ("limit", "undo", "verdict"),
    [
        (49, False, Verdict.deny),
        (0, False, Verdict.deny),
        (50, False, Verdict.require_approval),
        (0, True, Verdict.require_approval),
    ],
)
def test_only_an_undo_goes_below_the_least_throttle(
    policy: Policy, limit: int, *, undo: bool, verdict: Verdict
) -> None:
    """In production; 0 lifts the throttle, which is how it is undone."""
    facts = replace(
        toggle_facts(),
        tool="throttle_endpoint",
        params={"service": "feed", "route": "GET /feed", "limit_rps": limit},
        is_undo=undo,
    )

    assert policy.evaluate(facts).verdict is verdict


def test_an_agent_has_a_ceiling_of_its_own(policy: Policy) -> None:
    """The agent version's ceiling lowers the level and keeps the rule's id."""
    decision = policy.evaluate(replace(toggle_facts("dev"), autonomy_ceiling=1))

    assert (decision.verdict, decision.level) == (Verdict.require_approval, Level.L1)
    assert decision.matrix_rule == "dev-flags-run"


def test_an_approval_lets_it_run(policy: Policy) -> None:
    """Only the approval of somebody who holds the role counts."""
    facts = toggle_facts(phase=Phase.execute)
    verdicts = [
        policy.evaluate(replace(facts, approvals=approvals)).verdict
        for approvals in ((), ("guest",), ("nobody",), ("operator",))
    ]

    assert verdicts == [Verdict.require_approval] * 3 + [Verdict.allow]


def test_an_irreversible_write_is_a_draft_below_l3(policy: Policy) -> None:
    """No number of approvals makes a draft run."""
    facts = replace(ban_facts(Phase.execute), approvals=("operator", "second"))

    assert policy.evaluate(facts).verdict is Verdict.draft_only


@pytest.mark.parametrize(
    ("approvals", "requester", "verdict"),
    [
        ((), "alert", Verdict.require_approval),
        (("operator",), "alert", Verdict.require_approval),
        (("operator", "operator"), "alert", Verdict.require_approval),
        (("operator", "guest"), "alert", Verdict.require_approval),
        (("operator", "second"), "second", Verdict.require_approval),
        (("operator", "second"), "alert", Verdict.allow),
    ],
)
def test_an_irreversible_write_at_l3_needs_two_others(
    approvals: tuple[str, ...], requester: str, verdict: Verdict
) -> None:
    """Two different people with the role, neither the requester."""
    at_l3 = policy_with(row("L3"))
    facts = replace(ban_facts(Phase.execute), approvals=approvals, requester=requester)
    decision = at_l3.evaluate(facts)

    assert decision.verdict is verdict
    assert decision.quorum in {0, 2}


def test_every_prod_write_has_a_reason_code_and_an_approval(policy: Policy) -> None:
    """All combinations: nothing runs in prod at L1 without both."""
    flags = itertools.product([False, True], repeat=5)
    people = [(), ("guest",), ("operator",), ("operator", "second")]
    seen: set[Verdict] = set()
    for (
        tainted,
        uncited,
        frozen,
        lab,
        undo,
    ), phase, code, approvals in itertools.product(
        flags,
        (Phase.propose, Phase.execute),
        ("", "wrong", "incident_mitigation"),
        people,
    ):
        facts = replace(
            toggle_facts(phase=phase),
            tainted=tainted,
            uncited=uncited,
            frozen=frozen,
            lab_only=lab,
            sandbox="none",
            is_undo=undo,
            reason_code=code,
            approvals=approvals,
        )
        verdict = policy.evaluate(facts).verdict
        seen.add(verdict)
        if verdict is Verdict.allow:
            assert code == "incident_mitigation"
            assert phase is Phase.execute
            assert "operator" in approvals
            assert lab
            assert undo or not frozen
        elif verdict is not Verdict.deny:
            assert code == "incident_mitigation"

    assert seen == set(Verdict)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (replace(toggle_facts(), tool="drop_table"), "unknown-tool"),
        (replace(toggle_facts(), tool="trace_lookup"), "wrong-category"),
        (replace(toggle_facts(), phase=Phase.read), "wrong-category"),
    ],
)
def test_what_is_no_write_is_refused(
    policy: Policy, facts: CallFacts, rule: str
) -> None:
    """A refusal before any rule is a default deny that says why."""
    decision = policy.evaluate(facts)

    assert (decision.verdict, decision.cedar_ids) == (Verdict.deny, ("default-deny",))
    assert decision.reason.startswith(rule)


def test_a_read_is_allowed_in_its_environment(policy: Policy) -> None:
    """Reads need L0; the guards still hold."""
    facts = replace(
        toggle_facts(),
        tool="trace_lookup",
        params={"service": "discourse"},
        phase=Phase.read,
        reason_code="",
    )
    elsewhere = replace(facts, task_environment="dev")
    decisions = [policy.evaluate_read(each) for each in (facts, elsewhere)]

    assert [each.verdict for each in decisions] == [Verdict.allow, Verdict.deny]
    assert decisions[1].cedar_ids == ("other-environment",)


def test_writes_are_no_reads(policy: Policy) -> None:
    """The read path never lets a write through."""
    facts = replace(toggle_facts("dev"), phase=Phase.read)

    assert policy.evaluate_read(facts).verdict is Verdict.deny


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"person": "guest"}, "approver-lacks-role"),
        ({"frozen": True}, "frozen-approval"),
        ({"approvals": ("operator",)}, "approved-already"),
        ({"tool": "ban_user", "requester": "operator"}, "own-request"),
    ],
)
def test_who_may_not_approve(
    policy: Policy, change: dict[str, str | bool], rule: str
) -> None:
    """Each reason has a guard of its own."""
    facts = replace(approval_facts(), **change)  # type: ignore[arg-type]
    decision = policy.evaluate_approval(facts)

    assert (decision.verdict, decision.cedar_ids) == (Verdict.deny, (rule,))


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"person": "nobody"}, "unknown-person"), ({"tool": "nuke"}, "unknown-tool")],
)
def test_the_unknown_may_not_approve(
    policy: Policy, change: dict[str, str], rule: str
) -> None:
    """An unknown person or tool is a default deny."""
    decision = policy.evaluate_approval(replace(approval_facts(), **change))  # type: ignore[arg-type]

    assert decision.reason.startswith(rule)


@pytest.mark.parametrize(
    ("roles", "verdict"),
    [(("reliability-oncall",), Verdict.allow), (("nobody-oncall",), Verdict.deny)],
)
def test_of_a_tool_that_is_gone_its_card_s_people_speak(
    policy: Policy, roles: tuple[str, ...], verdict: Verdict
) -> None:
    """No rule knows it any more; nothing runs by such a word."""
    facts = replace(approval_facts(), tool="nuke", card_roles=roles)

    assert policy.evaluate_approval(facts).verdict is verdict


def test_who_may_approve(policy: Policy) -> None:
    """Role held: allowed, also one's own reversible request."""
    facts = replace(approval_facts(), requester="operator")

    assert policy.evaluate_approval(facts).verdict is Verdict.allow


def next_in_line() -> Policy:
    """Give rules by which the guest may approve once nobody else has."""
    texts = shipped_texts()
    texts["people.yaml"] = texts["people.yaml"].replace(
        "roles: []", "roles: [duty-manager]"
    )
    return load_policy(texts, shipped_tools())


@pytest.mark.parametrize(
    ("escalated", "verdict"), [(False, Verdict.deny), (True, Verdict.allow)]
)
def test_the_next_roles_may_approve_once_it_went_to_them(
    *, escalated: bool, verdict: Verdict
) -> None:
    """Not before; a fact like any other, so that it can be replayed."""
    policy = next_in_line()
    facts = replace(approval_facts(), person="guest", escalated=escalated)
    decision = policy.evaluate_approval(facts)

    assert verdict is decision.verdict
    assert decision == policy.replay(json.loads(json.dumps(facts_json(facts))))


@pytest.mark.parametrize(
    ("escalated", "verdict"),
    [(False, Verdict.require_approval), (True, Verdict.allow)],
)
def test_an_approval_by_the_next_role_holds_at_execution(
    *, escalated: bool, verdict: Verdict
) -> None:
    """Where it went to them."""
    facts = toggle_facts(phase=Phase.execute)
    facts = replace(facts, approvals=("guest",), escalated=escalated)

    assert verdict is next_in_line().evaluate(facts).verdict


def test_no_approvers_is_a_deny() -> None:
    """A write that nobody may approve is denied, not left hanging."""
    texts = shipped_texts()
    head, _, _ = texts["people.yaml"].partition("approvals:\n  - id")
    texts["people.yaml"] = head + "approvals: []\n"
    decision = load_policy(texts, shipped_tools()).evaluate(toggle_facts())

    assert decision.verdict is Verdict.deny
    assert decision.reason.startswith("no-approvers")


def test_replay_gives_the_same_decision(policy: Policy) -> None:
    """Stored facts and the same bundle give the stored verdict again."""
    read = replace(
        toggle_facts(), tool="trace_lookup", params={"service": "s"}, phase=Phase.read
    )
    pairs: list[tuple[CallFacts | ApprovalFacts, Decision]] = [
        (toggle_facts("dev"), policy.evaluate(toggle_facts("dev"))),
        (read, policy.evaluate_read(read)),
        (approval_facts(), policy.evaluate_approval(approval_facts())),
    ]

    for facts, decision in pairs:
        stored = json.loads(json.dumps(facts_json(facts)))
        assert policy.replay(stored) == decision


@pytest.mark.parametrize("name", TEXTS)
def test_any_byte_changes_the_hash(name: str) -> None:
    """One space more in any text is another bundle."""
    texts = shipped_texts()
    before = hash_bundle(texts, shipped_tools())

    assert hash_bundle({**texts, name: texts[name] + " "}, shipped_tools()) != before


def test_a_tools_version_changes_the_hash() -> None:
    """The order in which tools are listed does not."""
    tools = shipped_tools()
    newer = (replace(tools[0], version=2), *tools[1:])
    before = hash_bundle(shipped_texts(), tools)

    assert hash_bundle(shipped_texts(), newer) != before
    assert hash_bundle(shipped_texts(), tools[::-1]) == before


def test_a_missing_text_does_not_load() -> None:
    """Fails closed, and names the text."""
    with pytest.raises(PolicyError, match=r"guards\.cedar"):
        load_policy({"autonomy.yaml": "rules: []", "people.yaml": ""}, shipped_tools())
