import cedarpy
import pytest

from policy.decision import Verdict
from policy.errors import PolicyError
from policy.guard_schema import render_schema
from policy.guard_text import GuardText, parse_guards
from tests.policy.shipped import shipped_texts, shipped_tools

FIRST = '@id("a") @reason("r;")\npermit (principal, action, resource); // ; "\n'


def parse(text: str) -> GuardText:
    schema = cedarpy.Schema.from_str(render_schema(shipped_tools()))
    return parse_guards(text, schema, path="guards.cedar")


def forbid(when: str, notes: str = '@id("b") @reason("r")') -> str:
    return f"{notes}\nforbid (principal is Agent, action, resource)\nwhen {{ {when} }};"


def test_the_shipped_guards_load() -> None:
    """Each has an id and a reason."""
    clauses = parse(shipped_texts()["guards.cedar"]).clauses.values()

    assert all(clause.id and clause.reason for clause in clauses)
    assert len(clauses) > 15


def test_a_forbid_says_what_is_left() -> None:
    """`@otherwise` is read; without it a forbid denies."""
    text = FIRST + forbid(
        "context.frozen", '@id("b") @reason("r") @otherwise("draft_only")'
    )
    clauses = parse(text).clauses

    assert [clauses[key].otherwise for key in ("policy0", "policy1")] == [
        Verdict.deny,
        Verdict.draft_only,
    ]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("forbid (principal action);", "not Cedar"),
        (forbid("context.frosen"), "frosen"),
        (forbid("context.frozen", '@reason("r")'), "annotations"),
        (forbid("context.frozen", '@id("b")'), "annotations"),
        (forbid("context.frozen", '@id("a") @reason("r")'), "twice"),
        (forbid("true", '@id("b") @reason("r") @otherwise("allow")'), "otherwise"),
        (forbid("true", '@id("b") @reason("r") @other("allow")'), "other"),
        (
            (
                '@id("b") @reason("r") @otherwise("deny")\n'
                "permit (principal, action, resource);"
            ),
            "permit",
        ),
        (
            (
                '@id("b") @reason("r")\nforbid (principal, '
                'action == Action::"execute:drop_table", resource);'
            ),
            "drop_table",
        ),
        (
            (
                '@id("b") @reason("r")\nforbid (principal, '
                'action in Action::"throttle_endpoint", resource)\n'
                "when { context.params.burst > 1 };"
            ),
            "burst",
        ),
    ],
)
def test_a_bad_guard_does_not_load(broken: str, what: str) -> None:
    """The error names the line at which the bad policy begins."""
    with pytest.raises(PolicyError, match=what) as caught:
        parse(FIRST + "\n" + broken)

    assert caught.value.line == 4
