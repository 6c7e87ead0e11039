"""Read limits: a sliding minute in Valkey, which may be away."""

import asyncio
from pathlib import Path

from redis.asyncio import Redis

from gateway.limits import ReadLimits


async def test_a_minute_holds_so_many(redis_url: str) -> None:
    """The third of two is refused, whichever tool; another tenant has its own."""
    async with Redis.from_url(redis_url) as redis:
        limits = ReadLimits(redis, calls_per_minute=2)
        asked = [await limits.allow("acme", tool) for tool in ("a", "b", "c")]
        other = await limits.allow("globex", "a")

    assert ([True, True, False], True) == (asked, other)


async def test_one_tool_can_not_take_all(redis_url: str) -> None:
    """And what it is refused, the others still have."""
    async with Redis.from_url(redis_url) as redis:
        limits = ReadLimits(redis, calls_per_minute=4, tool_calls_per_minute=2)
        greedy = [await limits.allow("acme", "a") for _ in range(5)]
        others = [await limits.allow("acme", "b") for _ in range(2)]
        spent = await limits.allow("acme", "c")

    assert [True, True, False, False, False] == greedy
    assert ([True, True], False) == (others, spent)


async def test_calls_at_once_are_counted_each(redis_url: str) -> None:
    """Of twenty concurrent calls exactly ten pass, over two gateways."""
    async with Redis.from_url(redis_url) as redis, Redis.from_url(redis_url) as other:
        gateways = [ReadLimits(one, calls_per_minute=10) for one in (redis, other)]
        asked = await asyncio.gather(
            *(gateways[number % 2].allow("acme", "a") for number in range(20))
        )

    assert 10 == sum(asked)


async def test_a_count_forgets_itself(redis_url: str) -> None:
    """Nothing of it lives longer than two minutes."""
    async with Redis.from_url(redis_url) as redis:
        await ReadLimits(redis, calls_per_minute=2).allow("acme", "a")
        keys = await redis.keys("*")
        seconds = [await redis.ttl(key) for key in keys]

    assert seconds
    assert all(0 < one <= 120 for one in seconds)


async def test_a_redis_that_is_away_blocks_no_read(tmp_path: Path) -> None:
    """The run's own budget in Postgres still binds; so a dead Redis stops nothing."""
    async with Redis.from_url(f"unix://{tmp_path}/nowhere.sock") as redis:
        limits = ReadLimits(redis, calls_per_minute=0)

        assert await limits.allow("acme", "a")


async def test_a_limit_of_nothing_allows_nothing(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        assert not await ReadLimits(redis, calls_per_minute=0).allow("acme", "a")


async def test_without_redis_there_is_no_minute() -> None:
    """A gateway without a Redis URL counts per run alone."""
    assert await ReadLimits(None, calls_per_minute=0).allow("acme", "a")
