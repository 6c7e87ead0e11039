"""Payment cards: a known issuer's first digits, a length that goes with them, Luhn."""

import re
from collections.abc import Iterator

from gateway.redaction.checksum import is_luhn
from gateway.redaction.cue import is_measure, key_before
from gateway.redaction.span import Taken

_CARD = re.compile(r"[2-6](?<![\w.+-].)\d{3}(?:[ -]?\d){8,15}(?![\w-]|\.\d)")
# Issuers' ranges (ISO/IEC 7812): Visa, Mastercard, Amex, Diners, Discover, JCB,
# UnionPay.
_ISSUER = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d"
    r"|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}"
    r"|62\d{14,17}"
)
# The shortest has fifteen digits, or thirteen in groups.
SHORTEST_CARD = 15
_GROUPED = re.compile(
    r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{4}\2\d{4}\2\d{4}\2\d{1,3}"
    r"|\d{4}([ -])\d{6}\3\d{4,5}"
)
# A card and, behind a blank, other digits: ``12/27``, ``123``.
_BEFORE_DIGITS = re.compile(
    r"(?:\d{15,16}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5})(?=[ ]\d)"
)
# Bare digits of another length are ids more often than cards.
_BARE_LENGTHS = {15, 16}


def cards(text: str, taken: Taken) -> Iterator[tuple[int, int]]:
    """Give card numbers that are free, in order."""
    hit = _CARD.search(text)
    while hit is not None:
        start, end = hit.start(), _end_of_card(text, hit)
        is_found = end is not None and taken.is_free(start, end)
        if end is not None and is_found:
            yield start, end
        # what is none may begin with the end of another number
        hit = _CARD.search(text, end if is_found and end is not None else start + 1)


def _end_of_card(text: str, hit: re.Match[str]) -> int | None:
    """Give where a card ends, maybe before the digits of what expires or checks it."""
    if _is_card(text, hit.start(), hit[0]):
        return hit.end()
    shorter = _BEFORE_DIGITS.match(text, hit.start())
    if shorter is not None and _is_card(text, hit.start(), shorter[0]):
        return shorter.end()
    return None


def _is_card(text: str, start: int, number: str) -> bool:
    digits = number.replace(" ", "").replace("-", "")
    if digits == number:
        if len(digits) not in _BARE_LENGTHS:
            return False
    elif _GROUPED.fullmatch(number) is None:
        return False
    if _ISSUER.fullmatch(digits) is None or not is_luhn(digits):
        return False
    key = key_before(text, start) or ""
    return not is_measure(key) or "card" in key.lower()
