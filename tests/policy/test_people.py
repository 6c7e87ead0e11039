import pytest

from policy.errors import PolicyError
from policy.people import parse_people
from tests.policy.shipped import (
    ban_tool,
    shipped_policy,
    shipped_texts,
    shipped_tools,
    toggle_tool,
)


def test_a_slack_user_is_found() -> None:
    """The id that Slack signs names the person; another names nobody."""
    people = shipped_policy().people
    found = people.find_by_slack("U0SECOND")

    assert found is not None
    assert found.id == "second"
    assert people.find_by_slack("U0NOBODY") is None


def test_the_most_specific_approval_rule_holds() -> None:
    """Irreversible writes need two people; the rest one."""
    people = shipped_policy().people
    quorums = []
    for tool in (toggle_tool(), ban_tool()):
        rule = people.approvers_for(tool, kind="reliability", environment="prod")
        assert rule is not None
        assert rule.expires_in_seconds == 1800
        quorums.append(rule.quorum)

    assert quorums == [1, 2]


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("reliability", "reliability-oncall"),
        ("data", "reliability-oncall"),
        ("growth", "reliability-oncall"),
        ("safety", "safety-oncall"),
        ("support", "support-lead"),
    ],
)
def test_each_kind_has_people_of_its_own(kind: str, role: str) -> None:
    """Two of them for what can't be undone, and none of the others."""
    people = shipped_policy().people
    asked = [
        people.approvers_for(tool, kind=kind, environment="prod")
        for tool in (toggle_tool(), ban_tool())
    ]

    assert [((role,), 1), ((role,), 2)] == [
        (one.roles, one.quorum) for one in asked if one
    ]


def test_the_next_are_named_by_what_slack_signs() -> None:
    """Everybody who holds one of the roles, and nobody else."""
    people = shipped_policy().people

    assert ("U0SECOND",) == people.slack_users(("duty-manager",))
    assert () == people.slack_users(())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("roles: [reliability-oncall]", "roles: [dba]", "dba"),
        ("tool: write_irreversible", "tool: nuke", "nuke"),
        ("tool: write_irreversible", 'tool: "*"', "stands twice"),
        ("slack_user: U0SECOND", "slack_user: U0OPERATOR", "stands twice"),
        ("id: second", "id: operator", "stands twice"),
        ("quorum: 2", "quorum: 3", "quorum 3, 2 can approve"),
        ("slack_user: U0SECOND", "slack_user: bob", "slack_user"),
        ("quorum: 1", "quorum: 2", "a grant where two approve"),
        ("most: 3}", "most: 300}", "most"),
        ("next_roles: [duty-manager]", "next_roles: [dba]", "dba"),
        (
            "next_roles: [duty-manager]",
            "next_roles: [reliability-oncall]",
            "is asked already",
        ),
        (", support-lead, duty-manager]", ", support-lead]", "nobody holds next role"),
    ],
)
def test_a_bad_file_does_not_load(old: str, new: str, what: str) -> None:
    """Unknown roles and tools, doubles and unreachable quorums are load errors."""
    text = shipped_texts()["people.yaml"].replace(old, new)

    with pytest.raises(PolicyError, match=what) as caught:
        parse_people(text, shipped_tools(), path="people.yaml")

    assert caught.value.line > 1


@pytest.mark.parametrize(("escalated", "needed"), [(False, 2), (True, 3)])
def test_one_more_is_asked_of_those_who_may_now(
    *, escalated: bool, needed: int
) -> None:
    """Who is not asked yet can't be the one that is missing."""
    text = shipped_texts()["people.yaml"].replace(
        "roles: []\n", "roles: [duty-manager]\n", 1
    )
    people = parse_people(text, shipped_tools(), path="people.yaml")
    rule = people.approvers_for(toggle_tool(), kind="reliability", environment="prod")
    assert rule is not None

    assert needed == people.raise_quorum(
        rule, 2, requester="nobody", escalated=escalated
    )


def test_what_cannot_be_undone_is_measured_too() -> None:
    """Each rule for it has bounds on unread votes."""
    people = shipped_policy().people
    rules = [one for one in people.approvals if "cannot-be-undone" in one.id]

    assert 3 == len(rules)
    assert all(one.fatigue is not None for one in rules)
