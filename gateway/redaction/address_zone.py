# ruff: noqa: RUF001 - commas of other scripts
"""
Where in a long text an address may be: near a street, a country, a list with a cue.

A list between commas tells where a postcode or a cue is about it. In a short text an
address may be anywhere, as a cue alone can make one; this is not asked then.
"""

from collections.abc import Iterator, Sequence

from gateway.redaction.hint import Hint
from gateway.redaction.postal_address import hints_at_postcode

_TELLING = Hint.STREET | Hint.COUNTRY
# An address has seldom more lines before or after the one that tells.
_LINES_BESIDE = 3
# Longer ones are no line of an address alone.
_LONGEST = 160
_COMMAS = ("،", "、", "，")


def address_zones(
    text: str, lines: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int]]:
    """
    Give stretches about the lines that tell, in order and apart.

    ``lines`` are those of the text, (start, end, hints).
    """
    first = last = 0
    for number in _telling(text, lines):
        start, end = _about(lines, number)
        if start > last > first:
            yield first, last
        if start > last or last == first:
            first = start
        last = max(last, end)
    if last > first:
        yield first, last


def _about(lines: Sequence[tuple[int, int, int]], number: int) -> tuple[int, int]:
    """Give how far an address may go about a line: of a long line it has an end."""
    start, end, _ = lines[number]
    for first, last, _ in reversed(lines[max(0, number - _LINES_BESIDE) : number]):
        start = max(first, last - _LONGEST)
        if start > first:
            break
    for first, last, _ in lines[number + 1 : number + 1 + _LINES_BESIDE]:
        end = min(last, first + _LONGEST)
        if end < last:
            break
    return start, end


def _telling(text: str, lines: Sequence[tuple[int, int, int]]) -> Iterator[int]:
    """Give the lines that tell: commas do where the line or one beside has evidence."""
    for number, (start, end, hinted) in enumerate(lines):
        if hinted & _TELLING or (
            _has_comma(text, start, end)
            and _has_evidence(text, lines[max(0, number - 1) : number + 2])
        ):
            yield number


def _has_comma(text: str, start: int, end: int) -> bool:
    if text.find(", ", start, end) != -1:
        return True
    line = text[start:end]
    return not line.isascii() and any(one in line for one in _COMMAS)


def _has_evidence(text: str, lines: Sequence[tuple[int, int, int]]) -> bool:
    return any(
        hinted & Hint.PLACE or hints_at_postcode(text[start:end])
        for start, end, hinted in lines
    )
