"""Answer blocks.validate: what Slack thinks of blocks, a message or a view."""

import json
import re
from collections.abc import Callable

from lab.json_object import JsonObject
from lab.slack.block_rules import check_message_blocks
from lab.slack.refusal import SlackRefusal
from lab.slack.view_rules import check_view
from lab.slack.workspace import Workspace

_COMPLAINT = re.compile(r"\[ERROR\] (.*) \[json-pointer:(.*)\]")


def validate(_workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Exactly one of `blocks`, `message` and `view`, each as JSON.

    Refuses with `invalid_blocks`, `invalid_message` or `invalid_view`, and `errors` of
    `pointer`, `code` and `message` (docs: methods/blocks.validate).
    """
    given = [name for name in checks() if arguments.get(name)]
    if len(given) != 1:
        raise SlackRefusal(
            "invalid_arguments", "[ERROR] provide exactly one of blocks, message, view"
        )
    [name] = given
    try:
        checks()[name](parsed(arguments[name]))
    except SlackRefusal as refusal:
        return {
            "ok": False,
            "error": f"invalid_{name}",
            "errors": [error_of(one) for one in refusal.messages or [refusal.code]],
        }
    return {"ok": True}


def checks() -> dict[str, Callable[[object], object]]:
    return {
        "blocks": check_message_blocks,
        "message": check_message,
        "view": check_any_view,
    }


def parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as invalid:
        raise SlackRefusal("invalid_json") from invalid


def check_message(message: object) -> object:
    if not isinstance(message, dict):
        raise SlackRefusal("invalid_arguments", "[ERROR] must be an object")
    if not message.get("text") and not message.get("blocks"):
        raise SlackRefusal("no_text")
    return check_message_blocks(message.get("blocks") or [])


def check_any_view(view: object) -> object:
    is_home = isinstance(view, dict) and view.get("type") == "home"
    return check_view(view, surface="home" if is_home else "modal")


def error_of(complaint: str) -> JsonObject:
    found = _COMPLAINT.fullmatch(complaint)
    what, pointer = found.groups() if found else (complaint, "")
    return {"pointer": pointer, "code": "failed_constraint", "message": what}
