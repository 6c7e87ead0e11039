"""Fatigue: a habit of unread votes needs one more person, where a rule says so."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.decision import Verdict
from policy.evaluate import ONE_MORE, Policy, load_policy
from policy.facts import Phase, facts_json
from policy.fatigue import Fatigue, Vote
from tests.policy.shipped import (
    approval_facts,
    shipped_policy,
    shipped_texts,
    shipped_tools,
    toggle_facts,
    toggle_tool,
)

RULE = Fatigue(of=3, hasty_seconds=3.0, most_hasty=1, most_unread=2)
READ, HASTY = Vote(30.0, evidence_opened=True), Vote(1.0, evidence_opened=True)
UNREAD, UNKNOWN = Vote(30.0, evidence_opened=False), Vote(None, evidence_opened=None)


@pytest.mark.parametrize(
    ("votes", "worn"),
    [
        ([], False),
        ([HASTY], False),
        ([HASTY, HASTY], True),
        ([HASTY, READ, READ, HASTY], False),
        ([UNREAD, UNREAD], False),
        ([UNREAD, UNREAD, UNREAD], True),
        ([READ, UNREAD, UNREAD, UNREAD], False),
        ([READ, HASTY, HASTY], False),
        ([UNKNOWN, UNREAD, UNREAD, UNREAD], False),
        ([UNKNOWN] * 5, False),
        ([Vote(3.0, evidence_opened=True)] * 3, False),
    ],
)
def test_a_habit_counts_and_no_single_vote(votes: list[Vote], *, worn: bool) -> None:
    """
    Within the last so many; what nobody can know counts for the person.

    One that was read counts in full, however many before it were not.
    """
    assert worn == RULE.is_worn(votes)


@given(
    st.lists(
        st.builds(
            Vote,
            st.none() | st.floats(0, 60),
            st.none() | st.booleans(),
        ),
        max_size=12,
    )
)
def test_a_vote_that_was_read_never_makes_it_worse(votes: list[Vote]) -> None:
    """Whatever lies before it."""
    assert not RULE.is_worn([READ, *votes])


@pytest.fixture(scope="module")
def policy() -> Policy:
    return shipped_policy()


@pytest.mark.parametrize(("kind", "asked"), [("safety", True), ("reliability", False)])
def test_an_approval_is_allowed_and_asks_for_one_more(
    policy: Policy, kind: str, *, asked: bool
) -> None:
    """Where the rule measures it; facts and verdict can be replayed."""
    facts = replace(approval_facts(), kind=kind, votes=(HASTY,) * 3)
    decision = policy.evaluate_approval(facts)

    assert Verdict.allow is decision.verdict
    assert asked == (ONE_MORE in decision.obligations)
    assert decision == policy.replay(json.loads(json.dumps(facts_json(facts))))


@pytest.mark.parametrize(
    ("worn", "approvals", "verdict"),
    [
        (False, ("operator",), Verdict.allow),
        (True, ("operator",), Verdict.require_approval),
        (True, ("operator", "second"), Verdict.allow),
    ],
)
def test_the_execution_asks_for_it_too(
    policy: Policy, approvals: tuple[str, ...], verdict: Verdict, *, worn: bool
) -> None:
    """By the same rule."""
    facts = replace(toggle_facts(phase=Phase.execute), kind="safety")
    decision = policy.evaluate(replace(facts, approvals=approvals, worn=worn))

    assert verdict is decision.verdict


def test_nobody_is_asked_for_more_than_there_are(policy: Policy) -> None:
    """Else a card could never be decided."""
    texts = shipped_texts()
    texts["people.yaml"] = (
        texts["people.yaml"]
        .replace(
            "roles: [reliability-oncall, safety-oncall, support-lead, duty-manager]",
            "roles: [support-lead, duty-manager]",
        )
        .replace("quorum: 2", "quorum: 1")
    )
    alone = load_policy(texts, shipped_tools())
    quorums = []
    for one in (policy, alone):
        rule = one.people.approvers_for(
            toggle_tool(), kind="safety", environment="prod"
        )
        quorum = one.raised_quorum(
            toggle_tool(), rule, requester="alert", escalated=False
        )
        quorums.append(quorum)

    assert [2, 1] == quorums
