"""Record an hour of metric samples, one a second of platform time."""

import bisect
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

Labels: TypeAlias = tuple[tuple[str, str], ...]
Series: TypeAlias = tuple[str, Labels]

KEPT_SAMPLES = 3600
LOOKBACK_SECONDS = 300.0


@dataclass
class History:
    """Samples are stamped with wall time, oldest first."""

    stamps: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_SAMPLES))
    samples: deque[dict[Series, float]] = field(
        default_factory=lambda: deque(maxlen=KEPT_SAMPLES)
    )

    def record(self, at: float, sample: dict[Series, float]) -> None:
        self.stamps.append(at)
        self.samples.append(sample)

    def sample_at(self, at: float) -> dict[Series, float]:
        """Return the newest sample not after `at`, at most five minutes older."""
        position = bisect.bisect_right(self.stamps, at) - 1
        if position < 0 or at - self.stamps[position] > LOOKBACK_SECONDS:
            return {}
        return self.samples[position]

    def line(self, series: Series, *, last: int) -> list[tuple[float, float]]:
        """Return the newest `last` points of one series, oldest first."""
        count = min(last, len(self.stamps))
        return [
            (self.stamps[index], self.samples[index].get(series, 0.0))
            for index in range(-count, 0)
        ]


def series(metric: str, **labels: str) -> Series:
    return metric, tuple(sorted({"environment": "prod", **labels}.items()))
