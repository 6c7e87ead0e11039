"""
Names and addresses that no quotes enclose: logfmt, queries, forms, ``toString``.

Behind an equals sign a value ends where another field begins. A name goes on over
blanks while its words begin with capitals, an address up to a complaint about it.
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from gateway.redaction.keys import kind_of_key, may_name_host
from gateway.redaction.plausible import is_value
from gateway.redaction.span import Kind, Span

# A letter, or one that a query encodes.
_SIGN = r"(?:[^\W\d_]|%[0-9A-Fa-f]{2})"
_WORD = rf"{_SIGN}(?:[\w'’.%-]|\+(?=\w)){{0,80}}+"  # noqa: RUF001 - an apostrophe
_NAME = re.compile(rf"{_WORD}(?:[ ](?!\w[\w.-]*[=:])[^\W\d_][\w'’.-]{{0,40}}+){{0,3}}")  # noqa: RUF001
_ADDRESS = re.compile(
    r"(?:(?![ ,]{1,3}[A-Za-z_][\w.-]{0,40}[=:]|[ ]{2})"
    r"[^\n\t\r&;\"'<>(){}\[\]⟨⟩|]){1,160}+"
)
# A first word that is a host's, and no number of a house.
_HOST = re.compile(
    r"(?!\d{1,5}[A-Za-z]?[, +])(?=\S{0,200}[\d.:])[\w.:\-/\[\]]{2,200}(?!\w)"
)
_MOST_WORDS = 16
_DIGIT = re.compile(r"\d")
_BLANK = re.compile(r"[ +]|%20")
# What is said of a value where it should stand, or behind it.
COMPLAINT = re.compile(
    r"\b(?:is|was|must|may|can|cannot|could|should|failed|error|timeout|refused|denied"
    r"|found|required|invalid|unknown|missing|lookup|dial|expected|empty|null)\b"
)
# What a form asks for, in more words than a key has.
_ASKED = re.compile(
    r"(?<![\w-])(?i:(?:first|last|full|given|family|middle|maiden|legal|customer|contact"
    r"|requester|sender|recipient|(?:account|card)[ ]?holder)(?:['’]?s)?[ ]names?)"  # noqa: RUF001
    r"[ \t]{0,3}[:=：]\**[ \t]{0,8}(?=[^\W\d_])"  # noqa: RUF001 - Chinese's colon
)


def words_behind(text: str, start: int, kind: Kind, key: str) -> Iterator[Span]:
    """Give the name or the address that begins behind a key's equals sign."""
    if kind is not Kind.NAME and may_name_host(key) and _HOST.match(text, start):
        return
    ends = _end_of_name if kind is Kind.NAME else _end_of_address
    end = ends(text, start)
    if end is not None and is_value(kind, text[start:end], key):
        yield Span(start, end, kind)


def asked_names(text: str) -> Iterator[Span]:
    """Give the names behind ``First name:`` and its like."""
    for hit in _ASKED.finditer(text):
        end = _end_of_name(text, hit.end())
        if end is not None and is_value(Kind.NAME, text[hit.end() : end], "full_name"):
            yield Span(hit.end(), end, Kind.NAME)


def _end_of_name(text: str, start: int) -> int | None:
    found = _NAME.match(text, start)
    if found is None:
        return None
    words = found[0].split(" ")
    # code hands values on under the names of their variables
    if COMPLAINT.fullmatch(words[0].lower()) or kind_of_key(words[0]) is not None:
        return None
    more = takewhile(_goes_on, words[1:])
    return start + len(" ".join([words[0], *more]).rstrip(".-'"))


def _goes_on(word: str) -> bool:
    """Tell a name's next word from prose and from a log's (``GET``, ``HTTP``)."""
    is_initial = len(word.rstrip(".")) == 1
    return not word[0].islower() and (is_initial or not word.isupper())


def _end_of_address(text: str, start: int) -> int | None:
    found = _ADDRESS.match(text, start)
    if found is None:
        return None
    value = COMPLAINT.split(found[0], maxsplit=1)[0].rstrip(" ,.:-+")
    words = _BLANK.split(value)
    is_told = len(words) > 1 or _DIGIT.search(value) is not None
    return start + len(value) if is_told and len(words) <= _MOST_WORDS else None
