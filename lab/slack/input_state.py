"""Fill in a modal's state as Slack's client does, and refuse what it refuses."""

from typing import TypeAlias

from lab.json_object import JsonObject

Values: TypeAlias = dict[str, dict[str, JsonObject]]
REQUIRED = "Please complete this required field."
VALUE_KEYS = {
    "plain_text_input": "value",
    "number_input": "value",
    "static_select": "selected_option",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "checkboxes": "selected_options",
}
INITIAL_KEYS = {
    "plain_text_input": "initial_value",
    "number_input": "initial_value",
    "static_select": "initial_option",
    "datepicker": "initial_date",
    "datetimepicker": "initial_date_time",
    "checkboxes": "initial_options",
}


def initial_state(blocks: list[JsonObject]) -> Values:
    """Return what a modal holds before anybody types."""
    values: Values = {}
    for block_id, element in stateful_elements(blocks):
        kind = element["type"]
        default: list[object] | None = [] if kind == "checkboxes" else None
        initial = element.get(INITIAL_KEYS[kind], default)
        values.setdefault(block_id, {})[element["action_id"]] = {
            "type": kind,
            VALUE_KEYS[kind]: initial,
        }
    return values


def message_state(blocks: list[JsonObject], held: Values) -> Values:
    """Return what a person has set in a message: as posted, where they did nothing."""
    whole, _ = complete_state(blocks, initial_state(blocks), held)
    return whole


def keep_choice(held: Values, action: JsonObject) -> None:
    """Note what an action has set; a button sets nothing."""
    kind = str(action["type"])
    if kind in VALUE_KEYS:
        key = VALUE_KEYS[kind]
        chosen = {"type": kind, key: action.get(key)}
        held.setdefault(str(action["block_id"]), {})[action["action_id"]] = chosen


def stateful_elements(blocks: list[JsonObject]) -> list[tuple[str, JsonObject]]:
    return [
        (str(block["block_id"]), element)
        for block in blocks
        for element in elements_of(block)
        if isinstance(element, dict) and element.get("type") in VALUE_KEYS
    ]


def elements_of(block: JsonObject) -> list[object]:
    actions = block.get("elements", []) if block["type"] == "actions" else []
    return [*actions, block.get("element"), block.get("accessory")]


def complete_state(
    blocks: list[JsonObject], state: Values, typed: Values
) -> tuple[Values, dict[str, str]]:
    """Return the whole state and, by block id, what the client itself refuses."""
    whole: Values = {}
    for block_id, element in stateful_elements(blocks):
        action_id = element["action_id"]
        before = state.get(block_id, {}).get(action_id, {})
        given = typed.get(block_id, {}).get(action_id, {})
        whole.setdefault(block_id, {})[action_id] = before | given
    return whole, refused_inputs(blocks, whole)


def refused_inputs(blocks: list[JsonObject], values: Values) -> dict[str, str]:
    errors = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = values[block["block_id"]][element["action_id"]]
        value = held.get(VALUE_KEYS[element["type"]])
        problem = problem_of(element, value, optional=bool(block.get("optional")))
        if problem:
            errors[str(block["block_id"])] = problem
    return errors


def problem_of(element: JsonObject, value: object, *, optional: bool) -> str:
    if value in (None, "", []):
        return "" if optional else REQUIRED
    if element["type"] == "number_input":
        return number_problem(element, str(value))
    if element["type"] == "plain_text_input":
        return length_problem(element, str(value))
    return ""


def number_problem(element: JsonObject, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < float(least):
        return f"Please enter a number of at least {least}."
    if most is not None and number > float(most):
        return f"Please enter a number of at most {most}."
    return ""


def length_problem(element: JsonObject, text: str) -> str:
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if len(text) < shortest:
        return f"Please enter at least {shortest} characters."
    if len(text) > longest:
        return f"Please enter at most {longest} characters."
    return ""
