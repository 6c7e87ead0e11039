"""Events on a Redis stream: one entry each, with the CloudEvent as its one field."""

from collections.abc import AsyncIterator, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.bus import MOST_KEPT, PATIENCE_SECONDS, STREAM, BusAway, Message

_FIELD = b"event"
_BLOCK_MILLISECONDS = 2000
_AT_ONCE = 500


class RedisBus:
    """Fulfils ``Bus``."""

    name = "redis"

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @classmethod
    def of(cls, url: str) -> "RedisBus":
        """Open one whose silence is noticed."""
        redis = Redis.from_url(
            url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        )
        return cls(redis)

    async def publish(self, messages: Sequence[Message]) -> None:
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for one in messages:
                    pipe.xadd(
                        STREAM, {_FIELD: one.event}, maxlen=MOST_KEPT, approximate=True
                    )
                await pipe.execute()
        except (RedisError, OSError) as exc:
            raise BusAway(f"redis: {exc}") from exc

    async def check(self) -> None:
        try:
            await self._redis.ping()
        except (RedisError, OSError) as exc:
            raise BusAway(f"redis: {exc}") from exc

    async def follow(self, *, beginning: bool) -> AsyncIterator[str]:
        after: bytes | str = "0" if beginning else "$"
        while True:
            try:
                found = await self._redis.xread(
                    {STREAM: after}, count=_AT_ONCE, block=_BLOCK_MILLISECONDS
                )
            except (RedisError, OSError) as exc:
                raise BusAway(f"redis: {exc}") from exc
            for _, entries in found:
                for at, fields in entries:
                    after = at
                    yield fields[_FIELD].decode()

    async def close(self) -> None:
        await self._redis.aclose()
