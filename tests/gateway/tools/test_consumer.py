"""restart_consumer: verified by its members and its lag."""

from dataclasses import replace

import pytest

from gateway.registry import Settled
from gateway.tools import consumer as tool
from gateway.tools.consumer import ConsumerParams, ConsumerTarget
from tests.gateway.outside import Outside, order
from tests.gateway.outside_work import GROUP

PARAMS = ConsumerParams(consumer_group=GROUP)
SEEN = ConsumerTarget(
    consumer_group=GROUP,
    topic="events",
    members=0,
    lag=12_000,
    in_rate=400.0,
    out_rate=0.0,
    restarts=3,
    version=7,
)


async def test_reach_is_what_pauses(outside: Outside) -> None:
    """Messages per second; what waits is told beside it."""
    found = await tool.estimate(
        PARAMS, await tool.observe(PARAMS, outside.ports), outside.ports
    )

    assert (400.0, "messages/s") == (found.amount, found.unit)
    assert "12,000 wait for 0 members" in found.text


@pytest.mark.parametrize(
    ("changes", "done", "is_told"),
    [
        ({"members": 0, "lag": 12_400}, None, True),
        ({"members": 0, "lag": -1}, None, True),
        ({"members": 4, "lag": 12_400, "out_rate": 0.0}, None, True),
        ({"members": 4, "lag": 12_400, "out_rate": 1200.0}, True, True),
        ({"members": 4, "lag": 9000}, True, True),
        ({"members": 4, "lag": 0, "out_rate": 400.0}, True, True),
        ({"members": 4, "lag": -1, "out_rate": 400.0}, None, False),
        ({"members": 4, "lag": -1, "out_rate": 1200.0}, True, True),
    ],
)
async def test_verified_when_it_drains(
    outside: Outside, changes: dict[str, float], *, done: bool | None, is_told: bool
) -> None:
    """
    More goes than comes, less waits, or nothing does; with members at work.

    No more than comes may be all there is: without the lag, nobody can tell.
    """
    await tool.execute(PARAMS, SEEN, outside.ports, order("k"))
    rows = outside.consumers.rows
    rows[GROUP] = replace(rows[GROUP], **changes)  # type: ignore[arg-type]

    found = await tool.verify(PARAMS, SEEN, outside.ports)

    assert (done, is_told) == (found.done, found.is_told)
    assert is_told != found.text.endswith("; nobody can tell whether it drains")


async def test_a_lag_that_the_broker_does_not_know_is_said(outside: Outside) -> None:
    """It gives -1 for it; that is neither nothing nor a reason to refuse."""
    rows = outside.consumers.rows
    rows[GROUP] = replace(rows[GROUP], lag=-1, lag_seconds=-1.0)
    seen = await tool.observe(PARAMS, outside.ports)
    reach = await tool.estimate(PARAMS, seen, outside.ports)
    await tool.execute(PARAMS, seen, outside.ports, order("k"))
    rows[GROUP] = replace(rows[GROUP], members=4, lag=500)
    found = await tool.verify(PARAMS, seen, outside.ports)

    assert seen.lag is None
    assert "an unknown number wait for 0 members" in reach.text
    assert f"{GROUP}: 500 wait, an unknown number before; 4 members" == found.text
    assert (None, 500.0) == (found.done, found.measures["lag"])


async def test_what_was_not_restarted_is_not_verified(outside: Outside) -> None:
    """However little waits."""
    assert False is (await tool.verify(PARAMS, SEEN, outside.ports)).done


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"lag": 99_999}, Settled.not_applied),
        ({"version": 8, "restarts": 4}, Settled.applied),
        ({"version": 9, "restarts": 5}, Settled.unknown),
    ],
)
def test_a_read_back_is_judged(now: dict[str, object], expected: Settled) -> None:
    """Two restarts are one too many to be ours alone."""
    assert expected is tool.reconcile(PARAMS, SEEN, SEEN.model_copy(update=now))


def test_it_says_what_it_does() -> None:
    """In one line, and before and after."""
    assert f"Restart consumer group {GROUP}" == tool.title(PARAMS)
    assert ("3 restarts, 12,000 waiting", "4 restarts") == tool.describe(PARAMS, SEEN)
