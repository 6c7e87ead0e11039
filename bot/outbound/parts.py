"""
What each part of a message or a view is made of, and which of it may be shortened.

``shown`` is text for reading. ``whole`` never changes: it is what a click means (a
button with its words and its digest, a choice, an id), or an address.
"""

from collections.abc import Mapping
from enum import StrEnum


class How(StrEnum):
    """How the gate takes a field."""

    shown = "shown"
    whole = "whole"
    # Parts of their own: by their type, or as named here.
    parts = "parts"
    option = "option"
    option_group = "option_group"
    confirm = "confirm"


_CHOICE = {"options": How.option, "initial_options": How.option}
FIELDS: Mapping[str, Mapping[str, How]] = {
    "section": {"text": How.shown, "fields": How.shown, "accessory": How.parts},
    "header": {"text": How.shown},
    "context": {"elements": How.shown},
    "divider": {},
    "rich_text": {},
    "actions": {"elements": How.parts},
    "image": {"title": How.shown, "alt_text": How.shown, "image_url": How.whole},
    "input": {"label": How.shown, "hint": How.shown, "element": How.parts},
    "markdown": {"text": How.shown},
    "button": {
        "text": How.whole,
        "value": How.whole,
        "url": How.whole,
        "accessibility_label": How.whole,
    },
    "static_select": {**_CHOICE, "option_groups": How.option_group},
    "checkboxes": _CHOICE,
    "radio_buttons": _CHOICE,
    "overflow": _CHOICE,
    "datepicker": {},
    "datetimepicker": {},
    "plain_text_input": {"initial_value": How.whole},
    "number_input": {},
    "option": {
        "text": How.whole,
        "value": How.whole,
        "description": How.whole,
        "url": How.whole,
    },
    "option_group": {"label": How.whole, "options": How.option},
    "confirm": {
        "title": How.whole,
        "text": How.whole,
        "confirm": How.whole,
        "deny": How.whole,
    },
}
# Fields that any part may have.
ANY: Mapping[str, How] = {
    "block_id": How.whole,
    "action_id": How.whole,
    "placeholder": How.whole,
    "confirm": How.confirm,
}
VIEW: Mapping[str, How] = {
    "title": How.shown,
    "submit": How.whole,
    "close": How.whole,
    "private_metadata": How.whole,
    "callback_id": How.whole,
    "external_id": How.whole,
}
# Blocks that nobody can click in.
READ_ONLY = frozenset({"section", "header", "context", "divider", "rich_text", "image"})
