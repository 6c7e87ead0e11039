"""What a key tells of the value under it, and what a value tells by itself."""

import re
from itertools import chain

from gateway.redaction.hint import Hint, hints
from gateway.redaction.keys import is_faint
from gateway.redaction.nested_key import (
    ADDRESS_REGION,
    MACHINES_NAME,
    NO_REGION,
    PERSONS_NAME,
    may_nest_people,
)
from gateway.redaction.placeholder import ANY
from gateway.redaction.plausible import is_count, is_no_value, is_value
from gateway.redaction.span import Kind

_SIGN = re.compile(r"[^\W_]")


def is_named(kind: Kind, value: str, key: str) -> bool:
    """Tell whether a key decides: a secret's always, a person's if it could be one."""
    if kind is Kind.SECRET and not is_faint(key):
        return value != "" and not is_count(value, key)
    if kind is Kind.NAME:
        is_machines = key == PERSONS_NAME and MACHINES_NAME.fullmatch(value) is not None
        return value.strip() != "" and not is_no_value(value) and not is_machines
    if key == ADDRESS_REGION and NO_REGION.fullmatch(value) is not None:
        return False
    return is_value(kind, value, key)


def named_parts(value: str) -> list[tuple[int, int]]:
    """
    Give the stretches of a named value that no placeholder stands for already.

    Without the blanks around them, so that the same value comes back as it was.
    """
    if value == "" or ANY.search(value) is None:
        return [_bare(value, 0, len(value))]
    places = [0, *chain.from_iterable(hit.span() for hit in ANY.finditer(value))]
    pairs = zip(places[::2], [*places[1::2], len(value)], strict=True)
    return [_bare(value, *pair) for pair in pairs if _SIGN.search(value, *pair)]


def _bare(value: str, start: int, end: int) -> tuple[int, int]:
    part = value[start:end]
    bare = part.strip() or part
    start += len(part) - len(part.lstrip()) if part.strip() else 0
    return start, start + len(bare)


def may_tell(text: str) -> bool:
    """Tell a word that a telling key has, or a person's fields; a mark has none."""
    bare = ANY.sub(" ", text) if "⟨" in text else text
    return hints(bare.lower()) & Hint.KEY != 0 or may_nest_people(bare)
