"""Check Block Kit blocks as Slack does before it takes a message or a view."""

import json
from collections.abc import Callable, Mapping

from lab.json_object import JsonObject
from lab.slack import limits
from lab.slack.complaint import ANY_TEXT, Complaints
from lab.slack.element_rules import (
    ACCESSORIES,
    ACTION_ELEMENTS,
    INPUT_ELEMENTS,
    check_element,
    check_image,
)
from lab.slack.refusal import SlackRefusal

BlockRule = Callable[[JsonObject, str, Complaints], None]
RICH_ELEMENTS = (
    "rich_text_section",
    "rich_text_list",
    "rich_text_preformatted",
    "rich_text_quote",
)


def check_message_blocks(blocks: object) -> list[JsonObject]:
    """Return the blocks of a message.

    Raises: SlackRefusal `invalid_blocks` or `msg_blocks_too_long`.
    """
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks", "[ERROR] blocks must be an array")
    if len(blocks) > limits.BLOCKS_PER_MESSAGE:
        raise SlackRefusal(
            "invalid_blocks",
            f"[ERROR] no more than {limits.BLOCKS_PER_MESSAGE} items allowed "
            "[json-pointer:/blocks]",
        )
    if len(json.dumps(blocks, ensure_ascii=False)) > limits.PAYLOAD_CHARACTERS:
        raise SlackRefusal("msg_blocks_too_long")
    complaints = Complaints()
    checked = check_blocks(blocks, complaints, surface="message")
    if complaints.messages:
        raise SlackRefusal("invalid_blocks", *complaints.messages)
    return checked


def check_blocks(
    blocks: list[object], complaints: Complaints, *, surface: str
) -> list[JsonObject]:
    """`surface` is `message` or `modal`; return the blocks that are objects."""
    rules = block_rules()
    seen: set[str] = set()
    checked = []
    for index, block in enumerate(blocks):
        pointer = f"/blocks/{index}"
        if not isinstance(block, dict):
            complaints.add("must be an object", pointer)
            continue
        rule = rules.get(str(block.get("type")))
        if rule is None:
            complaints.add(f"unsupported type: {block.get('type')}", pointer)
            continue
        check_block_id(block, pointer, complaints, seen)
        rule(block, pointer, complaints)
        checked.append(block)
    check_markdown_total(checked, complaints, surface)
    return checked


def block_rules() -> Mapping[str, BlockRule]:
    return {
        "section": check_section,
        "header": check_header,
        "context": check_context,
        "divider": accept,
        "actions": check_actions,
        "image": check_image_block,
        "input": check_input,
        "rich_text": check_rich_text,
        "markdown": check_markdown,
    }


def check_block_id(
    block: JsonObject, pointer: str, complaints: Complaints, seen: set[str]
) -> None:
    complaints.string(block, "block_id", pointer, most=limits.BLOCK_ID)
    block_id = block.get("block_id")
    if isinstance(block_id, str) and block_id:
        if block_id in seen:
            complaints.add(f"block_id {block_id!r} is not unique", pointer)
        seen.add(block_id)


def accept(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    """Have nothing to check."""


def check_section(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    if block.get("text") is None and not block.get("fields"):
        complaints.add("one of text and fields is required", pointer)
    complaints.text(
        block,
        "text",
        pointer,
        most=limits.SECTION_TEXT,
        kinds=ANY_TEXT,
        required=False,
    )
    if block.get("fields") is not None:
        fields = complaints.objects(
            block, "fields", pointer, most=limits.SECTION_FIELDS
        )
        for item, place in fields:
            complaints.text_object(
                item, place, most=limits.SECTION_FIELD, kinds=ANY_TEXT
            )
    accessory = block.get("accessory")
    if isinstance(accessory, dict):
        check_element(accessory, f"{pointer}/accessory", complaints, ACCESSORIES)
    elif accessory is not None:
        complaints.add("must be an object", f"{pointer}/accessory")


def check_header(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    complaints.text(block, "text", pointer, most=limits.HEADER_TEXT)


def check_context(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    elements = complaints.objects(
        block, "elements", pointer, most=limits.CONTEXT_ELEMENTS
    )
    for element, place in elements:
        if element.get("type") == "image":
            check_image(element, place, complaints)
        else:
            complaints.text_object(
                element, place, most=limits.SECTION_TEXT, kinds=ANY_TEXT
            )


def check_actions(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    seen: set[str] = set()
    elements = complaints.objects(
        block, "elements", pointer, most=limits.ACTIONS_ELEMENTS
    )
    for element, place in elements:
        check_element(element, place, complaints, ACTION_ELEMENTS)
        action_id = element.get("action_id")
        if isinstance(action_id, str):
            if action_id in seen:
                complaints.add(f"action_id {action_id!r} is not unique", place)
            seen.add(action_id)


def check_image_block(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    check_image(block, pointer, complaints)
    complaints.text(block, "title", pointer, most=limits.IMAGE_TITLE, required=False)


def check_input(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    complaints.text(block, "label", pointer, most=limits.INPUT_LABEL)
    complaints.text(block, "hint", pointer, most=limits.INPUT_HINT, required=False)
    element = block.get("element")
    if isinstance(element, dict):
        check_element(element, f"{pointer}/element", complaints, INPUT_ELEMENTS)
    else:
        complaints.add("missing required field: element", pointer)


def check_rich_text(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    for element, place in complaints.objects(block, "elements", pointer, most=1000):
        if element.get("type") not in RICH_ELEMENTS:
            complaints.add(f"unsupported type: {element.get('type')}", place)
        complaints.objects(element, "elements", place, least=0, most=1000)


def check_markdown(block: JsonObject, pointer: str, complaints: Complaints) -> None:
    complaints.string(block, "text", pointer, most=limits.MARKDOWN_TEXT, required=True)


def check_markdown_total(
    blocks: list[JsonObject], complaints: Complaints, surface: str
) -> None:
    markdown = [block for block in blocks if block["type"] == "markdown"]
    if markdown and surface == "modal":
        complaints.add("unsupported type: markdown", "/blocks")
    if sum(len(str(block.get("text"))) for block in markdown) > limits.MARKDOWN_TEXT:
        complaints.add(
            f"markdown blocks hold more than {limits.MARKDOWN_TEXT} characters",
            "/blocks",
        )
