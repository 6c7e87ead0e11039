# ruff: noqa: RUF001 - commas of other scripts
"""
Where in a long text an address may be: near a street, a country, or a list with commas.

In a short text it may be anywhere, as a cue alone can make one.
"""

import re
from collections.abc import Iterator

from gateway.redaction.hint import Hint, hints

_SHORT = 2_000
# An address has seldom more lines before or after the one that tells.
_LINES_BESIDE = 3
_LINE = re.compile(r"[^\n]+")
_COMMAS = (", ", "،", "、", "，")


def address_zones(text: str) -> Iterator[tuple[int, int]]:
    """Give stretches of whole lines, in order and apart."""
    if len(text) <= _SHORT:
        yield 0, len(text)
        return
    lines = [hit.span() for hit in _LINE.finditer(text)]
    first = last = 0
    for number, line in enumerate(lines):
        if not _tells(text[line[0] : line[1]]):
            continue
        if number - _LINES_BESIDE > last > first:
            yield lines[first][0], lines[last - 1][1]
            first = number - _LINES_BESIDE
        elif last == first:
            first = max(0, number - _LINES_BESIDE)
        last = min(len(lines), number + _LINES_BESIDE + 1)
    if last > first:
        yield lines[first][0], lines[last - 1][1]


def _tells(line: str) -> bool:
    if any(comma in line for comma in _COMMAS):
        return True
    return hints(line.lower()) & (Hint.STREET | Hint.COUNTRY) != 0
