"""What redaction finds, what it destroys; pure counting and one interval."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bench.redaction_corpus import Row, Stretch
from gateway.redaction.span import Span

Find = Callable[[str], Sequence[Span]]
# Of the standard normal distribution, for 95 %.
_Z = 1.959964


@dataclass(slots=True)
class Tally:
    """``typed``: of those found, the ones found as what they are."""

    rows: int = 0
    found: int = 0
    typed: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.found / self.rows if self.rows else math.nan

    def interval(self) -> tuple[float, float]:
        return wilson(self.found, self.rows)


@dataclass(slots=True)
class Harm:
    """What redaction did to text that it should have left, in characters."""

    characters: int = 0
    wrong: int = 0
    kept: int = 0
    damaged: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return self.wrong / self.characters if self.characters else math.nan


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, _Z**2
    middle = share + square / (2 * of)
    width = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    whole = 1 + square / of
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)


def is_covered(text: str, stretch: Stretch, spans: Iterable[Span]) -> bool:
    """Tell whether each letter and digit of a stretch is within some span."""
    left = {
        place for place in range(stretch.start, stretch.end) if text[place].isalnum()
    }
    for span in spans:
        left -= set(range(span.start, span.end))
    return not left


def tally(rows: Iterable[Row], find: Find) -> dict[str, Tally]:
    """Count by tier; a row counts as found if all of its spans are covered."""
    tallies: dict[str, Tally] = {}
    for row in rows:
        one = tallies.setdefault(row.tier, Tally())
        spans = find(row.text)
        one.rows += 1
        if all(is_covered(row.text, stretch, spans) for stretch in row.spans):
            one.found += 1
            one.typed += all(
                is_covered(
                    row.text,
                    stretch,
                    [span for span in spans if span.kind == stretch.type],
                )
                for stretch in row.spans
            )
        else:
            one.missed[row.origin] += 1
    return tallies


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    whole = Tally()
    for one in tallies:
        whole.rows += one.rows
        whole.found += one.found
        whole.typed += one.typed
        whole.missed += one.missed
    return whole


def harm(rows: Iterable[Row], find: Find) -> Harm:
    """Count characters redacted outside of true spans, and what had to be kept."""
    done = Harm()
    for row in rows:
        done.characters += len(row.text)
        true = {place for one in row.spans for place in range(one.start, one.end)}
        spans = find(row.text)
        for span in spans:
            wrong = len(set(range(span.start, span.end)) - true)
            done.wrong += wrong
            done.by_kind[span.kind.value] += wrong
        for keep in row.must_keep:
            done.kept += 1
            done.damaged += any(
                span.start < keep.end and keep.start < span.end for span in spans
            )
    return done
