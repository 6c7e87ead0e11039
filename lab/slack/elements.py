"""Walk the interactive elements of blocks and give the nameless ones names."""

import secrets
from collections.abc import Iterator

from lab.json_object import JsonObject

INTERACTIVE = (
    "button",
    "static_select",
    "overflow",
    "datepicker",
    "datetimepicker",
    "checkboxes",
    "plain_text_input",
    "number_input",
)


def with_ids(blocks: list[JsonObject]) -> list[JsonObject]:
    """Copy the blocks, adding the block and action ids that Slack would invent."""
    named = []
    for block in blocks:
        copy = {**block, "block_id": block.get("block_id") or short_id()}
        if "elements" in block and block["type"] == "actions":
            copy["elements"] = [with_action_id(e) for e in block["elements"]]
        for place in ("accessory", "element"):
            if isinstance(block.get(place), dict):
                copy[place] = with_action_id(block[place])
        named.append(copy)
    return named


def with_action_id(element: JsonObject) -> JsonObject:
    if element.get("type") not in INTERACTIVE:
        return element
    return {**element, "action_id": element.get("action_id") or short_id()}


def short_id() -> str:
    return secrets.token_urlsafe(4)


def interactive_elements(
    blocks: list[JsonObject] | None,
) -> Iterator[tuple[str, JsonObject]]:
    """Yield block id and element."""
    for block in blocks or []:
        candidates = [
            *(block.get("elements") or [] if block["type"] == "actions" else []),
            block.get("accessory"),
            block.get("element"),
        ]
        for element in candidates:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                yield str(block.get("block_id", "")), element


def find_element(
    blocks: list[JsonObject] | None,
    *,
    action_id: str,
    block_id: str | None,
    value: str | None,
) -> tuple[str, JsonObject] | None:
    """Return the first that matches; a `value` counts for buttons only."""
    for owner, element in interactive_elements(blocks):
        fits = element["action_id"] == action_id and block_id in (None, owner)
        is_other = (
            value is not None
            and element["type"] == "button"
            and element.get("value") != value
        )
        if fits and not is_other:
            return owner, element
    return None
