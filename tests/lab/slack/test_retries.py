"""What is not acknowledged is sent three times more, at Slack's distances."""

from dataclasses import dataclass, field

import pytest

from lab.slack.retries import RETRY_SECONDS, Retries
from tests.lab.world import SteppedClock


@dataclass
class App:
    """Acknowledges from the attempt ``takes_at`` on; notes each."""

    clock: SteppedClock
    takes_at: int = 99
    seen: list[tuple[float, int]] = field(default_factory=list)

    async def __call__(self, what: str, attempt: int) -> bool:
        assert what == "event"
        self.seen.append((self.clock.now, attempt))
        return attempt >= self.takes_at


@pytest.mark.parametrize("scale", [1.0, 100.0])
async def test_it_is_sent_at_once_after_a_minute_and_after_five(scale: float) -> None:
    """No earlier, scaled or not, and never a fourth time."""
    clock = SteppedClock(0.0)
    app = App(clock)
    retries = Retries(app, clock, scale)
    retries.note("event")
    expected = []
    for number, seconds in enumerate(RETRY_SECONDS, 1):
        clock.now += seconds / scale - 0.01
        assert 0 == await retries.send_due() or seconds == 0
        clock.now += 0.01
        await retries.send_due()
        expected.append(number)
        assert expected == [attempt for _, attempt in app.seen]
    clock.now += 86_400
    await retries.send_due()

    assert 3 == len(app.seen)


async def test_what_is_taken_is_sent_no_more() -> None:
    """The app has it."""
    clock = SteppedClock(0.0)
    app = App(clock, takes_at=2)
    retries = Retries(app, clock)
    retries.note("event")
    for _ in range(5):
        clock.now += 3600
        await retries.send_due()

    assert [1, 2] == [attempt for _, attempt in app.seen]


async def test_several_are_sent_in_the_order_in_which_they_are_due() -> None:
    """Each at its own time."""
    clock = SteppedClock(0.0)
    seen: list[str] = []

    async def send(what: str, attempt: int) -> bool:
        seen.append(f"{what}{attempt}")
        return False

    retries = Retries(send, clock)
    retries.note("a")
    await retries.send_due()
    clock.now += 30
    retries.note("b")
    await retries.send_due()
    clock.now += 30
    await retries.send_due()

    assert ["a1", "b1", "a2"] == seen
