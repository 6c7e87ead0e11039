"""
Texts in which nothing is, as most lines of logs: told without a search.

Each question is the prefilter of one detector, or the detector itself where its words
are frequent; the cheapest stand first. Where one says yes, the text is searched.
"""

from itertools import chain

from gateway.redaction.candidate import DIGITS, may_hold_number
from gateway.redaction.constraint import constraints
from gateway.redaction.encoded import base64_values, dressed
from gateway.redaction.hint import Hint
from gateway.redaction.keyed import keyed
from gateway.redaction.one_word_id import one_word_ids
from gateway.redaction.secret import has_bare_keyword, secrets
from gateway.redaction.span import Policy

_SEARCHED = Hint.NATIONAL_ID | Hint.STREET | Hint.BIRTH
_SECRET = Hint.MARK | Hint.KEYWORD


def is_quiet(text: str, lowered: str, *, hinted: int, policy: Policy) -> bool:
    """
    Tell a text that holds nothing, by its signs and the hints of its words.

    Only ASCII is told, and only for a policy that asks for nothing beyond what always
    is redacted.
    """
    return not (
        hinted & _SEARCHED
        or not text.isascii()
        or "@" in text
        or ", " in text
        or "\n" in text
        or "%" in text
        or "\\" in text
        or "&" in text
        or "</" in text
        or next(dressed(text), None) is not None
        or has_bare_keyword(lowered)
        or (hinted & Hint.KEY and _has_key(text, policy))
        or (hinted & _SECRET and _has_secret(text, lowered, hinted))
        or (lowered != text and next(one_word_ids(text), None) is not None)
        or (lowered != text and next(base64_values(text), None) is not None)
        or (
            DIGITS.search(text) is not None
            and may_hold_number(text, has_cue=hinted & Hint.PHONE != 0)
        )
    )


def _has_key(text: str, policy: Policy) -> bool:
    found = chain(keyed(text, policy, [(0, len(text))]), constraints(text, policy))
    return next(found, None) is not None


def _has_secret(text: str, lowered: str, hinted: int) -> bool:
    found = secrets(
        text,
        lowered,
        has_mark=hinted & Hint.MARK != 0,
        has_keyword=hinted & Hint.KEYWORD != 0,
    )
    return next(found, None) is not None
