"""
Values that a task knows, wherever they stand whole in a text.

Who fills a system's rows chooses both values and text: thousands of names that begin
alike are looked up by their lengths, not one by one.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[^\W_]")
# Longer ones are few in what a system can say; each is looked for by itself. What is
# longer still is nobody's name, and is searched as any text.
_LONG, _LONGEST = 200, 4_000
# How far before its first word a value begins, and how long it is.
_Shape = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KnownValues:
    """``shapes`` are by first word; a word that stands whole begins a value or none."""

    values: Collection[str]
    shapes: Mapping[str, Collection[_Shape]]
    long: tuple[tuple[str, str], ...]

    def find(self, text: str) -> list[tuple[int, int]]:
        """Give where values stand whole: leftmost, then longest, apart."""
        words = set(_WORD.findall(text))
        hits = sorted({*self._short(text, words), *self._longer(text, words)})
        found: list[tuple[int, int]] = []
        last = 0
        for start, size in hits:
            if start >= last:
                last = start - size
                found.append((start, last))
        return found

    def _short(self, text: str, words: set[str]) -> Iterator[tuple[int, int]]:
        """Give places with their lengths below zero, so that the longest sort first."""
        if self.shapes.keys().isdisjoint(words):
            return
        for word in _WORD.finditer(text):
            for before, length in self.shapes.get(word[0], ()):
                start = word.start() - before
                end = start + length
                is_within = start >= 0 and end <= len(text)
                is_known = is_within and text[start:end] in self.values
                if is_known and _is_whole(text, start, end):
                    yield start, -length

    def _longer(self, text: str, words: set[str]) -> Iterator[tuple[int, int]]:
        for word, value in self.long:
            if len(value) > len(text) or word not in words:
                continue
            start = text.find(value)
            while start != -1:
                is_whole = _is_whole(text, start, start + len(value))
                if is_whole:
                    yield start, -len(value)
                start = text.find(value, start + (len(value) if is_whole else 1))


def known_values(values: Collection[str]) -> KnownValues:
    """Index the values that hold a letter or a digit."""
    shapes: dict[str, set[_Shape]] = {}
    long: list[tuple[str, str]] = []
    for value in values:
        word = _WORD.search(value)
        if word is None or not _SIGN.search(value):
            continue
        if len(value) > _LONGEST:
            continue
        if len(value) > _LONG:
            long.append((word[0], value))
        else:
            shapes.setdefault(word[0], set()).add((word.start(), len(value)))
    return KnownValues(frozenset(values), shapes, tuple(long))


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell a stretch that no sign of a word stands beside."""
    return not (
        _WORD.match(text[start - 1 : start]) or _WORD.match(text[end : end + 1])
    )
