"""Planned work: when it is on, and until when, in its own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.matching import Match, MatchRow, make_match
from policy.errors import PolicyError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WindowRow(BaseModel):
    """
    ``maintenance:`` as it is written: once, or each week.

    ``starts_at`` with ``minutes`` is once; ``days`` with ``at`` ("02:00") and
    ``minutes`` each week, in ``zone``.
    """

    model_config = ConfigDict(extra="forbid")
    id: str
    match: MatchRow
    minutes: int = Field(ge=1, le=7 * 24 * 60)
    starts_at: datetime | None = None
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = []
    # As text: YAML reads a bare 12:30 as a number of minutes.
    at: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Window:
    """``starts_at`` is once; else it starts ``at`` on ``weekdays`` (Monday is 0)."""

    id: str
    match: Match
    lasts: timedelta
    starts_at: datetime | None
    weekdays: frozenset[int]
    at: time
    zone: ZoneInfo

    def end(self, now: datetime) -> datetime | None:
        """Give when the work that is on now ends; None while none is."""
        ends = [start + self.lasts for start in self._starts(now) if start <= now]
        last = max(ends, default=now)
        return last if last > now else None

    def _starts(self, now: datetime) -> list[datetime]:
        """Give the starts of which one may still last; by the zone's own clock."""
        if self.starts_at is not None:
            return [self.starts_at]
        today = now.astimezone(self.zone).date()
        back = range(self.lasts.days + 2)
        days = [today - timedelta(days=number) for number in back]
        return [
            datetime.combine(day, self.at, self.zone).astimezone(UTC)
            for day in days
            if day.weekday() in self.weekdays
        ]


def make_window(row: WindowRow, *, path: str, line: int) -> Window:
    """
    Check a row.

    Raises:
        PolicyError: it is neither once nor each week, names no zone, or lies where no
            calendar reaches.
    """
    once = row.starts_at is not None and not row.days and row.at is None
    weekly = row.starts_at is None and bool(row.days) and row.at is not None
    if not once and not weekly:
        raise PolicyError(
            path,
            line,
            what=f"maintenance {row.id} says no time, or two",
            mend="give starts_at, or days and at; minutes with either",
        )
    try:
        zone = ZoneInfo(row.zone)
    except (KeyError, ValueError, OSError) as exc:
        raise PolicyError(
            path,
            line,
            what=f"{row.zone} is no time zone here",
            mend="write one such as Europe/Berlin, or UTC",
        ) from exc
    return Window(
        row.id,
        make_match(row.match, path=path, line=line),
        timedelta(minutes=row.minutes),
        _once(row, zone, path=path, line=line),
        frozenset(_DAYS.index(day) for day in row.days),
        time.fromisoformat(row.at or "00:00"),
        zone,
    )


def _once(row: WindowRow, zone: ZoneInfo, *, path: str, line: int) -> datetime | None:
    """Give the start in UTC; its end must be an instant too."""
    said = row.starts_at
    if said is None:
        return None
    try:
        starts_at = said.replace(tzinfo=said.tzinfo or zone).astimezone(UTC)
        _ = starts_at + timedelta(minutes=row.minutes)
    except OverflowError as exc:
        raise PolicyError(
            path,
            line,
            what=f"maintenance {row.id} starts at {said}, where the calendar ends",
            mend="write the day of the work, such as 2026-11-28T02:00",
        ) from exc
    return starts_at
