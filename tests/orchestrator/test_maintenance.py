"""Planned work: once or each week, by the zone's own clock."""

from datetime import UTC, datetime

import pytest

from orchestrator.maintenance import WindowRow, make_window
from orchestrator.matching import MatchRow
from policy.errors import PolicyError

ONCE = {"starts_at": "2026-11-28T02:00:00+01:00", "minutes": 90}
# Clocks go back on Sunday, 25 October 2026, at 03:00 in Berlin.
WEEKLY = {"days": ["sun"], "at": "01:30", "minutes": 60, "zone": "Europe/Berlin"}
OVERNIGHT = {"days": ["fri"], "at": "22:00", "minutes": 3000}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "now", "ends"),
    [
        (ONCE, "2026-11-28T00:59", None),
        (ONCE, "2026-11-28T01:00", "2026-11-28T02:30"),
        (ONCE, "2026-11-28T02:30", None),
        (WEEKLY, "2026-10-24T23:29", None),
        (WEEKLY, "2026-10-24T23:30", "2026-10-25T00:30"),
        (WEEKLY, "2026-11-01T00:29", None),
        (WEEKLY, "2026-11-01T00:30", "2026-11-01T01:30"),
        (WEEKLY, "2026-11-02T00:30", None),
        (OVERNIGHT, "2026-11-27T21:59", None),
        (OVERNIGHT, "2026-11-29T23:59", "2026-11-30T00:00"),
        (OVERNIGHT, "2026-11-30T00:00", None),
    ],
)
def test_it_is_on_until_its_end(
    row: dict[str, object], now: str, ends: str | None
) -> None:
    """In winter as in summer, and past midnight."""
    checked = WindowRow.model_validate({"id": "w", "match": {}, **row})
    window = make_window(checked, path="routes.yaml", line=9)

    assert (at(ends) if ends else None) == window.end(at(now))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"minutes": 5}, "says no time, or two"),
        ({**ONCE, **WEEKLY}, "says no time, or two"),
        ({"days": ["sun"], "minutes": 5}, "says no time, or two"),
        ({**ONCE, "zone": "Mars/Olympus"}, "is no time zone here"),
        ({**ONCE, "zone": "../etc/passwd"}, "is no time zone here"),
        (
            {"starts_at": "0001-01-01T00:00", "minutes": 5, "zone": "Asia/Tokyo"},
            "where the calendar ends",
        ),
        ({"starts_at": "9999-12-31T23:59", "minutes": 5}, "where the calendar ends"),
    ],
)
def test_a_window_without_a_time_does_not_load(
    row: dict[str, object], says: str
) -> None:
    checked = WindowRow.model_validate({"id": "w", "match": MatchRow(), **row})
    with pytest.raises(PolicyError, match=says):
        make_window(checked, path="routes.yaml", line=9)
