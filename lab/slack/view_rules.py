"""Check a modal as Slack does before it opens or updates one."""

import json

from lab.json_object import JsonObject
from lab.slack import limits
from lab.slack.block_rules import check_blocks
from lab.slack.complaint import Complaints
from lab.slack.refusal import SlackRefusal


def check_view(view: object) -> JsonObject:
    """Return the view with its blocks.

    Raises: SlackRefusal `invalid_arguments` or `view_too_large`.
    """
    if not isinstance(view, dict):
        raise SlackRefusal("invalid_arguments", "[ERROR] missing required field: view")
    if len(json.dumps(view).encode()) > limits.VIEW_BYTES:
        raise SlackRefusal("view_too_large")
    complaints = Complaints()
    if view.get("type") != "modal":
        complaints.add("unsupported type: the lab opens modals only", "/view/type")
    complaints.text(view, "title", "/view", most=limits.VIEW_TITLE)
    for name in ("submit", "close"):
        complaints.text(view, name, "/view", most=limits.VIEW_TITLE, required=False)
    complaints.string(view, "private_metadata", "/view", most=limits.PRIVATE_METADATA)
    for name in ("callback_id", "external_id"):
        complaints.string(view, name, "/view", most=limits.CALLBACK_ID)
    blocks = view_blocks(view, complaints)
    if complaints.messages:
        raise SlackRefusal("invalid_arguments", *complaints.messages)
    return {**view, "blocks": blocks}


def view_blocks(view: JsonObject, complaints: Complaints) -> list[JsonObject]:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        complaints.add("missing required field: blocks", "/view")
        return []
    if len(blocks) > limits.BLOCKS_PER_VIEW:
        complaints.add(
            f"no more than {limits.BLOCKS_PER_VIEW} items allowed", "/view/blocks"
        )
    checked = check_blocks(blocks, complaints, surface="modal")
    has_input = any(block["type"] == "input" for block in checked)
    if has_input and view.get("submit") is None:
        complaints.add("submit is required when there is an input block", "/view")
    return checked
