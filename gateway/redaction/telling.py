"""What a key tells of the value under it, and what a value tells by itself."""

import re
from itertools import chain

from gateway.redaction.find import find
from gateway.redaction.hint import Hint, hints
from gateway.redaction.keys import is_faint, kind_under
from gateway.redaction.nested_key import (
    ADDRESS_REGION,
    MACHINES_NAME,
    NO_REGION,
    PERSONS_NAME,
    may_nest_people,
)
from gateway.redaction.number import whole_digits
from gateway.redaction.placeholder import ANY
from gateway.redaction.plausible import is_no_value, is_value
from gateway.redaction.span import Kind, Policy, Span

# Numbers and lists may be what their key says.
_NUMBER = re.compile(r"\d(?:\W{0,3}\d){4}")
# ``{"pass": 12, "fail": 0}``, of tests
_COUNT = re.compile(r"\d{1,4}(?:\.\d{1,20})?")
# As few digits as a card has; of a number written as a measurement, as a phone has.
_FEWEST_OF_A_CARD = 12
_FEWEST_OF_A_PHONE = 7
_SIGN = re.compile(r"[^\W_]")
_KEY = re.compile(r"[A-Za-z_][\w.\-]{0,79}")


def is_named(kind: Kind, value: str, key: str) -> bool:
    """Tell whether a key decides: a secret's always, a person's if it could be one."""
    if kind is Kind.SECRET and not is_faint(key):
        return value != "" and not (key.lower() == "pass" and _COUNT.fullmatch(value))
    if kind is Kind.NAME:
        is_machines = key == PERSONS_NAME and MACHINES_NAME.fullmatch(value) is not None
        return value.strip() != "" and not is_no_value(value) and not is_machines
    if key == ADDRESS_REGION and NO_REGION.fullmatch(value) is not None:
        return False
    return is_value(kind, value, key)


def kind_of_number(number: str, key: str, policy: Policy) -> tuple[Kind, str] | None:
    """Give what a number of JSON is and its digits, if its key or its form tells."""
    digits = whole_digits(number)
    kind = kind_under(key, policy)
    if kind is Kind.SECRET and is_named(kind, number, key):
        return kind, number
    if digits is None:
        return None
    may_be_named = digits == number or len(digits) >= _FEWEST_OF_A_PHONE
    if kind is not None and may_be_named and is_named(kind, digits, key):
        return kind, digits
    if len(digits) < _FEWEST_OF_A_CARD:
        return None
    found = find_under(key, digits, policy)
    return (found[0].kind, digits) if found else None


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


def is_telling(text: str, key: str, policy: Policy) -> bool:
    kind = kind_under(key, policy)
    if kind is not None and is_named(kind, text, key):
        return True
    return find_under(key, text, policy) != []


def may_tell(text: str) -> bool:
    """Tell a word that a telling key has, or a person's fields; a mark has none."""
    bare = ANY.sub(" ", text) if "⟨" in text else text
    return hints(bare.lower()) & Hint.KEY != 0 or may_nest_people(bare)


def find_under(key: str, text: str, policy: Policy) -> list[Span]:
    """Search a text as if it stood behind its key, where that may tell something."""
    if not key or not _needs_its_key(text) or _KEY.fullmatch(key) is None:
        return find(text, policy=policy)
    head = f'{key}="'
    shift, end = len(head), len(head) + len(text)
    return [
        Span(max(span.start, shift) - shift, min(span.end, end) - shift, span.kind)
        for span in find(f'{head}{text}"', policy=policy)
        if span.start < end and span.end > shift
    ]


def _needs_its_key(text: str) -> bool:
    return ", " in text or "\n" in text or _NUMBER.search(text) is not None
