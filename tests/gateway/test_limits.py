"""Read limits: a minute's count in Valkey, which may be away."""

import asyncio
from pathlib import Path

from redis.asyncio import Redis

from gateway.limits import ReadLimits


async def test_a_minute_holds_so_many(redis_url: str) -> None:
    """The third of two is refused; the next minute and another tenant are their own."""
    async with Redis.from_url(redis_url) as redis:
        limits = ReadLimits(redis, calls_per_minute=2)
        asked = [await limits.allow("acme", minute=7) for _ in range(3)]
        others = [
            await limits.allow("acme", minute=8),
            await limits.allow("globex", minute=7),
        ]

    assert ([True, True, False], [True, True]) == (asked, others)


async def test_calls_at_once_are_counted_each(redis_url: str) -> None:
    """Of twenty concurrent calls exactly ten pass."""
    async with Redis.from_url(redis_url) as redis:
        limits = ReadLimits(redis, calls_per_minute=10)
        asked = await asyncio.gather(
            *(limits.allow("acme", minute=1) for _ in range(20))
        )

    assert 10 == sum(asked)


async def test_a_count_forgets_itself(redis_url: str) -> None:
    """A minute's key lives two minutes at most."""
    async with Redis.from_url(redis_url) as redis:
        await ReadLimits(redis, calls_per_minute=2).allow("acme", minute=1)
        [key] = await redis.keys("*")
        seconds = await redis.ttl(key)

    assert 0 < seconds <= 120


async def test_a_redis_that_is_away_blocks_no_read(tmp_path: Path) -> None:
    """The run's own budget in Postgres still binds; so a dead Redis stops nothing."""
    async with Redis.from_url(f"unix://{tmp_path}/nowhere.sock") as redis:
        limits = ReadLimits(redis, calls_per_minute=0)

        assert await limits.allow("acme", minute=1)


async def test_without_redis_there_is_no_minute() -> None:
    """A gateway without a Redis URL counts per run alone."""
    assert await ReadLimits(None, calls_per_minute=0).allow("acme", minute=1)
