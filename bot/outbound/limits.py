"""
Slack's limits on what is sent, each with its source.

``sdk``: a constant of slack_sdk 3.47 (``models``); ``docs``: a page of docs.slack.dev;
``slackblocks``: 3.0, ``_limits.py``; ``observed``: met by others, nowhere official.
Texts count in code points as they are sent, so with their escapes.
"""

from collections.abc import Mapping

# Signs of a text: the holder's type, then the field.
TEXTS: Mapping[str, tuple[int, str]] = {
    "section.text": (3000, "sdk SectionBlock.text_max_length"),
    "section.fields": (2000, "docs reference/block-kit/blocks/section-block"),
    "header.text": (150, "sdk HeaderBlock.text_max_length"),
    "context.elements": (3000, "slackblocks TEXT_MAX_LENGTH"),
    "image.title": (2000, "sdk ImageBlock.title_max_length"),
    "image.alt_text": (2000, "sdk ImageBlock.alt_text_max_length"),
    "image.image_url": (3000, "sdk ImageBlock.image_url_max_length"),
    "input.label": (2000, "sdk InputBlock.label_max_length"),
    "input.hint": (2000, "sdk InputBlock.hint_max_length"),
    "markdown.text": (12_000, "sdk MarkdownBlock.text_max_length"),
    "button.text": (75, "sdk ButtonElement.text_max_length"),
    "button.value": (2000, "sdk ButtonElement.value_max_length"),
    "button.url": (3000, "sdk ButtonElement.url_max_length"),
    "button.accessibility_label": (75, "sdk ButtonElement"),
    "option.text": (75, "sdk Option.label_max_length"),
    "option.value": (150, "sdk Option.value_max_length"),
    "option.description": (75, "slackblocks OPTION_DESCRIPTION_MAX_LENGTH"),
    "option.url": (3000, "slackblocks OPTION_URL_MAX_LENGTH"),
    "option_group.label": (75, "sdk OptionGroup.label_max_length"),
    "confirm.title": (100, "sdk ConfirmObject.title_max_length"),
    "confirm.text": (300, "sdk ConfirmObject.text_max_length"),
    "confirm.confirm": (30, "sdk ConfirmObject.confirm_max_length"),
    "confirm.deny": (30, "sdk ConfirmObject.deny_max_length"),
    "plain_text_input.initial_value": (3000, "slackblocks PLAIN_TEXT_INPUT_MAX_LENGTH"),
    "any.placeholder": (150, "sdk InputInteractiveElement.placeholder_max_length"),
    "any.action_id": (255, "sdk InteractiveElement.action_id_max_length"),
    "any.block_id": (255, "sdk Block.block_id_max_length"),
    "view.title": (24, "sdk View.title_max_length"),
    "view.submit": (24, "sdk View.submit_max_length"),
    "view.close": (24, "sdk View.close_max_length"),
    "view.private_metadata": (3000, "sdk View.private_metadata_max_length"),
    "view.callback_id": (255, "sdk View.callback_id_max_length"),
    "view.external_id": (255, "slackblocks VIEW_EXTERNAL_ID_MAX_LENGTH"),
    "message.text": (40_000, "Microsoft's Slack connector page, quoting Slack"),
    "message.markdown_text": (12_000, "docs reference/methods/chat.postMessage"),
}
# How many of something.
COUNTS: Mapping[str, tuple[int, str]] = {
    "message.blocks": (50, "docs reference/block-kit/blocks"),
    "message.attachments": (100, "sdk Message.attachments_max_length"),
    "view.blocks": (100, "sdk View.blocks_max_length"),
    "section.fields": (10, "sdk SectionBlock.fields_max_length"),
    "context.elements": (10, "sdk ContextBlock.elements_max_length"),
    "actions.elements": (25, "sdk ActionsBlock.elements_max_length"),
    "checkboxes.options": (10, "docs reference/block-kit/block-elements/checkboxes"),
    "radio_buttons.options": (10, "slackblocks RADIO_BUTTONS_OPTIONS_MAX_ITEMS"),
    "overflow.options": (5, "sdk OverflowMenuElement.options_max_length"),
    "static_select.options": (100, "sdk StaticSelectElement.options_max_length"),
    "static_select.option_groups": (100, "sdk StaticSelectElement"),
    "option_group.options": (100, "sdk OptionGroup.options_max_length"),
}
# Of a whole: a message's blocks as JSON in signs, the others as JSON in bytes.
MESSAGE_SIGNS = (13_200, "observed, slackapi/bolt-js issue 2509")
VIEW_BYTES = (250_000, "docs reference/methods/views.open, view_too_large")
METADATA_BYTES = (8_000, "observed; docs give no number, metadata_too_large")
