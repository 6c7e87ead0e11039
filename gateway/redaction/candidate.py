"""
Whether digits may be somebody's number: asked before evidence is looked for.

Most digits of logs are instants, hosts and counts. To look for all evidence costs many
times what it costs to see that no detector would take a number, evidence or not. What
this tells is exact where nothing of the text is taken: evidence only takes away.
"""

import re

from gateway.redaction.card import SHORTEST_CARD, cards
from gateway.redaction.national_id import has_own_form
from gateway.redaction.phone import (
    BETWEEN_DIGITS,
    FEWEST_OF_TWO,
    begins_national,
    has_international_form,
    national_phones,
)
from gateway.redaction.shields import IPV4, begins_evidence
from gateway.redaction.span import Taken

# As few digits as a phone number may have, with the separators that it may have.
DIGITS = re.compile(rf"\b\d(?:{BETWEEN_DIGITS}{{0,3}}\d){{4}}")
_HOST = rf"{IPV4}(?:[:/]\d{{1,5}})?(?![\w.]*\d)(?!{BETWEEN_DIGITS}{{0,3}}\d)"
# No number begins within another, nor where digits go on with a letter, as an instant's
# do, nor where a host's address stands by itself: what of it ``shields`` would take.
_STRETCH = re.compile(
    r"\d(?<!\w.)(?<!\d[.\-].)(?!\d*+(?:[.\-]\d++)*+[^\W\d])"
    rf"(?:(?<=[.+%\-].)|(?<=(?!{_HOST})\d))"
    rf"(?:{BETWEEN_DIGITS}{{0,3}}\d){{4,}}+"
)
_ASCII_STRETCH = re.compile(_STRETCH.pattern, re.ASCII)
_MEASUREMENT = re.compile(r"\d+\.\d+")
# Before a number's first digit a bracket may stand, and two separators.
_BRACKET_WINDOW = 3


def may_hold_number(text: str, *, has_cue: bool) -> bool:
    """
    Tell a text in which a card, an id by its own form, or a phone may be found.

    ``has_cue``: one of ``PHONE_STEMS`` is somewhere in the text. Regions of policy and
    ids that need a cue are not asked for.
    """
    if has_own_form(text) or has_international_form(text):
        return True
    longest, is_open = 0, False
    stretches = _ASCII_STRETCH if text.isascii() else _STRETCH
    for hit in stretches.finditer(text):
        digits = hit[0].replace(".", "").replace("-", "").replace("/", "")
        longest = max(longest, len(hit[0]))
        if _is_parted(text, hit, digits):
            is_open = True
        elif begins_national(
            text, hit.start(), has_cue=has_cue, is_evidence=begins_evidence
        ):
            return True
    nothing = Taken()
    if longest >= SHORTEST_CARD and next(cards(text, nothing), None) is not None:
        return True
    return is_open and _has_national(text, nothing, has_cue=has_cue)


def _is_parted(text: str, stretch: re.Match[str], digits: str) -> bool:
    """
    Tell digits of which others than the first may begin a number.

    A blank or a bracket parts them, or they are enough for two; of a measurement the
    part behind its point is none, and all of it is evidence if its beginning is.
    """
    start = stretch.start()
    if "(" in text[max(0, start - _BRACKET_WINDOW) : start]:
        return True
    if len(digits) < FEWEST_OF_TWO:
        return not digits.isdecimal()
    is_measurement = _MEASUREMENT.fullmatch(stretch[0]) is not None
    return not (is_measurement and begins_evidence(text, start))


def _has_national(text: str, nothing: Taken, *, has_cue: bool) -> bool:
    found = national_phones(
        text, nothing, (), has_cue=has_cue, is_evidence=begins_evidence
    )
    return next(found, None) is not None
