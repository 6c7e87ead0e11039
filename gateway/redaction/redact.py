"""
What leaves the gate: ``redact`` alone makes ``Redacted``.

JSON is walked by key class first, then every text is searched for what no key told.
Personal values become placeholders, the same value the same placeholder within one
task; secrets are removed for good. The vault keeps what stands behind a placeholder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from gateway.redaction.find import find
from gateway.redaction.hint import Hint, hints
from gateway.redaction.json_text import (
    Editor,
    edited,
    is_json,
    json_stretches,
    may_hold_json,
)
from gateway.redaction.keys import is_host_key, is_user_key, kind_of_key
from gateway.redaction.nested_key import (
    ADDRESS_REGION,
    MACHINES_NAME,
    NO_REGION,
    PERSONS_NAME,
    field_key,
)
from gateway.redaction.placeholder import ANY, WHOLE, Placeholders
from gateway.redaction.plausible import is_no_value, is_value
from gateway.redaction.span import Kind, Policy, Span
from gateway.redaction.storable import storable
from gateway.redaction.walk import walk
from storage.redacted import Redacted, RedactedText

__all__ = [
    "Placeholders",
    "Redacted",
    "disarmed",
    "redact",
    "redact_text",
    "sealed",
    "storable",
    "storable_json",
]

_MOST_EXACT = 2**53 - 1
# JSON within a string within JSON, and once more; no longer than what a system may say.
_DEEPEST_JSON = 3
_LONGEST_JSON = 4 * 1024 * 1024
# In the place of JSON in a string that may hold a telling key, and is not walked.
TOO_DEEP = "[JSON nested too deep to be searched for people]"
TOO_LONG = "[JSON too long to be searched for people]"
# An integer with more is searched as a text.
_MOST_DIGITS = 40
# Numbers and lists may be what their key says.
_NUMBER = re.compile(r"\d(?:\W{0,3}\d){4}")
# ``{"pass": 12, "fail": 0}``, of tests
_COUNT = re.compile(r"\d{1,4}")
_KEY = re.compile(r"[A-Za-z_][\w.\-]{0,79}")
_SIGN = re.compile(r"[^\W_]")
_FEWEST_OF_A_CARD = 10**11


def redact(value: Mapping[str, JsonValue], placeholders: Placeholders) -> Redacted:
    """
    Walk JSON by key class first, then search every text for what no key told.

    Keys are searched too. Nothing recurses, however deep the JSON is.
    """
    redacted = _redact_json(dict(value), "", _Task(placeholders, 0))
    return Redacted(redacted if isinstance(redacted, dict) else {})


def disarmed(
    value: dict[str, JsonValue], placeholders: Placeholders
) -> dict[str, JsonValue]:
    """Take the brackets off all that looks like a placeholder, even a true one's."""
    asked = placeholders.is_outside
    placeholders.is_outside = True
    try:
        found = walk(
            value,
            lambda leaf, _key: (
                placeholders.disarm(leaf) if isinstance(leaf, str) else leaf
            ),
            placeholders.disarm,
        )
    finally:
        placeholders.is_outside = asked
    return found if isinstance(found, dict) else {}


def redact_text(text: str, placeholders: Placeholders) -> RedactedText:
    """Take secrets and what is personal out of free text, and what can't be stored."""
    task = _Task(placeholders, 0)
    return RedactedText(_redact_string(_clean(text, task), "", task))


def sealed(
    value: dict[str, JsonValue], was: dict[str, JsonValue], placeholders: Placeholders
) -> dict[str, JsonValue]:
    """
    Replace whole each text in which something is found: it comes back to the letter.

    A secret comes back too. What differs from ``was`` is a placeholder already; what
    looks like one otherwise is a stranger's text.
    """
    leaves = iter(_leaves(was))

    def on_leaf(leaf: JsonValue, key: str) -> JsonValue:
        given = next(leaves)
        if not isinstance(leaf, str) or leaf != given:
            return leaf
        if "⟨" in leaf or _is_telling(leaf, key, placeholders.policy):
            return placeholders.stand_in(WHOLE, leaf)
        return leaf

    found = walk(value, on_leaf, str, field_key=field_key)
    return found if isinstance(found, dict) else {}


def storable_json(value: object) -> object:
    """Replace in every text what no database takes: NUL, half a surrogate pair."""
    return walk(value, _storable_leaf, storable)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Task:
    """``depth``: within how many strings of JSON the work is."""

    placeholders: Placeholders
    depth: int


def _redact_json(value: JsonValue, key: str, task: _Task) -> JsonValue:
    names: dict[str, str] = {}

    def on_key(name: str) -> str:
        """Search each name once: rows of one kind have the same ones."""
        found = names.get(name)
        if found is None:
            found = names[name] = _redact_found(_clean(name, task), "", task)
        return found

    return walk(
        value,
        lambda leaf, under: _redact_leaf(leaf, under, task),
        on_key,
        key=key,
        field_key=field_key,
    )


def _redact_leaf(value: JsonValue, key: str, task: _Task) -> JsonValue:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    text = _clean(str(value), task)
    kind = _kind(key, task.placeholders.policy)
    if kind is not None and _is_named(kind, text, key):
        return _redact_named(kind, text, task.placeholders)
    if isinstance(value, str):
        return _redact_string(text, key, task)
    if abs(value) < _FEWEST_OF_A_CARD:
        return value
    redacted = _redact_found(text, key, task)
    return _exact(value) if redacted == text else redacted


def _kind(key: str, policy: Policy) -> Kind | None:
    kind = kind_of_key(key)
    if kind is None and policy.redact_ip and is_host_key(key):
        return Kind.IP
    if kind is None and policy.redact_user_id and is_user_key(key):
        return Kind.USER_ID
    return kind


def _is_named(kind: Kind, value: str, key: str) -> bool:
    """Tell whether a key decides: a secret's always, a person's if it could be one."""
    if kind is Kind.SECRET:
        return value != "" and not (key.lower() == "pass" and _COUNT.fullmatch(value))
    if kind is Kind.NAME:
        is_machines = key == PERSONS_NAME and MACHINES_NAME.fullmatch(value) is not None
        return value.strip() != "" and not is_no_value(value) and not is_machines
    if key == ADDRESS_REGION and NO_REGION.fullmatch(value) is not None:
        return False
    return is_value(kind, value, key)


def _is_telling(text: str, key: str, policy: Policy) -> bool:
    kind = _kind(key, policy)
    if kind is not None and _is_named(kind, text, key):
        return True
    return _find_under(key, text, policy) != []


def _leaves(value: JsonValue) -> list[JsonValue]:
    """Give the leaves in the order of the walk."""
    found: list[JsonValue] = []

    def keep(leaf: JsonValue, _key: str) -> JsonValue:
        found.append(leaf)
        return leaf

    walk(value, keep, str)
    return found


def _redact_named(kind: Kind, value: str, placeholders: Placeholders) -> str:
    """Replace all of a value but the placeholders that it holds already."""
    if ANY.search(value) is None:
        return placeholders.replace(kind, value)
    parts = ANY.split(value)
    kept = [*ANY.findall(value), ""]
    return "".join(
        (placeholders.replace(kind, part) if _SIGN.search(part) else part) + placeholder
        for part, placeholder in zip(parts, kept, strict=True)
    )


def _redact_string(text: str, key: str, task: _Task) -> str:
    """
    Search a clean text; JSON is walked before: keys say what no pattern does.

    A pattern may take a letter of an escape for one of a word, or a quote, and what no
    parser takes any more has no keys. JSON without a telling key and without an escape
    is walked where the search broke it alone.
    """
    if not may_hold_json(text):
        return _redact_found(text, key, task)
    if "\\" not in text and not _may_tell(text):
        clean = _redact_found(text, key, task)
        if clean == text or is_json(clean) or not is_json(text):
            return clean
    return _redact_found(_walked(text, key, task), key, task)


def _walked(text: str, key: str, task: _Task) -> str:
    """Walk the JSON in a text; what is too deep or too long is left out by name."""
    parts: list[str] = []
    last = 0
    for one in json_stretches(text):
        part = text[one.start : one.end]
        is_deep = one.is_too_deep or task.depth >= _DEEPEST_JSON
        if is_deep or len(part) > _LONGEST_JSON:
            left_out = TOO_DEEP if is_deep else TOO_LONG
            part = left_out if _may_tell(part) else part
        else:
            part = _edited(part, key, _Task(task.placeholders, task.depth + 1))
        parts += (text[last : one.start], part)
        last = one.end
    return "".join([*parts, text[last:]])


def _edited(text: str, key: str, task: _Task) -> str:
    """Redact each string of JSON; what its escapes hid is a stranger's, if it is."""
    disarm = task.placeholders.disarm_decoded

    def on_integer(digits: str, under: str) -> str:
        if len(digits) > _MOST_DIGITS:
            return str(_redact_leaf(digits, under, task))
        redacted = _redact_leaf(int(digits), under, task)
        return redacted if isinstance(redacted, str) else digits

    editor = Editor(
        on_string=lambda value, under: str(_redact_leaf(disarm(value), under, task)),
        on_integer=on_integer,
        on_key=lambda name: _redact_found(_clean(disarm(name), task), "", task),
        field_key=field_key,
    )
    return edited(text, key, editor)


def _may_tell(text: str) -> bool:
    return hints(text.lower()) & Hint.KEY != 0


def _clean(text: str, task: _Task) -> str:
    if text.isascii() and "\0" not in text:
        return text
    return task.placeholders.disarm(storable(text))


def _redact_found(clean: str, key: str, task: _Task) -> str:
    known = task.placeholders.put_back(clean)
    found = _find_once(key, known, task.placeholders)
    return task.placeholders.replace_all(known, found) if found else known


def _find_once(key: str, text: str, placeholders: Placeholders) -> list[Span]:
    searched = placeholders.searched
    if searched is None:
        return _find_under(key, text, placeholders.policy)
    found = searched.get((key, text))
    if found is None:
        found = searched[key, text] = _find_under(key, text, placeholders.policy)
    return found


def _find_under(key: str, text: str, policy: Policy) -> list[Span]:
    """Search a text as if it stood behind its key, where that may tell something."""
    if not key or not _needs_its_key(text) or _KEY.fullmatch(key) is None:
        return find(text, policy=policy)
    head = f'{key}="'
    shift, end = len(head), len(head) + len(text)
    return [
        Span(max(span.start, shift) - shift, min(span.end, end) - shift, span.kind)
        for span in find(f'{head}{text}"', policy=policy)
        if span.start < end and span.end > shift
    ]


def _needs_its_key(text: str) -> bool:
    return ", " in text or "\n" in text or _NUMBER.search(text) is not None


def _exact(value: int) -> JsonValue:
    """Give an integer that RFC 8785 can't hold exactly as its text."""
    return str(value) if abs(value) > _MOST_EXACT else value


def _storable_leaf(value: JsonValue, _key: str) -> JsonValue:
    return storable(value) if isinstance(value, str) else value
