"""What a detector finds, and what policy asks it to look for."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a span holds; the names are those of ``autopilot redact``."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    SECRET = "SECRET"  # noqa: S105 - the name of a kind
    CARD = "CARD"
    NATIONAL_ID = "NATIONAL_ID"
    NAME = "NAME"
    BIRTH = "BIRTH"
    IP = "IP"
    USER_ID = "USER_ID"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of code points."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What is redacted beyond what always is.

    ``phone_regions``: ISO 3166 codes of the regions whose bare national numbers count;
    two or three at most, each costs time and wrong hits.
    """

    redact_ip: bool = False
    redact_user_id: bool = False
    phone_regions: tuple[str, ...] = ()


@dataclass(slots=True)
class Taken:
    """
    Stretches that no later detector may touch: shields, and what was found before.

    They never overlap.
    """

    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    def add(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Take those that are free, in order; give those that were taken."""
        found = list(spans)
        if not found:
            return found
        free: list[tuple[int, int]] = []
        for start, end in sorted(found):
            after_last = not free or start >= free[-1][1]
            if start < end and after_last and self.is_free(start, end):
                free.append((start, end))
        if free:
            both = sorted([*zip(self._starts, self._ends, strict=True), *free])
            self._starts = [start for start, _ in both]
            self._ends = [end for _, end in both]
        return free

    def is_empty(self) -> bool:
        return not self._starts

    def is_free(self, start: int, end: int) -> bool:
        """Tell whether a stretch touches nothing that is taken."""
        place = bisect_right(self._ends, start)
        return place == len(self._starts) or self._starts[place] >= end

    def free_parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Give what is left of a stretch, in order."""
        place = bisect_right(self._ends, start)
        while place < len(self._starts) and self._starts[place] < end:
            if self._starts[place] > start:
                yield start, self._starts[place]
            start = self._ends[place]
            place += 1
        if start < end:
            yield start, end
