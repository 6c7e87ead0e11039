"""
What leaves the gate: ``redact`` alone makes ``Redacted``.

JSON is walked by key class first, then every text is searched for what no key told.
Personal values become placeholders, the same value the same placeholder within one
task; secrets are removed for good. The vault keeps what stands behind a placeholder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from pydantic import JsonValue

from gateway.redaction.json_text import (
    Part,
    Token,
    json_tokens,
    may_hold_json,
    unused_mark,
    written,
)
from gateway.redaction.key_lines import KeyLines
from gateway.redaction.keys import kind_under
from gateway.redaction.named import named_spans
from gateway.redaction.nested_key import field_key, field_key_in
from gateway.redaction.placeholder import WHOLE, Placeholders
from gateway.redaction.span import Kind, Span
from gateway.redaction.storable import storable
from gateway.redaction.telling import is_named, may_tell
from gateway.redaction.walk import walk
from gateway.redaction.walked import (
    DEEPEST,
    find_under,
    is_telling,
    kind_of_number,
)
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
# In the place of JSON within more strings than are walked.
TOO_DEEP = "[JSON nested too deep to be searched for people]"
_SIGN = re.compile(r"[^\W_]")
# What of JSON is no text, and judged number by number.
_FRAME = re.compile(
    r"(?:[\s{}\[\]\",:]++|true|false|null"
    r"|(?<=[:,\[\s])-?\d[\d.eE+\-]*+(?=\s*+[,}\]]))*+"
)


def redact(value: Mapping[str, JsonValue], placeholders: Placeholders) -> Redacted:
    """
    Walk JSON by key class first, then search every text for what no key told.

    Keys are searched too. Nothing recurses, however deep the JSON is.
    """
    redacted = _redact_json(dict(value), "", _Task(placeholders))
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
    task = _Task(placeholders)
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
        if "⟨" in leaf or is_telling(leaf, key, placeholders.policy):
            return placeholders.stand_in(WHOLE, leaf)
        return leaf

    found = walk(value, on_leaf, str, field_key=field_key)
    return found if isinstance(found, dict) else {}


def storable_json(value: object) -> object:
    """Replace in every text what no database takes: NUL, half a surrogate pair."""
    return walk(value, _storable_leaf, storable)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Task:
    """
    ``depth``: within how many strings of JSON the work is.

    ``searched``: what was found in each text; rows of one kind repeat theirs.
    """

    placeholders: Placeholders
    depth: int = 0
    searched: dict[tuple[str, str], list[Span]] = field(default_factory=dict)


def _redact_json(value: JsonValue, key: str, task: _Task) -> JsonValue:
    names: dict[str, str] = {}
    lines = KeyLines()

    def on_leaf(leaf: JsonValue, under: str) -> JsonValue:
        if isinstance(leaf, str) and lines.holds(leaf):
            return task.placeholders.replace(Kind.SECRET, leaf)
        return _redact_leaf(leaf, under, task)

    def on_key(name: str) -> str:
        """Search each name once: rows of one kind have the same ones."""
        found = names.get(name)
        if found is None:
            found = names[name] = _redact_found(_clean(name, task), "", task)
        return found

    return walk(
        value,
        on_leaf,
        on_key,
        key=key,
        field_key=field_key,
    )


def _redact_leaf(value: JsonValue, key: str, task: _Task) -> JsonValue:
    if isinstance(value, str):
        text = _clean(value, task)
        kind = kind_under(key, task.placeholders.policy)
        if kind is not None and is_named(kind, text, key):
            return _redact_named(kind, text, task.placeholders)
        return _redact_string(text, key, task)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    found = _redact_number(str(value), key, task)
    if found is not None:
        return found
    return _exact(value) if isinstance(value, int) else value


def _redact_number(number: str, key: str, task: _Task) -> str | None:
    """Give what stands for a number that its key or its form tells, if one does."""
    found = kind_of_number(number, key, task.placeholders.policy)
    return None if found is None else task.placeholders.replace(*found)


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
    return placeholders.replace_all(value, named_spans(kind, value))


def _redact_string(text: str, key: str, task: _Task) -> str:
    """
    Search a clean text; what JSON in it holds is searched text by text.

    Keys say what no pattern does; and a pattern may take a letter of an escape for one
    of a word, or a quote. JSON without a telling key and without an escape is walked
    only if something is found.
    """
    if not may_hold_json(text):
        return _redact_found(text, key, task)
    if "\\" not in text and not may_tell(text) and _is_clear(text, key, task):
        return text
    if task.depth >= DEEPEST:
        return TOO_DEEP
    return _redact_around(text, key, replace(task, depth=task.depth + 1))


def _redact_around(text: str, key: str, task: _Task) -> str:
    """Redact the texts, keys and numbers of JSON, then what stands around them."""
    mark = unused_mark(text)
    parts: list[str] = []
    within: list[str] = []
    names: dict[str, str] = {}
    last = 0
    lines = KeyLines()
    for token in json_tokens(text, key, field_key_in(text)):
        if token.part is Part.TEXT and lines.holds(token.value):
            new = task.placeholders.replace(Kind.SECRET, token.value)
        else:
            new = _redact_token(token, names, task)
        if token.part is not Part.NUMBER:
            parts += (text[last : token.start], mark)
        elif new != token.value:
            parts += (text[last : token.start], f'"{mark}"')
        else:
            continue
        raw = text[token.start : token.end]
        within.append(raw if new == token.value else written(new, raw))
        last = token.end
    parts.append(text[last:])
    around = "".join(parts)
    if _FRAME.fullmatch("".join(parts[::2])) is None:
        around = _redact_found(around, key, task)
    pieces = around.split(mark)
    return "".join(chain.from_iterable(zip(pieces, [*within, ""], strict=True)))


def _redact_token(token: Token, names: dict[str, str], task: _Task) -> str:
    """Redact a token; what its escapes hid is a stranger's, if the text is."""
    value = task.placeholders.disarm_decoded(token.value)
    if token.part is Part.KEY:
        # each name once: rows of one kind have the same ones
        found = names.get(value)
        if found is None:
            found = names[value] = _redact_found(_clean(value, task), "", task)
        return found
    if token.part is Part.NUMBER:
        return _redact_number(value, token.under, task) or value
    return str(_redact_leaf(value, token.under, task))


def _clean(text: str, task: _Task) -> str:
    if text.isascii() and "\0" not in text:
        return text
    return task.placeholders.disarm(storable(text))


def _redact_found(clean: str, key: str, task: _Task) -> str:
    known = task.placeholders.put_back(clean)
    found = _find_once(key, known, task)
    return task.placeholders.replace_all(known, found) if found else known


def _is_clear(text: str, key: str, task: _Task) -> bool:
    """Tell a text in which nothing is found, without a placeholder for what is."""
    known = task.placeholders.put_back(text)
    return known == text and not _find_once(key, text, task)


def _find_once(key: str, text: str, task: _Task) -> list[Span]:
    ahead = task.placeholders.searched
    searched = task.searched if ahead is None else ahead
    found = searched.get((key, text))
    if found is None:
        found = searched[key, text] = find_under(key, text, task.placeholders.policy)
    return found


def _exact(value: int) -> JsonValue:
    """Give an integer that RFC 8785 can't hold exactly as its text."""
    return str(value) if abs(value) > _MOST_EXACT else value


def _storable_leaf(value: JsonValue, _key: str) -> JsonValue:
    return storable(value) if isinstance(value, str) else value
