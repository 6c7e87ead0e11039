"""
A prefilter: what the words of a text hint at, so that most detectors need not look.

Logs say the same few thousand words again and again, so each is judged once.
"""

import re
from enum import IntEnum
from functools import cache, lru_cache, reduce
from operator import or_

from gateway.redaction.country import longest_words
from gateway.redaction.cue import PHONE_STEMS
from gateway.redaction.keys import PART_OF_KEY
from gateway.redaction.national_id import CUE_STEMS
from gateway.redaction.postal_address import is_cue_word
from gateway.redaction.secret import KEYWORD_STEMS, is_mark_word
from gateway.redaction.street import STREET_ENDINGS_QUICK, street_words

_WORD = re.compile(r"[^\W\d_]{2,}")
# Small letters stay, and what is none becomes a blank: cheaper by half than a pattern.
_ASCII_LETTERS = bytes(
    sign if sign in b"abcdefghijklmnopqrstuvwxyz" else 32 for sign in range(256)
)


class Hint(IntEnum):
    """What a text may hold, a bit each; a flag type's ``&`` costs ten times as much."""

    KEY = 1
    NATIONAL_ID = 2
    STREET = 4
    PHONE = 8
    COUNTRY = 16
    PLACE = 32
    MARK = 64
    KEYWORD = 128


def hints(lowered: str) -> int:
    """Give the hints of all words of a text in lower case, as ``Hint``'s bits."""
    if lowered.isascii():
        words = lowered.encode().translate(_ASCII_LETTERS).split()
        return reduce(or_, map(_hints_of_ascii, words), 0)
    return reduce(or_, map(_hints_of, set(_WORD.findall(lowered))), 0)


@lru_cache(maxsize=65_536)
def _hints_of_ascii(word: bytes) -> int:
    return _hints_of(word.decode()) if len(word) > 1 else 0


@lru_cache(maxsize=65_536)
def _hints_of(word: str) -> int:
    found = 0
    if PART_OF_KEY.search(word) is not None:
        found |= Hint.KEY
    if _any_of(CUE_STEMS).search(word) is not None:
        found |= Hint.NATIONAL_ID
    has_ending = _any_of(STREET_ENDINGS_QUICK).search(word) is not None
    if has_ending or word in street_words():
        found |= Hint.STREET
    if word in longest_words():
        found |= Hint.COUNTRY
    if _any_of(PHONE_STEMS).search(word) is not None:
        found |= Hint.PHONE
    if is_cue_word(word):
        found |= Hint.PLACE
    if is_mark_word(word):
        found |= Hint.MARK
    if _any_of(KEYWORD_STEMS).search(word) is not None:
        found |= Hint.KEYWORD
    return found


@cache
def _any_of(stems: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, stems)))
