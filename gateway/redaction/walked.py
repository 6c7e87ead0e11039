"""
Where a text is to be redacted, what stands in its JSON among it: spans and no more.

What ``redact_text`` replaces, told in places of the text as it is written, for who
keeps no vault. A span never begins or ends within an escape.
"""

import json
import re
from bisect import bisect_right
from typing import NamedTuple

from gateway.redaction.encoded import View
from gateway.redaction.json_text import (
    Part,
    Token,
    json_tokens,
    may_hold_json,
    unused_mark,
)
from gateway.redaction.keys import kind_under
from gateway.redaction.nested_key import field_key
from gateway.redaction.span import Policy, Span
from gateway.redaction.storable import storable
from gateway.redaction.telling import (
    find_under,
    is_named,
    kind_of_number,
    may_tell,
    named_parts,
)

# Each string of JSON that another one holds has fewer signs than that; past so many
# none is left that a row could hold.
_DEEPEST = 24
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


def find_walked(text: str, policy: Policy) -> Walked:
    """Find by the keys of all JSON in a text, then in what stands around it."""
    return _find(text, "", policy, 0)


def _find(text: str, key: str, policy: Policy, depth: int) -> Walked:
    if not may_hold_json(text) or depth == _DEEPEST:
        return Walked(find_under(key, text, policy), frozenset())
    found: list[Span] = []
    numbers: set[int] = set()
    masked: list[tuple[int, int]] = []
    if "\\" in text or may_tell(text) or find_under(key, text, policy):
        for token in json_tokens(text, key, field_key):
            spans = _in_token(token, text, policy, depth)
            found += spans
            if token.part is not Part.NUMBER or spans:
                masked.append((token.start, token.end))
            if token.part is Part.NUMBER and spans:
                numbers.add(token.start)
        found += _around(text, key, policy, masked)
    return Walked(sorted(found, key=lambda one: one.start), frozenset(numbers))


def _in_token(token: Token, text: str, policy: Policy, depth: int) -> list[Span]:
    if token.part is Part.NUMBER:
        told = kind_of_number(token.value, token.under, policy)
        return [] if told is None else [Span(token.start, token.end, told[0])]
    value = storable(token.value)
    spans = _in_value(value, token, policy, depth)
    if not spans:
        return []
    view = _view(text, token.start, token.end)
    return [Span(*view.source(one.start, one.end), one.kind) for one in spans]


def _in_value(value: str, token: Token, policy: Policy, depth: int) -> list[Span]:
    if token.part is Part.KEY:
        return find_under("", value, policy)
    kind = kind_under(token.under, policy)
    if kind is not None and is_named(kind, value, token.under):
        return [Span(start, end, kind) for start, end in named_parts(value)]
    return _find(value, token.under, policy, depth + 1).spans


def _around(
    text: str, key: str, policy: Policy, masked: list[tuple[int, int]]
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
    for span in find_under(key, "".join(parts), policy):
        shift = shifts[bisect_right(starts, span.start) - 1]
        found.append(Span(span.start + shift, span.end + shift, span.kind))
    return found


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
