"""
How often a run may read: per tenant and minute in Redis, per run in Postgres.

Losing Redis opens nothing: the run's own budget of calls, counted in Postgres, binds
all the same, and write limits never live here.
"""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

_WINDOW_SECONDS = 60


class ReadLimits:
    """A fixed window of a minute for each tenant."""

    def __init__(self, redis: Redis | None, *, calls_per_minute: int) -> None:
        self._redis = redis
        self._most = calls_per_minute

    async def allow(self, tenant_id: str, *, minute: int) -> bool:
        """Count one read; False when the tenant's minute is spent."""
        if self._redis is None:
            return True
        key = f"autopilot:reads:{tenant_id}:{minute}"
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, _WINDOW_SECONDS * 2)
                count, _ = await pipe.execute()
        except (RedisError, OSError) as exc:
            structlog.get_logger().warning("read_limits.away", error=str(exc))
            return True
        return int(count) <= self._most
