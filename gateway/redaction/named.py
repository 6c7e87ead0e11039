"""A value that its key names: replaced whole, but for what in it is gone for good."""

import re

from gateway.redaction.find import find
from gateway.redaction.placeholder import REMOVED
from gateway.redaction.span import Kind, Policy, Span
from gateway.redaction.telling import named_parts

_SIGN = re.compile(r"[^\W_]")
# A URL or a setting, a card's digits, or a long word with a digit: others hold neither
# a secret nor a card.
_MAY_HIDE = re.compile(
    r"://|=|\d(?:[ -]?\d){12}"
    r"|(?=[^\s@.]{0,200}\d)(?=[^\s@.]{0,200}[A-Za-z])[^\s@.]{16,}"
)


def named_spans(kind: Kind, value: str) -> list[Span]:
    """
    Give what stands for a named value, in order; placeholders in it stay.

    A secret or a card within a value that comes back is one of its own, so that it
    does not.
    """
    parts = [Span(start, end, kind) for start, end in named_parts(value)]
    if kind in REMOVED or _MAY_HIDE.search(value) is None:
        return parts
    gone = [one for one in find(value, policy=Policy()) if one.kind in REMOVED]
    return [span for part in parts for span in _without(value, part, gone)]


def _without(value: str, part: Span, gone: list[Span]) -> list[Span]:
    """Cut a part around what is gone for good."""
    found: list[Span] = []
    start = part.start
    within = (one for one in gone if part.start <= one.start and one.end <= part.end)
    for one in within:
        found += [Span(start, one.start, part.kind), one]
        start = one.end
    found.append(Span(start, part.end, part.kind))
    return [one for one in found if _SIGN.search(value, one.start, one.end)]
