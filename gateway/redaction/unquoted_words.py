"""
Names that no quotes enclose: logfmt, queries, an object's ``toString``, a form's lines.

Only what is written as a name, and ends as a value does, is one: the same keys name
services and pods, and stand in code and before prose.
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
_WORD = r"(?![^\W\d_]?[A-Z]{2})(?![a-zß-öø-ÿа-яα-ω])[^\W\d_](?:['’-]?[^\W\d_]){0,40}+"  # noqa: RUF001
_BETWEEN = r"(?:[ +]|%20)"
_NAME = re.compile(
    rf"(?:{_PARTICLES}{_BETWEEN}){{0,2}}{_WORD}"
    rf"(?:{_BETWEEN}(?:{_PARTICLES}{_BETWEEN}){{0,2}}{_WORD}(?![\w.-]{{0,40}}[=:])){{0,3}}"
)
# Behind one word another field may begin; blanks within a value need a sign at its end.
_FIELD = r"[ \t]{1,4}[A-Za-z_][\w.-]{0,40}="
_END_OF_ONE = re.compile(rf"[,;&)}}\]]|{_FIELD}|\\n|[ \t]{{0,8}}(?:\r?\n|\Z)|[ ]HTTP/")
_END_OF_MORE = re.compile(r"[,;&)}\]]")
_END_OF_LINE = re.compile(r"[,;]|\\n|[ \t]{0,8}(?:\r?\n|\Z)")
# What forms and logs put in a name's place.
_NO_NAME = re.compile(
    r"(?i:yes|no|not|none|null|nil|true|false|this|that|the|must|can't|cannot|invalid"
    r"|missing|required|unknown|error|too|any|all|default|blank|empty|found|provided"
    r"|failed|denied|deleted|anonymous|string|number|array|object|function|date|first"
    r"|last|name|user|test|ok|on|off)"
)
# What a form asks for, in more words than a key has.
_ASKED = re.compile(
    r"(?<![\w-])(?i:(?:first|last|full|given|family|middle|maiden|legal|customer|contact"
    r"|patient|guest|employee|requester|recipient|(?:account|card)[ ]?holder)"
    r"(?:['’]?s)?[ ]name)[ \t]{0,3}[:=：]\**[ \t]{0,8}(?=[^\W\d_])"  # noqa: RUF001
)


def name_behind(text: str, start: int, key: str) -> Iterator[Span]:
    """Give the name that begins right behind a key's equals sign, if it is one."""
    found = _NAME.match(text, start)
    if found is None:
        return
    ends = _END_OF_MORE if " " in found[0] else _END_OF_ONE
    if ends.match(text, found.end()):
        yield from _judged(found, key)


def asked_names(text: str) -> Iterator[Span]:
    """Give the names behind ``First name:`` and its like, where nothing follows."""
    for hit in _ASKED.finditer(text):
        found = _NAME.match(text, hit.end())
        if found is not None and _END_OF_LINE.match(text, found.end()):
            yield from _judged(found, "full_name")


def _judged(found: re.Match[str], key: str) -> Iterator[Span]:
    words = re.split(_BETWEEN, found[0])
    # code hands values on under the names of their variables: ``fullName=LastName``
    is_code = len(words) == 1 and kind_of_key(words[0]) is Kind.NAME
    if is_code or any(map(_NO_NAME.fullmatch, words)):
        return
    if is_value(Kind.NAME, found[0], key):
        yield Span(*found.span(), Kind.NAME)
