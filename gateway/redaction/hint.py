"""
A prefilter: what the words of a text hint at, so that most detectors need not look.

Logs say the same few thousand words again and again, so each is judged once.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import cache, lru_cache, reduce
from operator import or_

from gateway.redaction.birth_date import may_tell_birth
from gateway.redaction.country import longest_words
from gateway.redaction.cue import PHONE_STEMS, begins_adjacent_cue
from gateway.redaction.keys import PART_OF_KEY
from gateway.redaction.national_id import CUE_STEMS
from gateway.redaction.postal_address import is_cue_word, may_begin_cue
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
    CUE_BEGINS = 256
    DIALLED = 512
    BIRTH = 1024


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
    return sum(hint for hint, judge in _JUDGES if judge(word))


def _is_part_of_key(word: str) -> bool:
    return PART_OF_KEY.search(word) is not None


def _is_of_street(word: str) -> bool:
    return _holds(word, STREET_ENDINGS_QUICK) or word in street_words()


def _is_of_country(word: str) -> bool:
    return word in longest_words()


def _holds(word: str, stems: tuple[str, ...]) -> bool:
    return _any_of(stems).search(word) is not None


@cache
def _any_of(stems: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, stems)))


_JUDGES: tuple[tuple[Hint, Callable[[str], bool]], ...] = (
    (Hint.KEY, _is_part_of_key),
    (Hint.NATIONAL_ID, lambda word: _holds(word, CUE_STEMS)),
    (Hint.STREET, _is_of_street),
    (Hint.COUNTRY, _is_of_country),
    (Hint.PHONE, lambda word: _holds(word, PHONE_STEMS)),
    (Hint.PLACE, is_cue_word),
    (Hint.CUE_BEGINS, may_begin_cue),
    (Hint.DIALLED, begins_adjacent_cue),
    (Hint.MARK, is_mark_word),
    (Hint.BIRTH, may_tell_birth),
    (Hint.KEYWORD, lambda word: _holds(word, KEYWORD_STEMS)),
)
