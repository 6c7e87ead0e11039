"""
arq as an alarm clock: deferred wake-ups and scheduled jobs, never a fact.

A wake-up only names a row that may be due; the sweeper's handler looks again. Lost with
Redis, it is made up by the sweep seconds later. arq's worker exits when Redis goes, so
``run`` starts it again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import structlog
from arq import create_pool, cron, func
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker
from redis.exceptions import RedisError

from policy.scope import Scope
from storage.directory import Due

if TYPE_CHECKING:
    from arq.typing import WorkerCoroutine

QUEUE = "autopilot:timers"
_AGAIN_SECONDS = 2.0
_POLL_SECONDS = 0.5


class Timers:
    """Set wake-ups and run those that ring."""

    def __init__(
        self,
        redis_url: str,
        *,
        wake: Callable[[Due], Awaitable[None]],
        sweep: Callable[[], Awaitable[object]],
    ) -> None:
        self._settings = _settings(redis_url)
        self._wake = wake
        self._sweep = sweep
        self._pool: ArqRedis | None = None

    async def set(self, due: Due, at: datetime) -> None:
        """Ask to be woken at that time; without Redis the sweep alone will do."""
        try:
            if self._pool is None:
                self._pool = await create_pool(self._settings, default_queue_name=QUEUE)
            await self._pool.enqueue_job(
                "wake",
                due.kind,
                due.scope.tenant_id,
                due.scope.environment,
                str(due.id),
                _job_id=f"{due.kind}:{due.id}:{at.timestamp():.0f}",
                _defer_until=at,
            )
        except (RedisError, OSError) as exc:
            structlog.get_logger().warning("timers.away", error=str(exc))
            self._pool = None

    async def run(self) -> None:
        """Run arq's worker, and start it again whenever Redis comes back."""
        while True:
            try:
                await self._run_once()
            except (RedisError, OSError) as exc:
                structlog.get_logger().warning("timers.away", error=str(exc))
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _run_once(self) -> None:
        """
        Run one worker of arq until Redis goes, and close what it leaves.

        arq's own ``close`` gives up at the first job that failed, with the pool open.
        """
        pool = await create_pool(self._settings, default_queue_name=QUEUE)
        try:
            worker = self._worker(pool)
            try:
                await worker.async_run()
            finally:
                jobs = list(worker.tasks.values())
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
        finally:
            await pool.aclose(close_connection_pool=True)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    def _worker(self, pool: ArqRedis) -> Worker:
        async def wake(
            _ctx: dict[Any, Any], kind: str, tenant: str, environment: str, row: str
        ) -> None:
            await self._wake(Due(kind, Scope(tenant, environment), UUID(row)))

        async def sweep(_ctx: dict[Any, Any]) -> None:
            await self._sweep()

        return Worker(
            functions=[
                func(
                    cast("WorkerCoroutine", wake),
                    name="wake",
                    keep_result=0,
                    max_tries=1,
                )
            ],
            cron_jobs=[
                cron(
                    cast("WorkerCoroutine", sweep),
                    name="sweep",
                    second=0,
                    keep_result=0,
                )
            ],
            queue_name=QUEUE,
            redis_pool=pool,
            handle_signals=False,
            poll_delay=_POLL_SECONDS,
            job_timeout=30,
        )


def _settings(url: str) -> RedisSettings:
    """Read a URL; on a Unix socket redis-py takes the password from the query."""
    settings = RedisSettings.from_dsn(url)
    password = parse_qs(urlsplit(url).query).get("password")
    if password:
        settings.password = password[0]
    settings.conn_retries = 1
    return settings
