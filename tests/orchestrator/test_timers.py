"""Timers: arq's worker really rings; it survives its Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from uuid import uuid4

import pytest

from lab.embedded.valkey import EmbeddedValkey
from orchestrator.timers import Timers
from policy.scope import Scope
from storage.directory import Due

DUE = Due("expiry", Scope("acme", "prod"), uuid4())


def soon(seconds: float = 0.0) -> datetime:
    return datetime.fromtimestamp(time(), UTC) + timedelta(seconds=seconds)


@asynccontextmanager
async def ringing(
    url: str, *, hang: bool = False
) -> AsyncIterator[tuple[Timers, list[Due]]]:
    """Run the timers' worker; give what it woke. ``hang``: the first never ends."""
    woken: list[Due] = []

    async def wake(due: Due) -> None:
        woken.append(due)
        if hang and len(woken) == 1:
            await asyncio.Event().wait()

    async def sweep() -> None:
        return

    timers = Timers(url, wake=wake, sweep=sweep)
    running = asyncio.ensure_future(timers.run())
    try:
        yield timers, woken
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await timers.close()


async def until(check: Callable[[], bool], *, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not check():  # noqa: ASYNC110 - a list that another task fills
            await asyncio.sleep(0.02)


async def test_a_timer_rings(redis_url: str) -> None:
    """The worker calls back with the row that was named."""
    async with ringing(redis_url) as (timers, woken):
        await timers.set(DUE, soon())
        await until(lambda: bool(woken))

    assert [DUE] == woken


async def test_a_timer_set_twice_rings_once(redis_url: str) -> None:
    """The same row at the same time is one job."""
    other = Due("expiry", DUE.scope, uuid4())
    async with ringing(redis_url) as (timers, woken):
        at = soon()
        for _ in range(2):
            await timers.set(DUE, at)
        await timers.set(other, soon(1.0))
        await until(lambda: other in woken)

    assert [DUE, other] == woken


async def test_a_later_timer_waits(redis_url: str) -> None:
    """What is due in an hour does not ring now."""
    later = Due("backoff", DUE.scope, uuid4())
    async with ringing(redis_url) as (timers, woken):
        await timers.set(later, soon(3600))
        await timers.set(DUE, soon())
        await until(lambda: bool(woken))

    assert [DUE] == woken


async def test_without_redis_setting_is_no_error(tmp_path: Path) -> None:
    """The sweeper makes up for a timer that could not be set."""

    async def nothing(_due: Due) -> None:
        return

    async def sweep() -> None:
        return

    timers = Timers(f"unix://{tmp_path}/no.sock", wake=nothing, sweep=sweep)
    await timers.set(DUE, soon())
    await timers.close()


@pytest.mark.services
@pytest.mark.parametrize("busy", [False, True])
async def test_timers_outlive_their_redis(tmp_path: Path, *, busy: bool) -> None:
    """Stopped and started again, it rings again, though a wake-up was under way."""
    server = EmbeddedValkey(tmp_path)
    await server.start_async()
    async with ringing(server.url, hang=busy) as (timers, woken):
        await timers.set(DUE, soon())
        await until(lambda: len(woken) == 1)
        await server.stop_async()
        await timers.set(DUE, soon())
        await server.start_async()
        again = Due("quiet", DUE.scope, uuid4())

        async def rung() -> None:
            while again not in woken:
                await timers.set(again, soon())
                await asyncio.sleep(0.5)

        async with asyncio.timeout(30):
            await rung()
    await server.stop_async()

    assert again in woken
