"""How often Slack is written to, over a real Valkey and without one."""

import asyncio
import time as clocks
from collections.abc import AsyncIterator
from time import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.send_budget import EDIT, POST, SendBudget
from lab.slack.rates import Rates
from storage.outbox import Lane

CHANNEL = "C0OPS"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


def budget(redis: Redis | None, *, workspace: str = "acme") -> SendBudget:
    return SendBudget(redis, workspace=workspace, clock=time)


async def taken(
    one: SendBudget, lane: Lane, *, method: str = POST, channel: str = CHANNEL
) -> int:
    """Take until it has to wait; give how often it went."""
    times = 0
    while await one.take(method, channel, lane) == 0:
        times += 1
    return times


async def test_two_couriers_share_one_budget(redis: Redis) -> None:
    """A channel takes five posts at once, whoever posts them."""
    one, other = budget(redis), budget(redis)
    waits = [
        await each.take(POST, CHANNEL, Lane.decision)
        for _ in range(4)
        for each in (one, other)
    ]

    assert [0.0] * 5 == waits[:5]
    assert all(0 < wait <= 6 for wait in waits[5:])


async def test_many_at_once_take_no_more(redis: Redis) -> None:
    """Twenty that ask in the same instant are five, and fifteen that wait."""
    every = [budget(redis) for _ in range(20)]
    waits = await asyncio.gather(
        *(one.take(POST, CHANNEL, Lane.decision) for one in every)
    )

    assert 5 == waits.count(0.0)


@pytest.mark.parametrize(
    ("method", "lane", "most"),
    [
        (POST, Lane.chatter, 3),
        (POST, Lane.state, 4),
        (POST, Lane.decision, 5),
        (EDIT, Lane.chatter, 25),
        (EDIT, Lane.state, 40),
        (EDIT, Lane.decision, 50),
    ],
)
async def test_a_lane_leaves_room_to_those_above(
    redis: Redis, method: str, lane: Lane, most: int
) -> None:
    """The trace takes half, state four fifths, and a decision what is left."""
    one = budget(redis)
    lower = await taken(one, lane, method=method)
    rest = await taken(one, Lane.decision, method=method)

    assert most == lower
    assert {POST: 5, EDIT: 50}[method] == lower + rest


async def test_channels_and_workspaces_have_budgets_of_their_own(redis: Redis) -> None:
    """A storm in one holds nobody up in another."""
    one = budget(redis)
    await taken(one, Lane.decision)

    assert 5 == await taken(one, Lane.decision, channel="C0OTHER")
    assert 5 == await taken(budget(redis, workspace="globex"), Lane.decision)


async def test_a_429_closes_a_channel_for_every_courier(redis: Redis) -> None:
    """For as long as Slack says; other channels and edits go on."""
    one, other = budget(redis), budget(redis)
    await one.close(POST, CHANNEL, 30.0)
    waits = [await each.take(POST, CHANNEL, Lane.decision) for each in (one, other)]

    assert all(25 < wait <= 30 for wait in waits)
    assert 0.0 == await other.take(POST, "C0OTHER", Lane.decision)
    assert 0.0 == await other.take(EDIT, CHANNEL, Lane.decision)


async def test_a_429_of_edits_closes_them_everywhere(redis: Redis) -> None:
    """Slack counts them by workspace, so no channel is spared."""
    one, other = budget(redis), budget(redis)
    await one.close(EDIT, CHANNEL, 30.0)

    assert 25 < await other.take(EDIT, "C0OTHER", Lane.decision) <= 30
    assert 0.0 == await other.take(POST, CHANNEL, Lane.decision)


async def test_what_was_closed_opens_by_itself(redis: Redis) -> None:
    """Nobody has to come back and open it."""
    one = budget(redis)
    await one.close(POST, CHANNEL, 0.05)
    await asyncio.sleep(0.1)

    assert 0.0 == await one.take(POST, CHANNEL, Lane.decision)


async def test_without_redis_each_counts_alone_at_half_the_rate() -> None:
    """Two couriers that don't know of each other stay within Slack's rate."""
    one = budget(None)

    assert 2 == await taken(one, Lane.decision)
    assert 25 == await taken(one, Lane.decision, method=EDIT)
    await one.close(EDIT, CHANNEL, 30.0)
    assert 25 < await one.take(EDIT, CHANNEL, Lane.decision) <= 30


async def test_a_redis_that_goes_away_stops_nobody() -> None:
    """It is asked, does not answer, and is left alone for a while."""
    gone = Redis.from_url("redis://127.0.0.1:1")
    one = budget(gone)
    await one.close(POST, CHANNEL, 30.0)
    closed = await one.take(POST, CHANNEL, Lane.decision)
    open_one = await one.take(POST, "C0OTHER", Lane.decision)
    await gone.aclose()

    assert 25 < closed <= 30
    assert 0.0 == open_one


async def test_an_app_that_was_granted_more_sends_more(redis: Redis) -> None:
    """The published rates, times what the operator sets."""
    one = SendBudget(redis, workspace="acme", clock=time, rate=3.0)

    assert 15 == await taken(one, Lane.decision)


@pytest.mark.parametrize("method", [POST, EDIT])
@example(seconds_on_the_way=[1.0] * 5 + [0.0] * 115)
@given(seconds_on_the_way=st.lists(st.floats(0, 1), min_size=120, max_size=120))
async def test_a_call_that_is_slow_on_its_way_is_not_refused(
    method: str, seconds_on_the_way: list[float]
) -> None:
    """Slack counts when calls arrive: those that come late meet those after them."""
    now = 1_000_000.0
    arrivals: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clocks, "time", lambda: now)
        one = SendBudget(None, workspace="acme", clock=clocks.time, rate=2.0)
        for seconds in seconds_on_the_way:
            while wait := await one.take(method, CHANNEL, Lane.decision):
                now += wait
            arrivals.append(now + seconds)
    slack = Rates(on=True)
    for at in sorted(arrivals):
        slack.take(method, CHANNEL, now=at)

    assert not slack.refused
