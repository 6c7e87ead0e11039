import pytest

from lab.json_object import JsonObject
from lab.slack.input_state import (
    Values,
    complete_state,
    initial_state,
    keep_choice,
    message_state,
    problem_of,
)

OPTION = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}


def block(block_id: str, element: JsonObject, **more: object) -> JsonObject:
    return {
        "type": "input",
        "block_id": block_id,
        "element": {"action_id": "v", **element},
        **more,
    }


def test_untouched_inputs_are_in_the_state() -> None:
    """Slack sends null for what nobody filled in."""
    blocks = [
        block("t", {"type": "plain_text_input"}, optional=True),
        block("c", {"type": "checkboxes", "options": [OPTION]}, optional=True),
    ]
    state = {"t": {"v": {"type": "plain_text_input", "value": None}}}
    whole, errors = complete_state(blocks, state, {})

    assert {} == errors
    assert whole["t"]["v"]["value"] is None


def test_required_inputs_are_missed() -> None:
    """An empty required input never reaches the app."""
    _, errors = complete_state([block("t", {"type": "plain_text_input"})], {}, {})

    assert ["t"] == list(errors)


@pytest.mark.parametrize(
    ("value", "fine"), [("100", True), ("99", False), ("1.5", False), ("x", False)]
)
def test_numbers_keep_their_bounds(value: str, fine: bool) -> None:  # noqa: FBT001
    """Bounds are inclusive and whole numbers whole."""
    element = {"type": "number_input", "min_value": "100", "max_value": "200"}

    assert fine == (problem_of(element, value, optional=False) == "")


def test_an_instant_is_held_in_unix_seconds() -> None:
    """As Slack fills it in before anybody types."""
    element = {"type": "datetimepicker", "initial_date_time": 1795757220}
    held = initial_state([block("t", element)])

    assert 1795757220 == held["t"]["v"]["selected_date_time"]


def test_a_message_holds_what_was_set_in_it() -> None:
    """Slack sends it with the next button; what nobody touched is as it was posted."""
    toggles = {"type": "checkboxes", "action_id": "t", "options": [OPTION]}
    blocks = [{"type": "actions", "block_id": "b", "elements": [toggles]}]
    held: Values = {}
    before = message_state(blocks, held)
    keep_choice(held, {"type": "button", "action_id": "go", "block_id": "b"})
    set_one = {"type": "checkboxes", "action_id": "t", "block_id": "b"}
    keep_choice(held, {**set_one, "selected_options": [OPTION]})

    assert [] == before["b"]["t"]["selected_options"]
    assert [OPTION] == message_state(blocks, held)["b"]["t"]["selected_options"]
