"""Events on a Redis stream: in order, followed from its beginning or from now."""

import asyncio

import pytest
from redis.asyncio import Redis

from orchestrator.bus import BusAway, Message
from orchestrator.redis_bus import RedisBus

EVENTS = [Message(str(number), f'{{"n":{number}}}') for number in range(3)]


async def take(bus: RedisBus, count: int, *, beginning: bool) -> list[str]:
    following = bus.follow(beginning=beginning)
    return [await anext(following) for _ in range(count)]


async def test_what_was_published_is_followed_from_the_beginning(
    redis_url: str,
) -> None:
    bus = RedisBus.of(redis_url)
    await bus.publish(EVENTS)
    found = await take(bus, 3, beginning=True)
    await bus.close()

    assert [one.event for one in EVENTS] == found


async def test_who_follows_from_now_on_sees_the_new_ones(redis_url: str) -> None:
    """What came before stays where it is."""
    bus, late = RedisBus.of(redis_url), RedisBus.of(redis_url)
    await bus.publish(EVENTS[:1])
    async with (
        asyncio.timeout(20),
        Redis.from_url(redis_url) as redis,
        asyncio.TaskGroup() as group,
    ):
        taking = group.create_task(take(late, 2, beginning=False))
        while not await blocked(redis):  # noqa: ASYNC110 - a client of the server's
            await asyncio.sleep(0.02)
        await bus.publish(EVENTS[1:])
    await bus.close()
    await late.close()

    assert ['{"n":1}', '{"n":2}'] == taking.result()


async def blocked(redis: Redis) -> bool:
    """Tell whether somebody waits for the stream."""
    return bool((await redis.info("clients"))["blocked_clients"])


async def test_one_that_is_away_is_named() -> None:
    """Nobody takes a dead bus for a quiet one."""
    bus = RedisBus.of("unix:///nowhere/bus.sock")
    with pytest.raises(BusAway, match="redis"):
        await bus.publish(EVENTS)
    with pytest.raises(BusAway, match="redis"):
        await take(bus, 1, beginning=True)
