"""Instants: with a zone, whole seconds, said for people."""

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.ports import Unreadable
from gateway.tools.instant import Instant, instant_of, say, say_span

LAST = 253_402_300_799.0
INSTANTS: TypeAdapter[Instant] = TypeAdapter(Instant)


def test_an_instant_is_utc_in_whole_seconds() -> None:
    """So that what is read back compares equal."""
    at = INSTANTS.validate_python("2026-03-01T15:05:07.987654+01:00")

    assert "2026-03-01T14:05:07Z" == INSTANTS.dump_python(at, mode="json")


@pytest.mark.parametrize(
    ("at", "said"),
    [(1_767_225_600.0, "2026-01-01T00:00:00Z"), (LAST, "9999-12-31T23:59:59Z")],
)
def test_seconds_are_no_milliseconds(at: float, said: str) -> None:
    """However many: a number past 2e10 would be taken for them."""
    kept = INSTANTS.validate_python(instant_of(at))

    assert said == INSTANTS.dump_python(kept, mode="json")


@pytest.mark.parametrize("at", [LAST + 1, 1e15, 1e300])
def test_seconds_that_no_calendar_has_are_no_instant(at: float) -> None:
    """They are what a system said, so it is that which makes no sense."""
    with pytest.raises(Unreadable, match="which no calendar has"):
        instant_of(at)


def test_without_a_zone_it_is_none() -> None:
    """Nobody guesses one."""
    with pytest.raises(ValidationError):
        INSTANTS.validate_python("2026-03-01T15:05:07")


@pytest.mark.parametrize(
    "edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_what_no_calendar_holds_is_none(edge: str) -> None:
    """At the edges of the years a zone leads out of them."""
    with pytest.raises(ValidationError, match="years 1 to 9999"):
        INSTANTS.validate_python(edge)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (None, "never"),
        (1_767_225_600.0, "2026-01-01 00:00 UTC"),
        (1e15, "second 1000000000000000, which no calendar has"),
    ],
)
def test_it_is_said_in_minutes(at: float | None, said: str) -> None:
    """With its zone."""
    assert said == say(at)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (300, "5 min"), (7200, "2 h"), (172_800, "48 h")],
)
def test_a_span_has_the_unit_that_fits(seconds: float, said: str) -> None:
    """Seconds, minutes or hours."""
    assert said == say_span(seconds)
