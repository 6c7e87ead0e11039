"""Turn an element and what a person chose into Slack's `action` object."""

from lab.json_object import JsonObject
from lab.slack.input_state import VALUE_KEYS


class NoSuchOption(Exception):
    """The element does not offer what was chosen."""


def render_action(
    element: JsonObject, block_id: str, chosen: object, *, now: float
) -> JsonObject:
    """`chosen` is an option or its value, a date, or a list of options.

    Raises: NoSuchOption.
    """
    action: JsonObject = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": f"{now:.6f}",
    }
    kind = element["type"]
    if kind == "button":
        kept = ("text", "value", "style", "url", "confirm")
        return action | {name: element[name] for name in kept if name in element}
    if kind in ("static_select", "overflow"):
        return action | {"selected_option": option_of(element, chosen)}
    if kind == "checkboxes":
        many = chosen if isinstance(chosen, list) else []
        return action | {
            "selected_options": [option_of(element, choice) for choice in many]
        }
    return action | {VALUE_KEYS[kind]: chosen}


def option_of(element: JsonObject, chosen: object) -> JsonObject:
    value = chosen.get("value") if isinstance(chosen, dict) else chosen
    groups = element.get("option_groups") or [element]
    for group in groups:
        for option in group.get("options", []):
            if isinstance(option, dict) and option.get("value") == value:
                return option
    raise NoSuchOption(
        f"{element['action_id']} has no option {value!r}; read the message again"
    )
