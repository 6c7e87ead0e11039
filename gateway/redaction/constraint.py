"""
What databases say of a row that they refuse: its columns name the values.

Postgres's ``Key (phone)=(…)``, MySQL's ``Duplicate entry '…' for key 'users.phone'``.
"""

import re
from collections.abc import Iterator

from gateway.redaction.card import cards
from gateway.redaction.keys import kind_under
from gateway.redaction.plausible import is_value
from gateway.redaction.span import Kind, Policy, Span, Taken

# In other languages too: ``Schlüssel »(phone)=(…)« existiert bereits``.
_POSTGRES = re.compile(
    r"(?i:\b(?:key|Schlüssel|llave|clave|clé|chiave|chave|contains))[ ][»«\"“]?"
    r"\(((?:[^()\n]|\((?:[^()\n]|\([^()\n]{0,80}\)){0,80}\)){1,200}+)\)[ ]?=[ ]?\("
    r"([^()\n]{1,400}+)\)"
)
_MYSQL = re.compile(
    r"\bDuplicate entry \\{0,3}'((?:(?!\\{0,3}'[ ]for)[^\n]){1,400}+)\\{0,3}' for key"
    r" \\{0,3}['\"`]?([\w.$-]{1,130})"
)
_BETWEEN = ", "
# What is removed for good outranks what comes back.
_FOR_GOOD = (Kind.SECRET, Kind.CARD)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_OF_AN_INDEX = re.compile(
    r"(?i:\A(?:idx|ix|uq|uk|uniq(?:ue)?|index|key)_"
    r"|_(?:idx|ix|uq|uk|uniq(?:ue)?|index|key|constraint)\Z)"
)
# A name as a row has it: a program's has digits, dots or small letters around a hyphen.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’]|-(?![a-z])){0,80}")  # noqa: RUF001


def constraints(text: str, policy: Policy) -> Iterator[Span]:
    """Give the values whose columns tell what they are."""
    if ")=(" in text or ") = (" in text:
        for hit in _POSTGRES.finditer(text):
            yield from _columns(hit, policy)
    if "uplicate entry " in text:
        for hit in _MYSQL.finditer(text):
            column = _OF_AN_INDEX.sub("", hit[2].rpartition(".")[2])
            # the parts of a key of several columns are joined: all of it
            kinds = {kind_under(one, policy) for one in column.split("_")}
            for_good = [one for one in _FOR_GOOD if one in kinds]
            kind = for_good[0] if for_good else kind_under(column, policy)
            if kind is not None and _is_value(kind, hit[1], column):
                yield Span(*hit.span(1), _outranked(kind, hit[1]))


def _columns(hit: re.Match[str], policy: Policy) -> Iterator[Span]:
    """Give each telling column's value; all, where a value holds what parts them."""
    columns, values = hit[1].split(_BETWEEN), hit[2].split(_BETWEEN)
    told = [_kind(one, policy) for one in columns]
    start = hit.start(2)
    if len(columns) != len(values):
        kinds = {kind for kind in told if kind is not None}
        # what is removed for good outranks what comes back
        if kinds:
            first = min(kinds & {*_FOR_GOOD} or kinds)
            yield Span(start, hit.end(2), _outranked(first, hit[2]))
        return
    for column, kind, value in zip(columns, told, values, strict=True):
        if kind is not None and _is_value(kind, value, column):
            yield Span(start, start + len(value), _outranked(kind, value))
        start += len(value) + len(_BETWEEN)


def _kind(column: str, policy: Policy) -> Kind | None:
    """Give what a column is, or what an expression (``lower(email)``) is made of."""
    kinds = (kind_under(one, policy) for one in _IDENTIFIER.findall(column))
    return next((one for one in kinds if one is not None), None)


def _outranked(kind: Kind, value: str) -> Kind:
    """Give a card's kind where one is within: it does not come back."""
    if kind not in _FOR_GOOD and next(cards(value, Taken()), None) is not None:
        return Kind.CARD
    return kind


def _is_value(kind: Kind, value: str, column: str) -> bool:
    is_name = kind is not Kind.NAME or _NAME.fullmatch(value) is not None
    return is_name and is_value(kind, value, column)
