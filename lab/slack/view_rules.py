"""Check a modal or a Home as Slack does before it shows one."""

import json

from lab.json_object import JsonObject
from lab.slack import limits
from lab.slack.block_rules import check_blocks
from lab.slack.complaint import Complaints
from lab.slack.refusal import SlackRefusal


def check_view(view: object, *, surface: str = "modal") -> JsonObject:
    """Return the view with its blocks; `surface` is `modal` or `home`.

    Raises: SlackRefusal `invalid_arguments` or `view_too_large`.
    """
    if not isinstance(view, dict):
        raise SlackRefusal("invalid_arguments", "[ERROR] missing required field: view")
    if len(json.dumps(view).encode()) > limits.VIEW_BYTES:
        raise SlackRefusal("view_too_large")
    complaints = Complaints()
    if view.get("type") != surface:
        complaints.add(f"unsupported type: must be {surface}", "/view/type")
    titled = surface == "modal"
    complaints.text(view, "title", "/view", most=limits.VIEW_TITLE, required=titled)
    for name in ("submit", "close"):
        complaints.text(view, name, "/view", most=limits.VIEW_TITLE, required=False)
    complaints.string(view, "private_metadata", "/view", most=limits.PRIVATE_METADATA)
    for name in ("callback_id", "external_id"):
        complaints.string(view, name, "/view", most=limits.CALLBACK_ID)
    blocks = view_blocks(view, complaints, surface=surface)
    if complaints.messages:
        raise SlackRefusal("invalid_arguments", *complaints.messages)
    return {**view, "blocks": blocks}


def view_blocks(
    view: JsonObject, complaints: Complaints, *, surface: str
) -> list[JsonObject]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        complaints.add("missing required field: blocks", "/view")
        return []
    if len(blocks) > limits.BLOCKS_PER_VIEW:
        complaints.add(
            f"no more than {limits.BLOCKS_PER_VIEW} items allowed", "/view/blocks"
        )
    checked = check_blocks(blocks, complaints, surface=surface)
    has_input = any(block["type"] == "input" for block in checked)
    if has_input and surface == "modal" and view.get("submit") is None:
        complaints.add("submit is required when there is an input block", "/view")
    return checked
