"""Modals: one field a param, read back against the same bounds."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.inputs import read_checked, read_choice, read_words
from bot.blocks.modals import (
    close_view,
    done_view,
    edit_view,
    loading_view,
    message_view,
    read_edit,
    reject_view,
)
from gateway.registry import internal_params
from gateway.tools.catalog import all_tools
from lab.slack.view_rules import check_view
from policy.tool_spec import ToolCategory
from tests.bot.blocks.facts import HOSTILE

SCHEMA = {
    "properties": {
        "route": {"type": "string", "title": "Route", "pattern": "^GET /"},
        "on": {"type": "boolean", "title": "On"},
        "limit": {
            "type": "integer",
            "title": "Limit",
            "minimum": 50,
            "maximum": 900,
            "x-unit": "requests/s",
        },
    },
    "x-reason-codes": ["incident_mitigation", "undo"],
}


def view(**changes: object) -> dict[str, object]:
    made = edit_view(
        "Throttle",
        schema=SCHEMA,
        params={"route": "GET /a", "on": True, "limit": 100, **changes},
        reason_code="undo",
        metadata="m",
    )
    return dict(check_view(json.loads(json.dumps(made))))


def filled(**entered: object) -> dict[str, object]:
    """Give what Slack sends of the modal's fields."""
    values = {"route": "GET /a", "limit": "100", "on": "true", **entered}
    return {
        "param:route": {"value": {"value": values["route"]}},
        "param:limit": {"value": {"value": values["limit"]}},
        "param:on": {"value": {"selected_option": {"value": values["on"]}}},
        "reason": {"value": {"selected_option": {"value": "undo"}}},
        "comment": {"value": {"value": " because "}},
    }


def blocks_of(made: dict[str, object]) -> dict[str, dict[str, object]]:
    blocks = made["blocks"]
    assert isinstance(blocks, list)
    return {one["block_id"]: one for one in blocks if "block_id" in one}


def test_every_param_has_its_field() -> None:
    """Numbers, switches and words, filled with what the card shows."""
    blocks = blocks_of(view())
    elements = {name: one["element"] for name, one in blocks.items()}

    assert {"param:route", "param:on", "param:limit", "reason", "comment"} == set(
        blocks
    )
    assert ("number_input", "100") == (
        elements["param:limit"]["type"],  # type: ignore[index]
        elements["param:limit"]["initial_value"],  # type: ignore[index]
    )


def test_bounds_and_units_stand_at_the_field() -> None:
    """A person sees what is allowed before they type."""
    block = blocks_of(view())["param:limit"]

    assert "Limit (requests/s)" == block["label"]["text"]  # type: ignore[index]
    assert "from 50 to 900" == block["hint"]["text"]  # type: ignore[index]


def test_what_was_shown_is_read_back() -> None:
    """Nothing changed in the form, nothing changes in the params."""
    form = read_edit(SCHEMA, filled(), kept={}, was={})

    assert {"route": "GET /a", "on": True, "limit": 100} == form.params
    assert ("undo", "because", {}) == (form.reason_code, form.comment, form.errors)


@pytest.mark.parametrize(
    ("entered", "field", "said"),
    [
        ({"limit": "49"}, "param:limit", "At least 50."),
        ({"limit": "901"}, "param:limit", "At most 900."),
        ({"limit": "many"}, "param:limit", "A whole number"),
        ({"limit": ""}, "param:limit", "A whole number"),
        ({"limit": "1.5"}, "param:limit", "A whole number"),
        ({"route": "POST /"}, "param:route", "it was “GET /now”, which is"),
        ({"route": ""}, "param:route", "Not written as it has to be"),
        ({"on": ""}, "param:on", "Choose one."),
    ],
)
def test_an_error_lands_on_its_field(
    entered: dict[str, object], field: str, said: str
) -> None:
    """The modal stays open, and says what to mend where."""
    was = {"route": "GET /now"}
    errors = read_edit(SCHEMA, filled(**entered), kept={}, was=was).errors

    assert [field] == list(errors)
    assert said in errors[field]


WRITES = [one for one in all_tools().specs if one.category is not ToolCategory.read]


@pytest.mark.parametrize("tool", [one.name for one in WRITES])
def test_every_tools_schema_makes_a_modal(tool: str) -> None:
    """Slack takes the form of each write tool of this release."""
    found = all_tools().write(tool)
    schema = {
        **found.params.model_json_schema(),
        "x-reason-codes": list(found.reason_codes),
    }
    params = {"rollout_percent": 10, "limit_rps": 100}
    made = edit_view(
        "Edit", schema=schema, params=params, reason_code="undo", metadata="m"
    )
    checked = check_view(json.loads(json.dumps(made)))

    shown = set(found.params.model_fields) - internal_params(found.params)
    fields = {one for one in blocks_of(dict(checked)) if one.startswith("param:")}
    assert {f"param:{name}" for name in shown} == fields


def test_the_fields_stand_in_the_tools_order() -> None:
    """The stored schema has lost it: JSONB sorts keys by length."""
    shuffled = {**SCHEMA, "x-order": ["route", "limit", "gone"]}
    made = edit_view("Edit", schema=shuffled, params={}, reason_code="", metadata="m")
    names = list(blocks_of(json.loads(json.dumps(made))))

    assert ["param:route", "param:limit", "param:on"] == [
        name for name in names if name.startswith("param:")
    ]


def test_what_no_field_can_hold_stays_as_it_is() -> None:
    """A text past Slack's 3000 characters has no field, and is kept."""
    long = "GET /" + "a" * 3000
    made = view(route=long)
    entered = {name: one for name, one in filled().items() if name != "param:route"}
    form = read_edit(SCHEMA, entered, kept={"route": long}, was={})

    assert "param:route" not in blocks_of(made)
    assert "Route is longer than a field here can hold" in str(made)
    assert (long, {}) == (form.params["route"], form.errors)


def test_prose_keeps_its_lines() -> None:
    """A comment of several lines has a field of several."""
    schema = {"properties": {"body": {"type": "string", "x-prose": True}}}
    made = edit_view(
        "Say", schema=schema, params={"body": "a\nb"}, reason_code="", metadata="m"
    )
    element = blocks_of(json.loads(json.dumps(made)))["param:body"]["element"]

    assert (True, "a\nb") == (element["multiline"], element["initial_value"])  # type: ignore[index]


@given(st.integers())
def test_a_number_within_bounds_is_taken(number: int) -> None:
    """Exactly those, as the schema says."""
    form = read_edit(SCHEMA, filled(limit=str(number)), kept={}, was={})

    assert (50 <= number <= 900) == (form.params.get("limit") == number)
    assert (50 <= number <= 900) == (not form.errors)


@given(st.recursive(HOSTILE, lambda inner: st.dictionaries(HOSTILE, inner)))
def test_any_submission_is_read(values: object) -> None:
    """What Slack might send of a modal raises nothing."""
    sent = values if isinstance(values, dict) else {"param:limit": values}
    form = read_edit(SCHEMA, sent, kept={}, was={})

    assert form.errors
    assert ("", False) == (read_words(sent, "x"), read_checked(sent, "x"))
    assert "" == read_choice(sent, "x")


@given(HOSTILE, HOSTILE)
def test_any_params_make_a_modal(route: str, title: str) -> None:
    """Slack takes it, however odd the values are."""
    made = edit_view(
        title,
        schema=SCHEMA,
        params={"route": route, "limit": 100, "on": None},
        reason_code=route,
        metadata="m" * 100,
    )

    check_view(json.loads(json.dumps(made)))


@given(HOSTILE)
def test_the_other_modals_are_taken(text: str) -> None:
    """Loading, saying, rejecting."""
    for made in (loading_view(), message_view("Ops Autopilot", text), reject_view("m")):
        check_view(json.loads(json.dumps(made)))


FRICTION = all_tools().write("apply_friction").params.model_json_schema()


def test_a_choice_is_chosen_and_not_typed() -> None:
    """The words that the tool takes are the options."""
    made = edit_view(
        "Edit",
        schema=FRICTION,
        params={"friction_type": "confirm"},
        reason_code="undo",
        metadata="m",
    )
    field = blocks_of(check_view(json.loads(json.dumps(made))))["param:friction_type"]
    shown = json.dumps(field)

    assert "static_select" in shown
    assert "followers_only" in shown


def test_what_may_lack_may_be_left_empty() -> None:
    """An empty end of a friction is none, and no error."""
    values = {
        "param:target": {"value": {"value": "content:c_1"}},
        "param:friction_type": {"value": {"selected_option": {"value": "none"}}},
        "param:expires_at": {"value": {"value": ""}},
    }
    form = read_edit(FRICTION, values, kept={}, was={})

    assert {} == form.errors
    assert {
        "target": "content:c_1",
        "friction_type": "none",
        "expires_at": None,
    } == form.params


INSTANTS = {
    "properties": {
        "at": {"type": "string", "format": "date-time", "x-unit": "UTC", "title": "At"},
        "to": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    }
}


def test_an_instant_is_chosen_in_the_readers_zone() -> None:
    """Slack's own field for day and time, filled with what stands; no UTC beside it."""
    made = edit_view(
        "Edit",
        schema=INSTANTS,
        params={"at": "2026-11-27T05:27:00Z", "to": None},
        reason_code="",
        metadata="m",
    )
    blocks = blocks_of(dict(check_view(json.loads(json.dumps(made)))))
    field: Any = blocks["param:at"]

    assert ("datetimepicker", 1795757220) == (
        field["element"]["type"],
        field["element"]["initial_date_time"],
    )
    assert "At" == field["label"]["text"]
    assert "own time zone" in field["hint"]["text"]
    assert "initial_date_time" not in blocks["param:to"]["element"]  # type: ignore[operator]


@pytest.mark.parametrize("year", ["9999", "1999", "0001"])
def test_an_instant_that_slack_does_not_take_is_chosen_anew(year: str) -> None:
    """Its field knows ten digits alone; the form opens all the same."""
    params = {"at": f"{year}-11-27T05:27:00Z", "to": None}
    made = edit_view("E", schema=INSTANTS, params=params, reason_code="", metadata="m")
    blocks = blocks_of(dict(check_view(json.loads(json.dumps(made)))))
    field: Any = blocks["param:at"]

    assert "initial_date_time" not in field["element"]


@pytest.mark.parametrize(
    ("chosen", "value", "errors"),
    [
        (1795757220, "2026-11-27T05:27:00Z", []),
        (None, None, ["param:at"]),
        (10**18, None, ["param:at"]),
    ],
)
def test_a_chosen_instant_is_read_as_utc(
    chosen: int | None, value: str | None, errors: list[str]
) -> None:
    """As the tools take it; one that may lack stays empty."""
    entered = {
        "param:at": {"value": {"selected_date_time": chosen}},
        "param:to": {"value": {"selected_date_time": None}},
    }
    form = read_edit(INSTANTS, entered, kept={}, was={})

    assert (value, None, errors) == (
        form.params.get("at"),
        form.params["to"],
        list(form.errors),
    )


@pytest.mark.parametrize("make", [close_view, done_view])
def test_a_form_carries_what_it_is_about(
    make: Callable[[str], Mapping[str, object]],
) -> None:
    """What ends a task, or a draft, says of which one; Slack takes it."""
    shown = check_view(json.loads(json.dumps(make("id.digest"))))

    assert "id.digest" == shown["private_metadata"]
    assert shown["submit"]
