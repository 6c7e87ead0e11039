"""
Token buckets: how many deliveries an endpoint, or all strangers together, may send.

They live in one web process: two processes let twice as much in.
"""

from dataclasses import dataclass, field
from uuid import UUID

# Endpoints that have a bucket at once; one that is forgotten starts full again.
_MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second for ever, and ``burst`` at once."""

    per_second: float
    burst: int


@dataclass(slots=True)
class Bucket:
    """``level`` of them may be taken at ``at``, seconds of a clock that only runs."""

    rate: Rate
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Give the seconds until one may be taken; 0 if it may be now."""
        gained = max(0.0, now - self.at) * self.rate.per_second
        self.level = min(float(self.rate.burst), self.level + gained)
        self.at = max(now, self.at)
        return max(0.0, (1 - self.level) / self.rate.per_second)

    def take(self, now: float) -> float:
        """Take one and give 0, or take none and give the seconds to wait for it."""
        seconds = self.wait(now)
        if seconds == 0:
            self.level -= 1
        return seconds


def full_bucket(rate: Rate, now: float) -> Bucket:
    return Bucket(rate, float(rate.burst), now)


@dataclass(slots=True)
class Buckets:
    """A bucket for each endpoint that somebody has proven to be allowed at."""

    rate: Rate
    most: int = _MOST_BUCKETS
    _by_id: dict[UUID, Bucket] = field(default_factory=dict)

    def take(self, endpoint_id: UUID, now: float) -> float:
        """As ``Bucket.take``, of this endpoint's."""
        bucket = self._by_id.get(endpoint_id)
        if bucket is None:
            if len(self._by_id) >= self.most:
                del self._by_id[next(iter(self._by_id))]
            bucket = self._by_id[endpoint_id] = full_bucket(self.rate, now)
        return bucket.take(now)
