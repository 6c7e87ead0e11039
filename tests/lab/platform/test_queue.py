import pytest

from lab.platform.queue import Queue


def test_fills_when_more_comes_than_goes() -> None:
    """Depth grows by the difference; the age is what the rest takes to drain."""
    queue = Queue("q", "discourse", usual_consumers=2, consumer_rate=10)
    for _ in range(10):
        queue.advance(1, in_rate=30, consumers=2, pace=1)

    assert queue.depth == pytest.approx(100)
    assert queue.oldest_age_seconds == pytest.approx(5)


def test_without_consumers_the_age_is_an_hour() -> None:
    """Nothing drains, and nothing divides by zero."""
    queue = Queue("q", "discourse", usual_consumers=2, consumer_rate=10)
    queue.advance(1, in_rate=30, consumers=0, pace=1)

    assert (0, 3600) == (queue.out_rate, queue.oldest_age_seconds)
