"""Token buckets: so many at once, so many a second, and the time to wait is true."""

from uuid import NAMESPACE_DNS, NAMESPACE_OID

from hypothesis import given
from hypothesis import strategies as st

from bot.buckets import Buckets, Rate, full_bucket

RATE = Rate(per_second=2, burst=3)


def test_a_burst_passes_and_then_the_rate() -> None:
    """Three at once; the fourth waits half a second, and no more."""
    bucket = full_bucket(RATE, 0)
    at_once = [bucket.take(0) for _ in range(4)]

    assert [0, 0, 0, 0.5] == at_once
    assert [0.25, 0] == [bucket.take(0.25), bucket.take(0.5)]


def test_to_ask_takes_nothing() -> None:
    bucket = full_bucket(Rate(1, 1), 0)

    assert [0, 0, 0, 1] == [
        bucket.wait(0),
        bucket.wait(0),
        bucket.take(0),
        bucket.wait(0),
    ]


def test_rest_fills_no_further_than_the_burst() -> None:
    """Nor does a clock that is set back."""
    bucket = full_bucket(RATE, 1000)
    taken = [bucket.take(at) for at in (2000, 2000, 2000, 1500)]

    assert [0, 0, 0, 0.5] == taken


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_more_pass_than_burst_and_rate(gaps: list[float]) -> None:
    """However they come."""
    bucket, now, passed = full_bucket(RATE, 0), 0.0, 0
    for gap in gaps:
        now += gap
        passed += bucket.take(now) == 0

    assert passed <= RATE.burst + RATE.per_second * now + 1e-6


def test_each_endpoint_has_its_own() -> None:
    """One that floods takes nothing from another."""
    buckets = Buckets(Rate(1, 1))
    flood = [buckets.take(NAMESPACE_DNS, 0) for _ in range(2)]

    assert ([0, 1], 0) == (flood, buckets.take(NAMESPACE_OID, 0))


def test_the_oldest_bucket_is_forgotten() -> None:
    """Memory is bounded; it starts full again."""
    buckets = Buckets(Rate(1, 1), most=1)
    taken = [buckets.take(one, 0) for one in (NAMESPACE_DNS, NAMESPACE_OID) * 2]

    assert [0, 0, 0, 0] == taken
