"""The diff of an edit: what differs, each line once, bound to what runs."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.edit_review import (
    confirm_view,
    read_confirmed,
    review,
)
from bot.blocks.modals import EditForm
from bot.blocks.root import Rendered
from gateway.registry import internal_params
from gateway.tools.catalog import all_tools
from lab.slack.view_rules import check_view
from policy.tool_spec import ToolCategory
from storage.proposals import Proposal
from tests.bot.blocks.facts import HOSTILE, harmless, texts
from tests.samples import a_proposal

WRITES = [one for one in all_tools().specs if one.category is not ToolCategory.read]
SCHEMA = {
    "properties": {
        "body": {"type": "string", "title": "Comment"},
        "limit": {"type": "integer", "title": "Limit", "x-unit": "requests/s"},
        "on": {"type": "boolean", "title": "On"},
        "former": {"type": "string", "x-internal": True},
    },
    "x-reason-codes": ["incident_mitigation", "undo"],
}
STORED = {"body": "old words", "limit": 600, "on": True, "former": "x"}


def proposal(**params: object) -> Proposal:
    return a_proposal(
        params={**STORED, **params},
        params_schema=SCHEMA,
        reason_code="incident_mitigation",
    )


def form(reason: str = "incident_mitigation", **params: object) -> EditForm:
    asked = {name: value for name, value in STORED.items() if name != "former"}
    return EditForm({**asked, **params}, reason, "", {})


def shown(found: Proposal, entered: EditForm) -> dict[str, Any]:
    view = confirm_view("Throttle", found, review(found, entered), "v")
    return dict(check_view(json.loads(json.dumps(view))))


def diff(view: dict[str, Any]) -> list[str]:
    return [
        one["text"]["text"]
        for one in view["blocks"]
        if one.get("block_id", "").startswith("diff:")
    ]


def test_each_change_is_a_line_with_before_and_after() -> None:
    """Labels, units and switches as their fields have them; what stays is not told."""
    view = shown(proposal(), form("undo", limit=1400, on=False))

    assert [
        "Limit (requests/s)\n*600*  →  *1,400*",
        "On\n*on*  →  *off*",
        "Reason code\n*incident_mitigation*  →  *undo*",
    ] == diff(view)


def test_it_says_that_the_reach_is_measured_anew() -> None:
    """What the card says of its reach holds for its own params alone."""
    assert "measured anew" in str(shown(proposal(), form(limit=1)))


def test_long_texts_are_shown_where_they_differ() -> None:
    """Thousands of characters of which the last word was changed."""
    start = "long " * 500
    [line] = diff(shown(proposal(body=start + "night"), form(body=start + "day")))

    assert "night*" in line
    assert "day*" in line


def test_what_only_an_undo_sets_is_no_part() -> None:
    """Neither shown nor sent: the gateway takes it from no person."""
    found = review(proposal(), form(limit=1))

    assert "former" not in found.form.params


def test_space_around_words_is_no_change() -> None:
    """A field gives words back without it; what is stored stays."""
    found = review(proposal(body=" a "), form(body="a"))

    assert ([], " a ") == (list(found.changes), found.form.params["body"])


@pytest.mark.parametrize(
    ("after", "lines"), [("2026-11-27T05:00:00Z", 0), ("2026-11-27T05:01:00Z", 1)]
)
def test_an_instant_changes_by_whole_minutes(after: str, lines: int) -> None:
    """Slack's field has no seconds; what is left alone stays as it is stored."""
    schema = {"properties": {"at": {"type": "string", "format": "date-time"}}}
    stored = a_proposal(params={"at": "2026-11-27T05:00:30Z"}, params_schema=schema)
    found = review(stored, EditForm({"at": after}, "", "", {}))
    view = json.dumps(confirm_view("Send", stored, found, "v"))

    assert lines == len(found.changes)
    assert lines or found.form.params == stored.params
    assert (lines * 2) == view.count("<!date^")


def test_the_digest_stands_for_params_and_reason_but_not_for_words() -> None:
    """Whatever would run otherwise is another edit."""
    of = [
        review(proposal(), one).digest
        for one in (
            form(limit=1),
            EditForm(form(limit=1).params, "incident_mitigation", "because", {}),
            form(limit=2),
            form("undo", limit=1),
        )
    ]

    assert of[0] == of[1]
    assert 3 == len(set(of))


def test_the_metadata_is_read_back() -> None:
    """Button value and digest; a form's own metadata has no digest."""
    found = review(proposal(), form(limit=1))
    view = confirm_view("Throttle", proposal(), found, "id.digest")

    assert ("id.digest", found.digest) == read_confirmed(str(view["private_metadata"]))
    assert ("id.digest", "") == read_confirmed("id.digest")


@pytest.mark.parametrize("tool", [one.name for one in WRITES])
def test_every_tools_edit_makes_a_diff(tool: str) -> None:
    """Slack takes the second view of each write tool, with every param changed."""
    found = all_tools().write(tool)
    schema = {
        **found.params.model_json_schema(),
        "x-reason-codes": list(found.reason_codes),
    }
    names = set(found.params.model_fields) - internal_params(found.params)
    entered = EditForm(dict.fromkeys(names, "1"), found.reason_codes[0], "", {})
    stored = a_proposal(params={}, params_schema=schema, reason_code="")

    assert len(names) + 1 == len(diff(shown(stored, entered)))


@given(HOSTILE, HOSTILE, st.integers(-(2**53) + 1, 2**53 - 1))
def test_any_words_make_a_view_that_can_neither_ping_nor_hide(
    before: str, after: str, limit: int
) -> None:
    """Slack takes it, and its texts are harmless."""
    found = proposal(body=before)
    entered = form(body=after[:3000], limit=limit)
    view = confirm_view(after, found, review(found, entered), f"{uuid4()}.{'d' * 64}")
    check_view(json.loads(json.dumps(view)))
    blocks = [one for one in view["blocks"] if one["type"] != "input"]  # type: ignore[attr-defined]

    assert all(harmless(one) for one in texts(Rendered("", blocks)))
