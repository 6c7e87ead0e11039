"""Move events through consumer groups into pipelines, and fill their gaps again."""

from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.people import DAY, iso_or_none

STUCK_GROUP = "warehouse-loader"
# What a loader that dies had read and not written.
LOST_SECONDS = 300
BACKFILL_ROWS_PER_SECOND = 20_000.0
LONGEST_BACKFILL_SECONDS = 7 * DAY
USUAL_LAG_SECONDS = 2.0


@dataclass
class ConsumerGroup:
    """Rates in messages per second; `version` counts restarts by anybody."""

    name: str
    topic: str
    pipeline: str | None
    usual_members: int
    member_rate: float
    in_rate: float
    stopped: bool = False
    members: int = 0
    lag: float = 0.0
    out_rate: float = 0.0
    restarts: int = 0
    restarted_at: float | None = None
    version: int = 1

    @property
    def lag_seconds(self) -> float:
        return self.lag / self.in_rate

    def advance(self, dt_seconds: float) -> None:
        self.members = 0 if self.stopped else self.usual_members
        pending = self.lag + self.in_rate * dt_seconds
        done = min(pending, self.members * self.member_rate * dt_seconds)
        self.lag, self.out_rate = pending - done, done / dt_seconds

    def restart(self, now: float) -> None:
        self.stopped, self.restarted_at = False, now
        self.restarts += 1
        self.version += 1

    def rendered(self) -> JsonObject:
        return {
            "consumer_group": self.name,
            "topic": self.topic,
            "pipeline": self.pipeline,
            "members": self.members,
            "lag": round(self.lag),
            "lag_seconds": round(self.lag_seconds, 2),
            "in_rate": round(self.in_rate, 1),
            "out_rate": round(self.out_rate, 1),
            "restarts": self.restarts,
            "restarted_at": iso_or_none(self.restarted_at),
            "version": self.version,
        }

    def as_queue(self) -> JsonObject:
        return {
            "name": self.name,
            "service": self.topic,
            "environment": "prod",
            "depth": round(self.lag),
            "oldest_age_seconds": round(self.lag_seconds, 2),
            "in_per_second": round(self.in_rate, 1),
            "out_per_second": round(self.out_rate, 1),
            "consumers": self.members,
        }


@dataclass
class Backfill:
    id: str
    from_at: float
    to_at: float
    rows_total: int
    rows_done: float = 0.0
    state: str = "running"

    def rendered(self) -> JsonObject:
        return {
            "id": self.id,
            "from_at": iso(self.from_at),
            "to_at": iso(self.to_at),
            "state": self.state,
            "rows_done": round(self.rows_done),
            "rows_total": self.rows_total,
        }


@dataclass
class Pipeline:
    """`gaps` are (from, to), older than the watermark; `version` counts backfills."""

    name: str
    rows_per_second: float
    watermark_at: float
    gaps: list[tuple[float, float]] = field(default_factory=list)
    backfills: list[Backfill] = field(default_factory=list)
    version: int = 1

    def advance(self, feeder: ConsumerGroup, dt_seconds: float, *, now: float) -> None:
        """Follow the feeder, and let backfills write."""
        if not feeder.stopped:
            arrived = now - USUAL_LAG_SECONDS - feeder.lag_seconds
            self.watermark_at = max(self.watermark_at, arrived)
        for one in self.backfills:
            if one.state == "running":
                self._fill(one, dt_seconds)

    def lose(self, now: float) -> None:
        """Leave the gap of a loader that died at `now`."""
        self.watermark_at = float(int(min(self.watermark_at, now)))
        self.gaps.append((self.watermark_at - LOST_SECONDS, self.watermark_at))

    def why_not(self, from_at: float, to_at: float) -> str | None:
        """Say why the platform would not fill that; None where it would."""
        if not 0 < to_at - from_at <= LONGEST_BACKFILL_SECONDS:
            return "a backfill covers more than nothing and at most 7 days"
        if to_at > self.watermark_at:
            return f"to_at is beyond the watermark, {iso(self.watermark_at)}"
        running = [one for one in self.backfills if one.state == "running"]
        if any(one.from_at < to_at and from_at < one.to_at for one in running):
            return "a running backfill overlaps that; wait for its end"
        return None

    def rows(self, from_at: float, to_at: float) -> int:
        return round(self.rows_per_second * (to_at - from_at))

    def backfill(self, from_at: float, to_at: float) -> None:
        number = len(self.backfills) + 1
        rows = self.rows(from_at, to_at)
        self.backfills.append(Backfill(f"bf_{number}", from_at, to_at, rows))
        self.version += 1

    def rendered(self, now: float) -> JsonObject:
        return {
            "pipeline": self.name,
            "watermark_at": iso(self.watermark_at),
            "lag_seconds": round(max(0.0, now - self.watermark_at), 2),
            "rows_per_second": self.rows_per_second,
            "gaps": [[iso(begin), iso(end)] for begin, end in self.gaps],
            "backfills": [one.rendered() for one in self.backfills],
            "version": self.version,
        }

    def _fill(self, one: Backfill, dt_seconds: float) -> None:
        written = one.rows_done + BACKFILL_ROWS_PER_SECOND * dt_seconds
        one.rows_done = min(float(one.rows_total), written)
        if one.rows_done >= one.rows_total:
            one.state = "done"
            self.gaps = [
                part
                for gap in self.gaps
                for part in rest_of(gap, one.from_at, one.to_at)
            ]


def rest_of(
    gap: tuple[float, float], from_at: float, to_at: float
) -> list[tuple[float, float]]:
    """Give what a backfill leaves of a gap: nothing, one end or both."""
    begin, end = gap
    before, after = (begin, min(end, from_at)), (max(begin, to_at), end)
    return [part for part in (before, after) if part[0] < part[1]]


def usual_groups() -> list[ConsumerGroup]:
    return [
        ConsumerGroup(
            STUCK_GROUP, "events", "warehouse", 4, member_rate=300, in_rate=400
        ),
        ConsumerGroup(
            "search-indexer", "content", "search-index", 2, member_rate=120, in_rate=90
        ),
    ]


def usual_pipelines(now: float) -> list[Pipeline]:
    return [
        Pipeline("warehouse", 400.0, now - DAY),
        Pipeline("search-index", 90.0, now - DAY),
    ]
