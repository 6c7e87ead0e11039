"""
Names that no quotes enclose: logfmt, queries, an object's ``toString``, a form's lines.

Only what is written as a name is one: words of letters that begin with a capital, and
particles between them. A service, a pod or a call stands behind the same keys.
"""

import re
from collections.abc import Iterator

from gateway.redaction.keys import kind_of_key
from gateway.redaction.plausible import is_value
from gateway.redaction.span import Kind, Span

_PARTICLES = (
    r"(?:van|von|der|den|de|del|della|di|da|do|dos|das|du|la|le|las|los|bin|ibn|al|el"
    r"|y|e|ter|ten|zu|zur)"
)
# A capital, or a letter of a script that has none; no two capitals, as ``HTTP``.
_WORD = (
    r"(?![^\W\d_]?[A-Z]{2})(?![a-zß-öø-ÿа-яα-ω])[^\W\d_](?:['’-]?[^\W\d_]){0,40}+\.?"  # noqa: RUF001
)
_BETWEEN = r"(?:[ +]|%20)"
_NAME = re.compile(
    rf"(?:{_PARTICLES}{_BETWEEN}){{0,2}}{_WORD}"
    rf"(?:{_BETWEEN}(?:{_PARTICLES}{_BETWEEN}){{0,2}}{_WORD}(?![\w.-]{{0,40}}[=:])){{0,3}}"
)
# What follows a value; a call, a path, a host or a key goes on otherwise.
_END = re.compile(r"\.?(?:[\s,;&)}\]|\"'⟩]|\*\*|\\[nrt]|</?|\Z)")
# What a form asks for, in more words than a key has.
_ASKED = re.compile(
    r"(?<![\w-])(?i:(?:first|last|full|given|family|middle|maiden|legal|customer|contact"
    r"|patient|guest|employee|requester|sender|recipient|(?:account|card)[ ]?holder)"
    r"(?:['’]?s)?[ ]name)[ \t]{0,3}[:=：]\**[ \t]{0,8}(?=[^\W\d_])"  # noqa: RUF001
)


def name_behind(text: str, start: int, key: str) -> Iterator[Span]:
    """Give the name that begins right behind a key's sign, if it is written as one."""
    end = _end_of_name(text, start)
    if end is not None and is_value(Kind.NAME, text[start:end], key):
        yield Span(start, end, Kind.NAME)


def asked_names(text: str) -> Iterator[Span]:
    """Give the names behind ``First name:`` and its like."""
    for hit in _ASKED.finditer(text):
        yield from name_behind(text, hit.end(), "full_name")


def _end_of_name(text: str, start: int) -> int | None:
    found = _NAME.match(text, start)
    if found is None or _END.match(text, found.end()) is None:
        return None
    # code hands values on under the names of their variables: ``fullName=lastName``
    words = re.split(_BETWEEN, found[0])
    is_code = len(words) == 1 and kind_of_key(words[0]) is Kind.NAME
    return None if is_code else found.end() - found[0].endswith(".")
