"""
Where a text is to be redacted, what stands in its JSON among it: spans and no more.

What ``redact_text`` replaces, told in places of the text as it is written, for who
keeps no vault. A span never begins or ends within an escape.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from gateway.redaction.encoded import View
from gateway.redaction.find import find
from gateway.redaction.json_text import (
    Part,
    Token,
    json_tokens,
    may_hold_json,
    unused_mark,
)
from gateway.redaction.key_lines import KeyLines
from gateway.redaction.keys import kind_under
from gateway.redaction.named import named_spans
from gateway.redaction.nested_key import field_key_in
from gateway.redaction.number import whole_digits
from gateway.redaction.span import Kind, Policy, Span
from gateway.redaction.storable import storable
from gateway.redaction.telling import is_named, may_tell

# Within how many strings of JSON others are walked.
DEEPEST = 8
# Numbers and lists may be what their key says.
_NUMBER = re.compile(r"\d(?:\W{0,3}\d){4}")
_KEY = re.compile(r"[A-Za-z_][\w.\-]{0,79}")
# As few digits as a card has; of a number written as a measurement, as a phone has.
_FEWEST_OF_A_CARD = 12
_FEWEST_OF_A_PHONE = 7
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\(?:u[0-9a-fA-F]{4}|[\"\\/bfnrt])"
)


class Walked(NamedTuple):
    """
    Spans in order, apart from each other.

    ``numbers`` are the beginnings of those that are a number of JSON: what stands for
    one needs quotes.
    """

    spans: list[Span]
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Search:
    """``depth``: in how many strings of JSON; ``is_decoded``: in what was encoded."""

    policy: Policy
    depth: int = 0
    is_decoded: bool = False

    def within(self) -> "_Search":
        return _Search(self.policy, self.depth + 1, self.is_decoded)

    def walk(self, text: str) -> list[Span]:
        """Search what an encoding hid; what that hides again is searched as text."""
        within = _Search(self.policy, self.depth, is_decoded=True)
        return _find(text, "", within).spans


def find_walked(text: str, policy: Policy) -> Walked:
    """Find by the keys of all JSON in a text, then in what stands around it."""
    return _find(text, "", _Search(policy))


def find_under(key: str, text: str, policy: Policy) -> list[Span]:
    """Search a text as if it stood behind its key, where that may tell something."""
    return _find_under(key, text, _Search(policy))


def is_telling(text: str, key: str, policy: Policy) -> bool:
    kind = kind_under(key, policy)
    if kind is not None and is_named(kind, text, key):
        return True
    return find_under(key, text, policy) != []


def kind_of_number(number: str, key: str, policy: Policy) -> tuple[Kind, str] | None:
    """Give what a number of JSON is and its digits, if its key or its form tells."""
    digits = whole_digits(number)
    kind = kind_under(key, policy)
    if kind is Kind.SECRET and is_named(kind, number, key):
        return kind, number
    if digits is None:
        return None
    may_be_named = digits == number or len(digits) >= _FEWEST_OF_A_PHONE
    if kind is not None and may_be_named and is_named(kind, digits, key):
        return kind, digits
    fewest = _FEWEST_OF_A_PHONE if policy.phone_regions else _FEWEST_OF_A_CARD
    if len(digits) < fewest:
        return None
    found = find_under(key, digits, policy)
    return (found[0].kind, digits) if found else None


def _find(text: str, key: str, search: _Search) -> Walked:
    if not may_hold_json(text):
        return Walked(_find_under(key, text, search), frozenset())
    found: list[Span] = []
    numbers: set[int] = set()
    masked: list[tuple[int, int]] = []
    if "\\" in text or may_tell(text) or _find_under(key, text, search):
        if search.depth >= DEEPEST:
            # not walked, and refused whole
            return Walked([Span(0, len(text), Kind.SECRET)], frozenset())
        lines = KeyLines()
        for token in json_tokens(text, key, field_key_in(text)):
            if token.part is Part.TEXT and lines.holds(token.value):
                spans = [Span(token.start, token.end, Kind.SECRET)]
            else:
                spans = _in_token(token, text, search)
            found += spans
            if token.part is not Part.NUMBER or spans:
                masked.append((token.start, token.end))
            if token.part is Part.NUMBER and spans:
                numbers.add(token.start)
        found += _around(text, key, search, masked)
    return Walked(sorted(found, key=lambda one: one.start), frozenset(numbers))


def _in_token(token: Token, text: str, search: _Search) -> list[Span]:
    if token.part is Part.NUMBER:
        told = kind_of_number(token.value, token.under, search.policy)
        return [] if told is None else [Span(token.start, token.end, told[0])]
    value = storable(token.value)
    spans = _in_value(value, token, search)
    if not spans:
        return []
    view = _view(text, token.start, token.end)
    return [Span(*view.source(one.start, one.end), one.kind) for one in spans]


def _in_value(value: str, token: Token, search: _Search) -> list[Span]:
    if token.part is Part.KEY:
        return _find_under("", value, search)
    kind = kind_under(token.under, search.policy)
    if kind is not None and is_named(kind, value, token.under):
        return named_spans(kind, value)
    return _find(value, token.under, search.within()).spans


def _around(
    text: str, key: str, search: _Search, masked: list[tuple[int, int]]
) -> list[Span]:
    """Search around what was told, a mark in the place of each."""
    mark = unused_mark(text)
    parts: list[str] = []
    starts, shifts = [0], [0]
    last = place = 0
    for start, end in masked:
        parts += (text[last:start], mark)
        place += start - last + len(mark)
        last = end
        starts.append(place)
        shifts.append(last - place)
    parts.append(text[last:])
    found: list[Span] = []
    for span in _find_under(key, "".join(parts), search):
        shift = shifts[bisect_right(starts, span.start) - 1]
        found.append(Span(span.start + shift, span.end + shift, span.kind))
    return found


def _find_under(key: str, text: str, search: _Search) -> list[Span]:
    walk = None if search.is_decoded else search.walk
    if not key or not _needs_its_key(text) or _KEY.fullmatch(key) is None:
        return find(text, policy=search.policy, walk=walk)
    head = f'{key}="'
    shift, end = len(head), len(head) + len(text)
    return [
        Span(max(span.start, shift) - shift, min(span.end, end) - shift, span.kind)
        for span in find(f'{head}{text}"', policy=search.policy, walk=walk)
        if span.start < end and span.end > shift
    ]


def _needs_its_key(text: str) -> bool:
    return ", " in text or "\n" in text or _NUMBER.search(text) is not None


def _view(text: str, start: int, end: int) -> View:
    """Map what stands between the quotes of JSON, decoded, to where it stands."""
    places: list[int] = []
    lengths: list[int] = []
    sources: list[tuple[int, int]] = []
    place, last = 0, start
    for hit in _ESCAPE.finditer(text, start, end):
        place += hit.start() - last
        last = hit.end()
        length = len(json.loads(f'"{hit[0]}"'))
        places.append(place)
        lengths.append(length)
        sources.append(hit.span())
        place += length
    return View("", start, places, lengths, sources)
