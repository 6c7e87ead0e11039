"""Instants in every form that a sender was seen to write."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.moments import (
    FIRST_YEAR,
    MOST_AHEAD,
    is_iso,
    is_recent,
    moment,
    sensible,
)

NOW = datetime(2026, 2, 1, tzinfo=UTC)
EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECONDS = 1767323045


@pytest.mark.parametrize(
    "written",
    [
        SECONDS,
        str(SECONDS),
        SECONDS * 1000,
        f"{SECONDS * 1000}",
        SECONDS * 1_000_000,
        SECONDS * 1_000_000_000,
        f"{SECONDS}.0",
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.000+0000",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02 03:04:05",
        "2026-01-02 03:04:05 UTC",
        "2026-01-02 03:04:05.000000001 +0000 UTC",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "Fri, 02 Jan 2026 04:04:05 +0100",
        "Fri Jan 02 03:04:05 UTC 2026",
    ],
)
def test_each_form_is_read(written: object) -> None:
    """They all say the same."""
    assert THEN == moment(written)


def test_a_fraction_is_kept_to_the_microsecond() -> None:
    assert THEN.replace(microsecond=123456) == moment("2026-01-02T03:04:05.123456789Z")
    assert THEN.replace(microsecond=500000) == moment(SECONDS + 0.5)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "yesterday",
        True,
        float("nan"),
        float("inf"),
        10**40,
        -(10**40),
        "9" * 25,
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
        "Fri, 99 Jan 2026 03:04:05 GMT",
        [],
        {"a": 1},
        "2" * 100_000,
    ],
)
def test_what_is_no_instant_is_none(written: object) -> None:
    """No error, whatever it is."""
    assert moment(written) is None


@given(st.text(max_size=80) | st.integers() | st.floats() | st.datetimes().map(str))
def test_nothing_breaks_it(written: object) -> None:
    """An aware instant, or none."""
    found = moment(written)

    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("instant", "is_sensible"),
    [
        (EARLIEST, True),
        (EARLIEST - timedelta(seconds=1), False),
        (NOW + MOST_AHEAD, True),
        (NOW + MOST_AHEAD + timedelta(seconds=1), False),
        (NOW + timedelta(days=200), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 1, 1, tzinfo=UTC), False),
    ],
)
def test_an_absurd_start_is_none(*, instant: datetime, is_sensible: bool) -> None:
    """Not before 2000, not more than a day ahead: ends until then would be late."""
    found = sensible(instant.isoformat(), NOW)

    assert (instant if is_sensible else None) == found


def test_the_form_is_told_from_the_instant() -> None:
    """Year 9999 is of the form; a word is not."""
    assert is_iso("9999-12-31T23:59:59-23:00")
    assert not is_iso("yesterday")
    assert not is_iso(SECONDS)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (1_767_323_045, True),
        ("Fri, 02 Jan 2026 03:04:05 GMT", True),
        (7, False),
        (True, False),
        ("yesterday", False),
        (None, False),
    ],
)
def test_a_small_number_is_no_recent_instant(said: object, expected: bool) -> None:  # noqa: FBT001
    assert expected is is_recent(said)
