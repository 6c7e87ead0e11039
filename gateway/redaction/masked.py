"""A text as it will be once what was found is replaced, and the way back."""

from gateway.redaction.placeholder import REMOVED
from gateway.redaction.span import Span


def mask(
    text: str, start: int, end: int, spans: list[Span]
) -> tuple[str, list[int], list[int]]:
    """
    Put placeholders in the place of spans.

    The lists tell the way back: from which place on which shift leads to the original.
    """
    parts: list[str] = []
    starts, shifts = [0], [start]
    last, place = start, 0
    for span in spans:
        mark = REMOVED.get(span.kind) or f"⟨{span.kind.lower()}:1⟩"
        parts += (text[last : span.start], mark)
        place += span.start - last + len(mark)
        last = span.end
        starts.append(place)
        shifts.append(last - place)
    return "".join([*parts, text[last:end]]), starts, shifts
