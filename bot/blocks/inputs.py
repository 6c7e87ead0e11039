"""The inputs of a modal, and what was entered in them."""

from collections.abc import Mapping

from bot.blocks.text import Block, mapping_of, plain_text

VALUE = "value"


def select_block(
    block_id: str, label: str, options: Mapping[str, str], *, initial: str | None
) -> Block:
    made = [
        {"text": plain_text(text, most=75), "value": value}
        for value, text in options.items()
    ]
    element: dict[str, object] = {
        "type": "static_select",
        "action_id": VALUE,
        "options": made,
    }
    chosen = next((one for one in made if one["value"] == initial), None)
    if chosen is not None:
        element["initial_option"] = chosen
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, most=150),
        "element": element,
    }


def toggles_block(block_id: str, label: str, options: Mapping[str, str]) -> Block:
    """Make a toggle of each option, none of them set; ten at most."""
    made = [
        {"text": plain_text(text, most=75), "value": value}
        for value, text in options.items()
    ]
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, most=150),
        "element": {"type": "checkboxes", "action_id": VALUE, "options": made},
    }


def read_toggles(values: Mapping[str, object], block: str) -> list[str]:
    """Give the values that are set."""
    chosen = state_of(values, block).get("selected_options")
    found = chosen if isinstance(chosen, list) else []
    return [str(mapping_of(one).get("value") or "") for one in found]


def words_block(block_id: str, label: str, hint: str) -> Block:
    """Several lines, which may stay empty."""
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": plain_text(label, most=150),
        "hint": plain_text(hint, most=150),
        "element": {
            "type": "plain_text_input",
            "action_id": VALUE,
            "multiline": True,
            "max_length": 1000,
        },
    }


def line_block(
    block_id: str, label: str, hint: str, *, initial: str = "", required: bool = True
) -> Block:
    """One line of text, of at most 300 characters."""
    element: dict[str, object] = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "max_length": 300,
    }
    return {
        "type": "input",
        "block_id": block_id,
        "optional": not required,
        "label": plain_text(label, most=150),
        "hint": plain_text(hint, most=150),
        "element": element | ({"initial_value": initial} if initial else {}),
    }


def read_choice(values: Mapping[str, object], block: str) -> str:
    chosen = mapping_of(state_of(values, block).get("selected_option"))
    return str(chosen.get("value") or "")


def read_words(values: Mapping[str, object], block: str) -> str:
    return str(state_of(values, block).get("value") or "").strip()


def read_checked(values: Mapping[str, object], block: str) -> bool:
    return bool(state_of(values, block).get("selected_options"))


def state_of(values: Mapping[str, object], block: str) -> Mapping[str, object]:
    return mapping_of(mapping_of(values.get(block)).get(VALUE))
