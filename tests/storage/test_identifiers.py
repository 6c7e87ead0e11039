"""UUIDv7: version, variant, and the order of time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.identifiers import uuid7

EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
LATEST = datetime(9000, 1, 1)  # noqa: DTZ001 - as above
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))


@given(INSTANTS)
def test_version_and_variant_are_the_standards(at: datetime) -> None:
    """RFC 9562 §5.7: version 7, variant 0b10."""
    made = uuid7(at)

    assert (7, 0b10) == (made.version, made.int >> 62 & 0b11)


@given(INSTANTS)
def test_the_first_48_bits_are_milliseconds(at: datetime) -> None:
    """The instant can be read back, to the millisecond."""
    milliseconds = uuid7(at).int >> 80

    assert abs(at.timestamp() * 1000 - milliseconds) <= 1


@given(INSTANTS, st.integers(2, 10**9))
def test_later_ones_sort_later(at: datetime, wait_ms: int) -> None:
    """Identifiers of different milliseconds sort by time, as numbers and as text."""
    first, second = uuid7(at), uuid7(at + timedelta(milliseconds=wait_ms))

    assert first < second
    assert str(first) < str(second)


def test_one_instant_gives_many() -> None:
    """A thousand of one instant are all different."""
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert 1000 == len({uuid7(now) for _ in range(1000)})
