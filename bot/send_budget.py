"""
How often Slack is written to: one budget for all couriers of a workspace, over Redis.

Theory of operation. Each call weighs on its method in the workspace, a post also on its
channel, over moving windows. Decisions may take all of a window; what shows state
leaves a fifth to them, chatter half. A 429 closes its bucket for every courier, for as
long as Slack says: a post's channel, else the method. Without Redis each process counts
alone, at half the rate.

Rates are Slack's published ones (docs/slack.md, "How often Slack is written to").
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.outbox import Lane

POST, EDIT, WHISPER = "chat.postMessage", "chat.update", "chat.postEphemeral"
# Calls a minute in a workspace: tier 3 is 50, tier 4 is 100. Of posts Slack says
# "several hundred".
_PER_MINUTE = {POST: 200, EDIT: 50, WHISPER: 100}
_OTHERS_PER_MINUTE = 50
# One post a second in a channel, and so many at once.
_CHANNEL_BURST = 5
_MINUTE_SECONDS = 60
# Slack counts when a call arrives, and one may be so much slower than those after it.
_TRAVEL_SECONDS = 1
# What a lane leaves of each window to those above it.
_LEFT_BY = {Lane.decision: 0.0, Lane.state: 0.2, Lane.chatter: 0.5}
_LEAST_WAIT_SECONDS = 0.1
_MOST_ANSWER_SECONDS = 0.5
# A Redis that is away is not asked again for so long.
_AWAY_SECONDS = 10.0
_SHARE_ALONE = 0.5
_AWAY = (StorageError, RedisError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A window, and what it counts: a method's calls, or a channel's posts."""

    window: RateLimitItem
    name: tuple[str, ...]


class SendBudget:
    """
    One courier's view of its workspace's budget; ``workspace`` names it in Redis.

    ``rate`` multiplies Slack's published rates, for an app that was granted more.
    ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        redis: Redis | None,
        *,
        workspace: str,
        clock: Callable[[], float],
        rate: float = 1.0,
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._rate = rate
        self._shared = (redis, _shared(redis)) if redis is not None else None
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._closed: dict[tuple[str, ...], float] = {}
        self._away_until = -math.inf

    async def take(self, method: str, channel: str, lane: Lane) -> float:
        """Take one call and give 0, or take none and give the seconds to wait."""
        buckets = self._buckets(method, channel, self._rate)
        if self._shared is not None and self._clock() >= self._away_until:
            redis, limiter = self._shared
            try:
                async with asyncio.timeout(_MOST_ANSWER_SECONDS):
                    left = [await redis.pttl(_key(one)) for one in buckets]
                    if max(left) > 0:
                        return float(max(left)) / 1000
                    return await self._count(limiter, buckets, lane)
            except _AWAY as exc:
                self._note_away(exc)
        buckets = self._buckets(method, channel, self._rate * _SHARE_ALONE)
        closed = max(self._closed.get(one.name, 0.0) for one in buckets)
        if closed > self._clock():
            return closed - self._clock()
        return await self._count(self._alone, buckets, lane)

    async def close(self, method: str, channel: str, seconds: float) -> None:
        """Take nothing out of the bucket that Slack says is empty, for so long."""
        now = self._clock()
        self._closed = {name: at for name, at in self._closed.items() if at > now}
        first = self._buckets(method, channel, self._rate)[0]
        self._closed[first.name] = now + seconds
        if self._shared is None or now < self._away_until:
            return
        redis, _ = self._shared
        try:
            async with asyncio.timeout(_MOST_ANSWER_SECONDS):
                await redis.set(_key(first), 1, px=max(1, int(seconds * 1000)))
        except _AWAY as exc:
            self._note_away(exc)

    async def _count(
        self, limiter: MovingWindowRateLimiter, buckets: Sequence[Bucket], lane: Lane
    ) -> float:
        """Count in every bucket, the narrower first, if the lane may take from each."""
        for one in buckets:
            kept = int(one.window.amount * _LEFT_BY[lane])
            found = await limiter.get_window_stats(one.window, *one.name)
            if found.remaining <= kept:
                return self._until(found.reset_time)
        for one in buckets:
            if not await limiter.hit(one.window, *one.name):
                found = await limiter.get_window_stats(one.window, *one.name)
                return self._until(found.reset_time)
        return 0.0

    def _until(self, reset_time: float) -> float:
        return max(_LEAST_WAIT_SECONDS, reset_time - self._clock())

    def _buckets(self, method: str, channel: str, rate: float) -> Sequence[Bucket]:
        a_minute = _PER_MINUTE.get(method, _OTHERS_PER_MINUTE)
        of_method = Bucket(
            _window(_scaled(a_minute, rate), _MINUTE_SECONDS),
            (self._workspace, method),
        )
        if method != POST:
            return [of_method]
        burst = _window(_scaled(_CHANNEL_BURST, rate), _CHANNEL_BURST)
        return [Bucket(burst, (self._workspace, POST, channel)), of_method]

    def _note_away(self, trouble: BaseException) -> None:
        self._away_until = self._clock() + _AWAY_SECONDS
        structlog.get_logger().warning(
            "send_budget.away", error=f"{type(trouble).__name__}: {trouble}"
        )


def _key(bucket: Bucket) -> str:
    return "/".join(("autopilot", "slack-closed", *bucket.name))


def _window(amount: int, seconds: int) -> RateLimitItem:
    """Count over what Slack counts over, and the time that a call travels."""
    return RateLimitItemPerSecond(amount, seconds + _TRAVEL_SECONDS)


def _scaled(amount: int, rate: float) -> int:
    return max(1, int(amount * rate))


def _shared(redis: Redis) -> MovingWindowRateLimiter:
    """Count in this client's Redis, over its own pool."""
    # The library's hints name only what a URL could say.
    pool: Any = redis.connection_pool
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="autopilot-slack",
        wrap_exceptions=True,
        connection_pool=pool,
    )
    return MovingWindowRateLimiter(storage)
