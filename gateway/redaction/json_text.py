"""
JSON in a text, read where it stands: whole, behind a log's prefix, cut off, or many.

Nothing validates it: strings, keys and numbers are read one after another from where
JSON may begin to the first sign that is none of JSON's, so that no depth, no length and
no missing bracket hides a key. Each sign is read a fixed number of times.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from gateway.redaction.nested_key import NAMES_A_VALUE

# Of the parent's key, a field's own name, and the fields before it in NAMES_A_VALUE.
FieldKey = Callable[[str, str, Mapping[str, str]], str]
_IN_LINE = "\ufeff \t\r\x0b\x0c\xa0\u2028\u2029"
_BLANK = f"{_IN_LINE}\n"
_FEWEST_SIGNS = 3
_STRING = r"(?:[^\"\\\n]++|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}))*+"
# An object's first key, a list's first text or what it nests; a string that begins as
# JSON does; at the beginning of a line any bracket, and a line that is a string.
_BEGIN = re.compile(
    r"[{\[](?=\s{0,80}+[\"{\[])"
    r"|(?<!\\)\"(?=[{\[](?:\\[nrt]|[\s{\[]){0,40}+\\\")"
    rf"|(?:(?<=\n)|\A)[{_BLANK}]{{0,80}}+(?:[{{\[]|\"(?={_STRING}\"[{_IN_LINE}]*+(?:\n|\Z)))"
)
# A string, with a colon behind it, or Ruby's arrow, a key; one that the end cuts off; a
# number; what opens and what closes.
_TOKEN = re.compile(
    r"(?:[\s,:]++|true|false|null|nil|NaN|-?Infinity)*+"
    rf"(?:\"({_STRING})(?:\"(\s*+(?::|=>))?+|(?:\\(?:u[0-9a-fA-F]{{0,3}})?)?+\Z)"
    r"|(-?\d[\d.eE+\-]*+)|([{\[])|([}\]]))"
)
_AFTER_NUMBER = re.compile(r"\s*+(?:[,}\]]|\Z)")
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")
# What stands right before JSON: ``body={…}``, ``"phones": […]``.
_KEY_BEFORE = re.compile(
    r"\b([^\W\d][\w.\-]{0,79}+)(?:\\{0,7}[\"'])?\s{0,2}[=:]\s{0,4}\Z"
)
_KEY_WINDOW = 100


class Part(IntEnum):
    """What a token is."""

    TEXT = 1
    KEY = 2
    NUMBER = 3


class Token(NamedTuple):
    """
    A text, a key or a number of JSON, and the key that it stands under.

    ``start`` and ``end`` enclose what is between the quotes, or the number; ``value``
    is decoded.
    """

    part: Part
    start: int
    end: int
    value: str
    under: str


def may_hold_json(text: str) -> bool:
    """Tell by the signs that JSON begins with; cheap, and never final."""
    return (
        '"' in text and len(text) >= _FEWEST_SIGNS and _BEGIN.search(text) is not None
    )


def json_tokens(text: str, key: str, field_key: FieldKey) -> Iterator[Token]:
    """
    Give what all JSON in a text holds, in order; ``key`` is what the text stands under.

    A key is given only if its value can be read.
    """
    begin = _BEGIN.search(text)
    while begin is not None:
        start = begin.end() - 1
        before = _KEY_BEFORE.search(text[max(0, start - _KEY_WINDOW) : start])
        end = yield from _tokens(text, start, before[1] if before else key, field_key)
        begin = _BEGIN.search(text, max(end, begin.end()))


def unused_mark(text: str) -> str:
    """Give a placeholder that does not stand in a text."""
    number = 0
    while (mark := f"⟨json:{number}⟩") in text:
        number += 1
    return mark


def written(value: str, raw: str) -> str:
    """
    Write a text as JSON does between its quotes, in the place of ``raw``.

    A control character that stood there unescaped, which JSON forbids, stays so; where
    a slash was escaped each one is.
    """
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    if "\\/" in raw:
        escaped = escaped.replace("/", "\\/")
    bare = set(_CONTROL.findall(raw))
    if not bare:
        return escaped
    return _ESCAPE.sub(
        lambda hit: one if (one := decoded(hit[0])) in bare else hit[0], escaped
    )


def decoded(raw: str) -> str:
    """Give what stands between the quotes of JSON, half surrogates as they are."""
    if "\\" not in raw:
        return raw
    found: str = json.loads(f'"{raw}"', strict=False)
    return found


def _tokens(  # noqa: C901 - one state machine, in one place
    text: str, start: int, key: str, field_key: FieldKey
) -> Generator[Token, None, int]:
    """Give the tokens of JSON that begins at ``start``; return where it ends."""
    # The key of what encloses, and the fields before; the key of what comes next.
    above: list[tuple[str, dict[str, str]]] = []
    under = here = key
    fields: dict[str, str] = {}
    field = ""
    waiting: Token | None = None
    place = start
    while (hit := _TOKEN.match(text, place)) is not None:
        if hit[3] and _AFTER_NUMBER.match(text, hit.end()) is None:
            break
        place = hit.end()
        if waiting is not None:
            yield waiting
            waiting = None
        if hit[4]:
            above.append((under, fields))
            under, fields, field = here, {}, ""
            continue
        if hit[5]:
            if not above:
                break
            under, fields = above.pop()
            here, field = under, ""
        elif hit[3]:
            yield Token(Part.NUMBER, *hit.span(3), hit[3], here)
        else:
            value = decoded(hit[1])
            if hit[2]:
                waiting = Token(Part.KEY, *hit.span(1), value, "")
                here, field = field_key(under, value, fields), value
                continue
            if field in NAMES_A_VALUE:
                fields[field] = value
            yield Token(Part.TEXT, *hit.span(1), value, here)
        if not above:
            break
    return place
