"""The doorbell: rung by the commit, not before, and after a lost connection."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest

from policy.scope import Scope
from storage import inbox, outbox
from storage.database import Tx
from storage.doorbell import Bell, Doorbell, listening
from storage.inbox import Delivery
from storage.outbox import NewPost
from storage.steps import Step
from tests.conftest import Databases
from tests.database import Urls
from tests.samples import add_task

LONG_SECONDS = 10.0


async def rings(doorbell: Doorbell, *, within_seconds: float) -> bool:
    """Tell a ring from the end of the wait, by the time that it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await doorbell.wait(within_seconds)
    return loop.time() - began < within_seconds


async def heard_first(doorbell: Doorbell) -> None:
    """Wait for the ring that says: listening from now on."""
    assert await rings(doorbell, within_seconds=LONG_SECONDS)


async def receive(tx: Tx) -> None:
    await inbox.receive(tx, Delivery("slack", "d1", "approve", {}))


async def post(tx: Tx) -> None:
    task = await add_task(tx)
    await outbox.post(tx, NewPost(task.id, "root", "root", {}))


ROWS: dict[Bell, Callable[[Tx], Coroutine[Any, Any, object]]] = {
    Bell.tasks: add_task,
    Bell.inbox: receive,
    Bell.outbox: post,
}


@pytest.mark.parametrize("bell", ROWS)
async def test_a_commit_rings(
    database: Databases, urls: Urls, scope: Scope, bell: Bell
) -> None:
    """A new row is heard at once."""
    async with listening(urls["worker"], bell) as doorbell:
        await heard_first(doorbell)
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await ROWS[bell](tx)

        assert await rings(doorbell, within_seconds=LONG_SECONDS)


async def test_nothing_rings_before_the_commit(
    database: Databases, urls: Urls, scope: Scope
) -> None:
    """Whoever hears the bell finds the row."""
    async with listening(urls["worker"], Bell.inbox) as doorbell:
        await heard_first(doorbell)
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await receive(tx)
            early = await rings(doorbell, within_seconds=0.1)

        assert (False, True) == (
            early,
            await rings(doorbell, within_seconds=LONG_SECONDS),
        )


async def test_a_rollback_rings_nothing(
    database: Databases, urls: Urls, scope: Scope
) -> None:
    """What never was is not heard."""
    async with listening(urls["worker"], Bell.inbox) as doorbell:
        await heard_first(doorbell)
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await receive(tx)
            await tx.connection.rollback()

        assert not await rings(doorbell, within_seconds=0.1)


async def test_other_bells_are_not_heard(
    database: Databases, urls: Urls, scope: Scope
) -> None:
    """A listener hears the bells that it named, and no other."""
    async with listening(urls["worker"], Bell.outbox) as doorbell:
        await heard_first(doorbell)
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await receive(tx)

        assert not await rings(doorbell, within_seconds=0.1)


async def test_a_ring_while_nobody_waits_is_kept() -> None:
    """Who was busy hears at once what rang meanwhile, and hears it once."""
    doorbell = Doorbell()
    doorbell.ring()
    doorbell.ring()

    assert await rings(doorbell, within_seconds=LONG_SECONDS)
    assert not await rings(doorbell, within_seconds=0.05)


async def test_a_lost_connection_rings_and_is_made_again(
    database: Databases, urls: Urls, scope: Scope, admin: psycopg.Connection
) -> None:
    """What happened meanwhile is unknown: so it rings, and listens again."""
    async with listening(urls["worker"], Bell.inbox) as doorbell:
        await heard_first(doorbell)
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        lost = await rings(doorbell, within_seconds=LONG_SECONDS)
        await heard_first(doorbell)
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await receive(tx)

        assert lost
        assert await rings(doorbell, within_seconds=LONG_SECONDS)


async def test_the_listener_ends_with_its_block(
    urls: Urls, admin: psycopg.Connection
) -> None:
    """No connection is left behind."""
    async with listening(urls["worker"], Bell.inbox) as doorbell:
        await heard_first(doorbell)
    async with asyncio.timeout(LONG_SECONDS):
        while admin.execute(  # noqa: ASYNC110 - Postgres rings for no ended session
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            " AND datname = current_database()"
        ).fetchone():
            await asyncio.sleep(0.01)
