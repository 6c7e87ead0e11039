"""Our limits are those that others read out of the same pages."""

import pytest

from bot.outbound.limits import (
    COUNTS,
    MESSAGE_SIGNS,
    METADATA_BYTES,
    TEXTS,
    VIEW_BYTES,
)
from lab.slack import limits as of_lab

# Ours by the lab's name, and by slackblocks' where it names it.
TEXT_NAMES = {
    "section.text": ("SECTION_TEXT", "SECTION_TEXT_MAX_LENGTH"),
    "section.fields": ("SECTION_FIELD", "SECTION_FIELDS_ITEM_MAX_LENGTH"),
    "header.text": ("HEADER_TEXT", "HEADER_TEXT_MAX_LENGTH"),
    "context.elements": ("SECTION_TEXT", "TEXT_MAX_LENGTH"),
    "image.title": ("IMAGE_TITLE", "IMAGE_TITLE_MAX_LENGTH"),
    "image.alt_text": ("ALT_TEXT", "IMAGE_ALT_TEXT_MAX_LENGTH"),
    "image.image_url": ("IMAGE_URL", "IMAGE_IMAGE_URL_MAX_LENGTH"),
    "input.label": ("INPUT_LABEL", "INPUT_LABEL_MAX_LENGTH"),
    "input.hint": ("INPUT_HINT", "INPUT_HINT_MAX_LENGTH"),
    "markdown.text": ("MARKDOWN_TEXT", "MARKDOWN_TEXT_MAX_LENGTH"),
    "button.text": ("BUTTON_TEXT", "BUTTON_TEXT_MAX_LENGTH"),
    "button.value": ("BUTTON_VALUE", "BUTTON_VALUE_MAX_LENGTH"),
    "button.url": ("URL", "BUTTON_URL_MAX_LENGTH"),
    "button.accessibility_label": (
        "BUTTON_TEXT",
        "BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH",
    ),
    "option.text": ("OPTION_TEXT", "OPTION_TEXT_MAX_LENGTH"),
    "option.value": ("OPTION_VALUE", "OPTION_VALUE_MAX_LENGTH"),
    "option.description": ("OPTION_DESCRIPTION", "OPTION_DESCRIPTION_MAX_LENGTH"),
    "option.url": ("URL", "OPTION_URL_MAX_LENGTH"),
    "option_group.label": ("OPTION_TEXT", "OPTION_GROUP_LABEL_MAX_LENGTH"),
    "confirm.title": ("CONFIRM_TITLE", "CONFIRMATION_TITLE_MAX_LENGTH"),
    "confirm.text": ("CONFIRM_TEXT", "CONFIRMATION_TEXT_MAX_LENGTH"),
    "confirm.confirm": ("CONFIRM_BUTTON", "CONFIRMATION_CONFIRM_MAX_LENGTH"),
    "confirm.deny": ("CONFIRM_BUTTON", "CONFIRMATION_DENY_MAX_LENGTH"),
    "plain_text_input.initial_value": (
        "INPUT_LENGTH",
        "PLAIN_TEXT_INPUT_MAX_LENGTH_MAX",
    ),
    "any.placeholder": ("PLACEHOLDER", "SELECT_PLACEHOLDER_MAX_LENGTH"),
    "any.action_id": ("ACTION_ID", "ACTION_ID_MAX_LENGTH"),
    "any.block_id": ("BLOCK_ID", "BLOCK_ID_MAX_LENGTH"),
    "view.title": ("VIEW_TITLE", "VIEW_TITLE_MAX_LENGTH"),
    "view.submit": ("VIEW_TITLE", "VIEW_SUBMIT_MAX_LENGTH"),
    "view.close": ("VIEW_TITLE", "VIEW_CLOSE_MAX_LENGTH"),
    "view.private_metadata": ("PRIVATE_METADATA", "VIEW_PRIVATE_METADATA_MAX_LENGTH"),
    "view.callback_id": ("CALLBACK_ID", "VIEW_CALLBACK_ID_MAX_LENGTH"),
    "view.external_id": ("CALLBACK_ID", "VIEW_EXTERNAL_ID_MAX_LENGTH"),
    "message.text": ("TEXT_CHARACTERS", ""),
    "message.markdown_text": ("MARKDOWN_TEXT", "MARKDOWN_TOTAL_TEXT_MAX_LENGTH"),
}
COUNT_NAMES = {
    "message.blocks": ("BLOCKS_PER_MESSAGE", "MESSAGE_BLOCKS_MAX_ITEMS"),
    "message.attachments": ("", "MESSAGE_ATTACHMENTS_MAX_ITEMS"),
    "view.blocks": ("BLOCKS_PER_VIEW", "VIEW_BLOCKS_MAX_ITEMS"),
    "section.fields": ("SECTION_FIELDS", "SECTION_FIELDS_MAX_ITEMS"),
    "context.elements": ("CONTEXT_ELEMENTS", "CONTEXT_ELEMENTS_MAX_ITEMS"),
    "actions.elements": ("ACTIONS_ELEMENTS", "ACTIONS_ELEMENTS_MAX_ITEMS"),
    "checkboxes.options": ("CHECKBOX_OPTIONS", "CHECKBOXES_OPTIONS_MAX_ITEMS"),
    "radio_buttons.options": ("", "RADIO_BUTTONS_OPTIONS_MAX_ITEMS"),
    "overflow.options": ("OVERFLOW_OPTIONS", "OVERFLOW_OPTIONS_MAX_ITEMS"),
    "static_select.options": ("SELECT_OPTIONS", "SELECT_OPTIONS_MAX_ITEMS"),
    "static_select.option_groups": ("SELECT_OPTIONS", "SELECT_OPTION_GROUPS_MAX_ITEMS"),
    "option_group.options": ("SELECT_OPTIONS", "OPTION_GROUP_OPTIONS_MAX_ITEMS"),
}
OURS = {name: most for name, (most, _) in [*TEXTS.items()]} | {
    f"count {name}": most for name, (most, _) in COUNTS.items()
}
NAMES = TEXT_NAMES | {f"count {name}": names for name, names in COUNT_NAMES.items()}


def test_every_limit_is_held_against_another_s() -> None:
    """A new one needs a name here."""
    assert set(OURS) == set(NAMES)
    assert all(any(names) for names in NAMES.values())
    assert all(source for _, source in [*TEXTS.values(), *COUNTS.values()])


def test_the_lab_refuses_what_the_gate_shortens() -> None:
    """No limit is read in two ways here."""
    lab = {name: getattr(of_lab, one) for name, (one, _) in NAMES.items() if one}
    wholes = (of_lab.PAYLOAD_CHARACTERS, of_lab.VIEW_BYTES, of_lab.METADATA_BYTES)

    assert {name: OURS[name] for name in lab} == lab
    assert wholes == (MESSAGE_SIGNS[0], VIEW_BYTES[0], METADATA_BYTES[0])


def test_slackblocks_has_the_same() -> None:
    """Others' reading of Slack's pages, of each limit that they name."""
    theirs = pytest.importorskip(
        "slackblocks._limits", reason="slackblocks is not installed: `make setup`"
    )
    named = {name: getattr(theirs, one) for name, (_, one) in NAMES.items() if one}

    assert {name: OURS[name] for name in named} == named
