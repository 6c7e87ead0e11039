# ruff: noqa: RUF001 - commas of other scripts
"""
Where in a long text an address may be: near a street, a country, or a list with commas.

In a short text it may be anywhere, as a cue alone can make one; this is not asked then.
"""

from collections.abc import Iterator, Sequence

from gateway.redaction.hint import Hint

_TELLING = Hint.STREET | Hint.COUNTRY
# An address has seldom more lines before or after the one that tells.
_LINES_BESIDE = 3
_COMMAS = (", ", "،", "、", "，")


def address_zones(
    text: str, lines: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int]]:
    """
    Give stretches of whole lines, in order and apart.

    ``lines`` are those of the text, (start, end, hints).
    """
    first = last = 0
    for number, (start, end, hinted) in enumerate(lines):
        if not (hinted & _TELLING or any(one in text[start:end] for one in _COMMAS)):
            continue
        if number - _LINES_BESIDE > last > first:
            yield lines[first][0], lines[last - 1][1]
            first = number - _LINES_BESIDE
        elif last == first:
            first = max(0, number - _LINES_BESIDE)
        last = min(len(lines), number + _LINES_BESIDE + 1)
    if last > first:
        yield lines[first][0], lines[last - 1][1]
