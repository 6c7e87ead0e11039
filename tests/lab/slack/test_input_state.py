import pytest

from lab.json_object import JsonObject
from lab.slack.input_state import complete_state, initial_state, problem_of

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
