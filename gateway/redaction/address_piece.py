# ruff: noqa: RUF001 - signs of other scripts
"""A piece of an address: what stands between two commas, and what it holds."""

import re
from dataclasses import dataclass

from gateway.redaction.country import countries, most_words
from gateway.redaction.street import (
    BROKEN_POSTCODE,
    HOUSE_NUMBER,
    PLAIN_POSTCODE,
    POSTCODE,
    bare,
    has_street_ending,
    is_street_word,
    particles,
    street_words,
)

_LONGEST = 90
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")
# English puts these words behind a street's name.
_AFTER_A_NAME = frozenset(
    {"street", "st", "road", "rd", "drive", "dr", "lane", "ln", "way", "court", "ct"}
    | {"place", "pl", "square", "sq", "path", "row", "track", "gate", "walk", "close"}
    | {"circle", "loop", "trail", "yard", "hill", "rise", "alley", "crescent", "parade"}
)
_BOXES = frozenset({"postfach", "postbus", "postboks", "apartado", "casilla"})
_TRIMMED = " \u00a0\t.,:;-–/'"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a run, with what it holds."""

    start: int
    end: int
    named: bool = False
    country: bool = False
    street: bool = False
    number: bool = False
    postcode: bool = False
    broken_postcode: bool = False


def weigh_piece(
    text: str, words: list[re.Match[str]], *, is_first: bool
) -> Piece | None:
    """Judge neighbouring words; those at the edges that say nothing are left out."""
    if is_first:
        while words and words[0][0].islower() and _is_mere_particle(words[0][0]):
            words = words[1:]
    if not words:
        return None
    start, end = _trim(text, words[0].start(), words[-1].end())
    part = text[start:end]
    if not part or len(part) > _LONGEST:
        return None
    inner = [word[0] for word in words]
    number = HOUSE_NUMBER.search(part) is not None
    postcode = PLAIN_POSTCODE.search(part) is not None
    if postcode and len(_NUMBER.findall(part)) == 1:
        number = False
    return Piece(
        start,
        end,
        named=_LETTER.search(part) is not None,
        country=is_country(inner),
        street=_has_street(inner, has_number=number),
        number=number,
        postcode=postcode,
        broken_postcode=BROKEN_POSTCODE.search(part) is not None,
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    start += len(part) - len(part.lstrip(_TRIMMED + "("))
    end -= len(part) - len(part.rstrip(_TRIMMED))
    part = text[start:end]
    if part.endswith(")") and "(" not in part:
        end = start + len(part.rstrip(")"))
    return start, max(start, end)


def _has_street(words: list[str], *, has_number: bool) -> bool:
    """Tell a street by its word beside a name, or by the ending of its name."""
    if len(words) > 1 and bare(words[0]) in _BOXES and words[1][0].isdigit():
        return True
    if any(has_street_ending(word, has_number=has_number) for word in words):
        return True
    if not any(
        word[0].isalpha() and not word[0].islower() and not is_street_word(word)
        for word in words
    ):
        return False
    # "12 Drive failures" is no street, "15 Rue Bleue" and "12 Court Road" are
    is_counted = (
        len(words) > 1 and words[0][0].isdigit() and bare(words[1]) in _AFTER_A_NAME
    )
    return any(map(is_street_word, words[2:] if is_counted else words))


def country_prefix(words: list[re.Match[str]]) -> int:
    """Give how many words at the left are a country, in prose that goes on."""
    for count in range(min(len(words), most_words()), 0, -1):
        if is_country([word[0] for word in words[:count]]):
            return count
    return 0


def is_country(words: list[str]) -> bool:
    """Tell a country, alone or with a postcode beside it, or at the edge of a piece."""
    names = [
        name
        for word in words
        if POSTCODE.fullmatch(word) is None and (name := bare(word)).strip("-&/–")
    ]
    if not 0 < len(names) <= most_words() + 2:
        return False
    joined = " ".join(names)
    return joined in countries() or joined.removesuffix(".") in countries()


def _is_mere_particle(word: str) -> bool:
    return bare(word) in particles() and bare(word) not in street_words()
