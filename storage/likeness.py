"""
Likeness of short texts without a model: hashed words and character trigrams.

A text becomes 256 numbers of length one; the cosine of two of them is high where they
share words or most of their spelling, so that "pasword resett" finds "password reset".
"""

import re
from collections.abc import Iterator
from hashlib import blake2b
from math import sqrt

DIMENSIONS = 256
_WORD = re.compile(r"\w+")
_GRAM = 3
_WORD_WEIGHT = 2.0


def features(text: str) -> list[float]:
    """Give the text's numbers; all are 0 where it has no word."""
    found = [0.0] * DIMENSIONS
    for part, weight in _parts(text.lower()):
        digest = blake2b(part.encode(), digest_size=4).digest()
        place = int.from_bytes(digest[:2]) % DIMENSIONS
        found[place] += weight if digest[2] % 2 else -weight
    length = sqrt(sum(one * one for one in found))
    return [round(one / length, 6) for one in found] if length else found


def _parts(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text):
        yield f"word {word}", _WORD_WEIGHT
        padded = f" {word} "
        for start in range(len(padded) - _GRAM + 1):
            yield padded[start : start + _GRAM], 1.0
