"""Modals: made from the stored params schema, and read back against it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks.inputs import (
    VALUE,
    read_choice,
    read_words,
    select_block,
    state_of,
    words_block,
)
from bot.blocks.text import (
    Block,
    clean,
    clean_lines,
    context,
    mapping_of,
    plain_text,
    seconds_of,
    section,
)

EDIT_CALLBACK = "edit:submit"
REJECT_CALLBACK = "reject:submit"
CLOSE_CALLBACK = "close:submit"
DONE_CALLBACK = "done:submit"
PARAM = "param:"
# plain_text_input: max_length and initial_value (slack_sdk PlainTextInputElement)
_LONGEST = 3000
# What an error quotes of a field.
_MOST_QUOTED = 80
REJECT_REASONS = {
    "wrong_target": "Wrong target",
    "wrong_size": "Right target, wrong size",
    "too_risky": "Too risky now",
    "not_the_cause": "Not the cause",
    "already_handled": "Already handled",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class EditForm:
    """What a person entered; ``errors`` by block id where it does not fit."""

    params: Mapping[str, object]
    reason_code: str
    comment: str
    errors: Mapping[str, str]


def loading_view() -> Mapping[str, object]:
    """What opens at once: a trigger lives three seconds."""
    return {
        "type": "modal",
        "callback_id": "edit:loading",
        "title": plain_text("Edit proposal", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [section("Reading the proposal…")],
    }


def message_view(title: str, text: str, *, mrkdwn: str = "") -> Mapping[str, object]:
    """A modal that only says something; ``mrkdwn`` is taken as it is."""
    return {
        "type": "modal",
        "callback_id": "message",
        "title": plain_text(title, most=24),
        "close": plain_text("Close", most=24),
        "blocks": [section(mrkdwn or clean_lines(text, most=1500))],
    }


def edit_view(
    title: str,
    *,
    schema: Mapping[str, object],
    params: Mapping[str, object],
    reason_code: str,
    metadata: str,
    said: str = "",
) -> Mapping[str, object]:
    """
    One field for each param, with its unit and bounds, then reason and words.

    ``said`` is what of them can't stay as it is.
    """
    blocks: list[Block] = [section(clean(title))]
    blocks += [section(clean(said))] if said else []
    blocks += [
        _too_long(label_of(name, mapping_of(spec)))
        if name in long_ones(params)
        else field_block(name, mapping_of(spec), params.get(name))
        for name, spec in fields_of(schema)
    ]
    blocks += why_blocks(schema, reason_code)
    blocks.append(context("Nothing is proposed before you have seen what changes."))
    return {
        "type": "modal",
        "callback_id": EDIT_CALLBACK,
        "private_metadata": metadata,
        "title": plain_text("Edit proposal", most=24),
        "submit": plain_text("Review", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": blocks,
    }


def reject_view(metadata: str) -> Mapping[str, object]:
    """Reason, words, and whether another plan is wanted."""
    return {
        "type": "modal",
        "callback_id": REJECT_CALLBACK,
        "private_metadata": metadata,
        "title": plain_text("Reject proposal", most=24),
        "submit": plain_text("Reject", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            select_block("reason", "Reason", REJECT_REASONS, initial=None),
            words_block("comment", "In your words", "Helps the next plan"),
            again_block(),
        ],
    }


def again_block() -> Block:
    """Ask whether, once it is rejected, another plan is wanted."""
    option = {"text": plain_text("Look for another plan", most=75), "value": "new_plan"}
    return {
        "type": "input",
        "block_id": "again",
        "optional": True,
        "label": plain_text("Once it is rejected", most=75),
        "element": {"type": "checkboxes", "action_id": VALUE, "options": [option]},
    }


def close_view(metadata: str) -> Mapping[str, object]:
    """Ask for a word on how it ended: the root message keeps it."""
    return {
        "type": "modal",
        "callback_id": CLOSE_CALLBACK,
        "private_metadata": metadata,
        "title": plain_text("Close task", most=24),
        "submit": plain_text("Close task", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            words_block("comment", "How did it end?", "Stands on the task"),
            context("What still waits in its thread is withdrawn."),
        ],
    }


def done_view(metadata: str) -> Mapping[str, object]:
    """Ask who has carried a draft out for a word on it: its card keeps it."""
    return {
        "type": "modal",
        "callback_id": DONE_CALLBACK,
        "private_metadata": metadata,
        "title": plain_text("Mark done", most=24),
        "submit": plain_text("Mark done", most=24),
        "close": plain_text("Cancel", most=24),
        "blocks": [
            words_block("comment", "What did you do?", "Stands on the card"),
            context("The target is read as you say so, for the record."),
        ],
    }


def long_ones(params: Mapping[str, object]) -> Mapping[str, object]:
    """Give what no field of Slack's can hold: it stays as it stands."""
    return {
        name: value
        for name, value in params.items()
        if isinstance(value, str) and len(value) > _LONGEST
    }


def _too_long(label: str) -> Block:
    return context(
        f"{clean(label)} is longer than a field here can hold, and stays as it is."
    )


def why_blocks(schema: Mapping[str, object], reason_code: str) -> list[Block]:
    """Ask for the reason of an edit, as a code where the tool has some, and words."""
    codes = _texts(schema.get("x-reason-codes"))
    options = {code: code.replace("_", " ") for code in codes}
    why = words_block("comment", "Why", "What the card will say")
    if not codes:
        return [why]
    return [select_block("reason", "Reason code", options, initial=reason_code), why]


def fields_of(schema: Mapping[str, object]) -> Sequence[tuple[str, object]]:
    """Give the params in the tool's order, without what only an undo may set."""
    fields = {
        name: spec
        for name, spec in mapping_of(schema.get("properties")).items()
        if not mapping_of(spec).get("x-internal")
    }
    order = [name for name in _texts(schema.get("x-order")) if name in fields]
    return [(name, fields[name]) for name in dict.fromkeys([*order, *fields])]


def read_edit(
    schema: Mapping[str, object],
    values: Mapping[str, object],
    *,
    kept: Mapping[str, object],
    was: Mapping[str, object],
) -> EditForm:
    """
    Read a submission against the schema; errors name the field's block.

    A param that was not asked for has its value in ``kept``; an error quotes what it
    ``was``.
    """
    params: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, spec in fields_of(schema):
        block = f"{PARAM}{name}"
        if block not in values and name in kept:
            params[name] = kept[name]
            continue
        entered = state_of(values, block)
        value, error = _read(mapping_of(spec), entered, was.get(name))
        if error is not None:
            errors[block] = error
        else:
            params[name] = value
    return EditForm(
        params=params,
        reason_code=read_choice(values, "reason"),
        comment=read_words(values, "comment"),
        errors=errors,
    )


def label_of(name: str, spec: Mapping[str, object]) -> str:
    """Name a param as its field does, with its unit; an instant has the reader's."""
    label, unit = str(spec.get("title") or name), spec.get("x-unit")
    return f"{label} ({unit})" if unit and not is_instant(spec) else label


def is_instant(spec: Mapping[str, object]) -> bool:
    """Tell whether a param is an instant: ISO 8601, in UTC as it is stored."""
    choices = spec.get("anyOf")
    either = choices if isinstance(choices, list | tuple) else []
    return any(mapping_of(one).get("format") == "date-time" for one in (spec, *either))


def field_block(name: str, spec: Mapping[str, object], value: object) -> Block:
    """Make the field of one param, filled with ``value``."""
    label = label_of(name, spec)
    kind = spec.get("type")
    if kind == "boolean":
        shown = "true" if value else "false"
        options = {"true": "on", "false": "off"}
        return select_block(f"{PARAM}{name}", label, options, initial=shown)
    words = _texts(spec.get("enum"))
    if words:
        options = {word: word.replace("_", " ") for word in words}
        return select_block(f"{PARAM}{name}", label, options, initial=str(value))
    element: dict[str, object] = {
        "type": "number_input" if kind == "integer" else "plain_text_input",
        "action_id": VALUE,
    }
    if is_instant(spec):
        element["type"] = "datetimepicker"
        at = seconds_of(value)
        # Slack takes ten digits alone.
        if at is not None and 10**9 <= at < 10**10:
            element["initial_date_time"] = int(at)
    elif value is not None:
        element["initial_value"] = str(value)
    if kind == "integer":
        element["is_decimal_allowed"] = False
    if spec.get("x-prose"):
        element["multiline"] = True
    block: Block = {
        "type": "input",
        "block_id": f"{PARAM}{name}",
        "label": plain_text(label, most=150),
        "element": element,
    }
    if _may_lack(spec):
        block["optional"] = True
    hint = _hint(spec)
    return block | ({"hint": plain_text(hint, most=150)} if hint else {})


def _may_lack(spec: Mapping[str, object]) -> bool:
    """Tell whether the schema takes null: an empty field then."""
    choices = spec.get("anyOf")
    return isinstance(choices, list | tuple) and any(
        mapping_of(one).get("type") == "null" for one in choices
    )


def _hint(spec: Mapping[str, object]) -> str:
    low, high = spec.get("minimum"), spec.get("maximum")
    said = str(spec.get("description") or "")
    bounds = f"from {low:,} to {high:,}" if _both_numbers(low, high) else ""
    zone = "in your own time zone" if is_instant(spec) else ""
    return "; ".join(part for part in (bounds, said, zone) if part)


def _both_numbers(low: object, high: object) -> bool:
    return isinstance(low, int | float) and isinstance(high, int | float)


def _read(
    spec: Mapping[str, object], state: Mapping[str, object], was: object
) -> tuple[object, str | None]:
    kind = spec.get("type")
    if kind == "boolean" or spec.get("enum"):
        chosen = mapping_of(state.get("selected_option")).get("value")
        value = chosen == "true" if kind == "boolean" else chosen
        return value, None if chosen else "Choose one."
    if is_instant(spec):
        return _read_instant(spec, state.get("selected_date_time"))
    text = str(state.get("value") or "").strip()
    if kind == "integer":
        return _read_integer(spec, text)
    if not text and _may_lack(spec):
        return None, None
    pattern = str(spec.get("pattern") or "")
    if pattern and re.search(pattern, text) is None:
        return text, f"Not written as it has to be{_such_as(was)}."
    return text, None if text else "Fill this in."


def _such_as(was: object) -> str:
    said = str(was or "")
    return f"; it was “{said}”, which is" if 0 < len(said) <= _MOST_QUOTED else ""


def _read_instant(
    spec: Mapping[str, object], chosen: object
) -> tuple[object, str | None]:
    if not isinstance(chosen, int):
        return None, None if _may_lack(spec) else "Choose day and time."
    try:
        at = datetime.fromtimestamp(chosen, UTC)
    except (ValueError, OverflowError, OSError):
        return None, "Choose another day."
    return f"{at:%Y-%m-%dT%H:%M:%SZ}", None


def _read_integer(spec: Mapping[str, object], text: str) -> tuple[object, str | None]:
    try:
        number = int(text)
    except ValueError:
        return None, "A whole number, please."
    low, high = spec.get("minimum"), spec.get("maximum")
    if isinstance(low, int | float) and number < low:
        return None, f"At least {low:,}."
    if isinstance(high, int | float) and number > high:
        return None, f"At most {high:,}."
    return number, None


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
