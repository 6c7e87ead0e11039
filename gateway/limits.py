"""
How often a tenant may read: over a sliding minute in Redis, per run in Postgres.

Losing Redis opens nothing: the run's own budget of calls, counted in Postgres, binds
all the same, and write limits never live here.
"""

from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis
from redis.exceptions import RedisError


class ReadLimits:
    """
    So many reads a minute for each tenant, and so many of one tool.

    Any sixty seconds hold no more than that, but for the little that a window which
    is counted in two halves may err. Without ``tool_calls_per_minute`` one tool may
    take all.
    """

    def __init__(
        self,
        redis: Redis | None,
        *,
        calls_per_minute: int,
        tool_calls_per_minute: int | None = None,
    ) -> None:
        self._windows = _windows(redis) if redis is not None else None
        most = calls_per_minute
        self._of_tenant = _per_minute(most)
        self._of_tool = _per_minute(
            most if tool_calls_per_minute is None else tool_calls_per_minute
        )

    async def allow(self, tenant_id: str, tool: str) -> bool:
        """Count one read; False when the minute of tenant or tool is spent."""
        windows = self._windows
        if windows is None:
            return True
        try:
            # The narrower first: a tool that is refused takes nothing from the others.
            return await windows.hit(
                self._of_tool, "reads", tenant_id, tool
            ) and await windows.hit(self._of_tenant, "reads", tenant_id)
        except (StorageError, RedisError, OSError) as exc:
            structlog.get_logger().warning("read_limits.away", error=str(exc))
            return True


def _windows(redis: Redis) -> SlidingWindowCounterRateLimiter:
    """Count in this client's Redis, over its own pool."""
    # The library's hints name only what a URL could say.
    pool: Any = redis.connection_pool
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        key_prefix="autopilot",
        wrap_exceptions=True,
        connection_pool=pool,
    )
    return SlidingWindowCounterRateLimiter(storage)


def _per_minute(most: int) -> RateLimitItemPerMinute:
    return RateLimitItemPerMinute(most)
