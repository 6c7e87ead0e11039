"""Threads: one courier at a time, the root's ts set once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import outbox, threads
from storage.database import Database
from storage.outbox import Lane, NewPost
from storage.steps import Step
from storage.threads import Message, Place
from tests.conftest import Databases
from tests.samples import add_task


@pytest.fixture
def courier(database: Databases) -> Database:
    return database("courier")


@pytest.fixture
async def task_id(database: Databases, scope: Scope) -> UUID:
    """A task whose thread has something to send."""
    return await add_thread(database, scope)


async def add_thread(
    database: Databases, scope: Scope, lane: Lane = Lane.state
) -> UUID:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        await outbox.post(tx, NewPost(task.id, "root", "root", {}, lane))
        return task.id


async def claim(
    courier: Database, owner: str = "c1", *, lease_seconds: int = 30
) -> UUID | None:
    async with courier.dispatch(Step.claim_thread) as tx:
        claimed = await threads.claim(tx, owner=owner, lease_seconds=lease_seconds)
        return claimed[1] if claimed else None


async def test_a_thread_has_one_courier(courier: Database, task_id: UUID) -> None:
    """While one courier holds a thread, another finds nothing."""
    assert [task_id, None] == [await claim(courier), await claim(courier, "c2")]


async def test_couriers_at_once_get_different_threads(
    courier: Database, database: Databases, scope: Scope
) -> None:
    """Five claims over three threads give each thread once."""
    made = [await add_thread(database, scope) for _ in range(3)]
    claims = await asyncio.gather(*(claim(courier, f"c{n}") for n in range(5)))

    assert sorted(made) == sorted(filter(None, claims))


async def test_what_a_person_waits_for_goes_first(
    courier: Database, database: Databases, scope: Scope
) -> None:
    """A thread with a decision is claimed before an older one with chatter."""
    await add_thread(database, scope, Lane.chatter)
    urgent = await add_thread(database, scope, Lane.decision)

    assert urgent == await claim(courier)


async def test_a_thread_with_nothing_to_send_is_not_claimed(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A thread whose posts are sent is left alone."""
    async with courier.transaction(scope, Step.message_sent) as tx:
        (post,) = await outbox.list_waiting(tx, task_id)
        await outbox.mark_sent(tx, post)

    assert await claim(courier) is None


async def test_a_dead_couriers_thread_is_taken_over(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """After the lease another courier has the thread, and the first can't renew."""
    await claim(courier, "c1", lease_seconds=-1)
    taken = await claim(courier, "c2")
    async with courier.transaction(scope, Step.look) as tx:
        renewed = [
            await threads.renew(tx, task_id, owner=owner, lease_seconds=30)
            for owner in ("c1", "c2")
        ]

    assert (task_id, [False, True]) == (taken, renewed)


async def test_a_renewed_thread_stays_held(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A renewal makes an ended lease live again, where nobody came between."""
    await claim(courier, lease_seconds=-1)
    async with courier.transaction(scope, Step.look) as tx:
        await threads.renew(tx, task_id, owner="c1", lease_seconds=30)

    assert await claim(courier, "c2") is None


async def test_a_released_thread_is_claimable(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A courier that is done gives the thread to the next."""
    await claim(courier)
    async with courier.transaction(scope, Step.release_thread) as tx:
        await threads.release(tx, task_id, owner="c1", not_before_at=None)

    assert task_id == await claim(courier, "c2")


async def test_a_thread_rests_until_its_time(
    courier: Database, scope: Scope, task_id: UUID, database: Databases
) -> None:
    """Slack said later: nobody claims the thread before."""
    await claim(courier)
    later = database.clock.now + timedelta(hours=1)
    async with courier.transaction(scope, Step.release_thread) as tx:
        await threads.release(tx, task_id, owner="c1", not_before_at=later)

    assert await claim(courier) is None


async def test_nobody_releases_anothers_thread(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A courier that lost its lease frees nothing."""
    await claim(courier)
    async with courier.transaction(scope, Step.release_thread) as tx:
        await threads.release(tx, task_id, owner="c2", not_before_at=None)

    assert await claim(courier, "c3") is None


async def test_the_root_is_set_once(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A thread never gets a second beginning."""
    async with courier.transaction(scope, Step.message_sent) as tx:
        for ts in ("1.0", "2.0"):
            root = Message("root", "C0OPS", ts, 1, tx.now)
            await threads.keep_message(tx, task_id, root)
        thread = await threads.get(tx, task_id)
        messages = await threads.find_messages(tx, task_id)

    assert ("1.0", "1.0") == (thread.ts, messages["root"].ts)


async def test_only_the_root_begins_the_thread(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """Another slot's message leaves the thread without a beginning."""
    async with courier.transaction(scope, Step.message_sent) as tx:
        trace = Message("trace", "C0OPS", "1.0", 1, tx.now)
        await threads.keep_message(tx, task_id, trace)
        assert (await threads.get(tx, task_id)).ts is None


async def test_a_message_never_goes_back_a_version(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A courier that was late can't make an older version the one that stands."""
    async with courier.transaction(scope, Step.message_sent) as tx:
        for version in (1, 3, 2):
            root = Message("root", "C0OPS", "1.0", version, tx.now)
            await threads.keep_message(tx, task_id, root)
        messages = await threads.find_messages(tx, task_id)

    assert 3 == messages["root"].version


async def test_places_are_found_by_task_and_slot(
    courier: Database, scope: Scope, task_id: UUID
) -> None:
    """With their thread's root; what was never sent has none."""
    async with courier.transaction(scope, Step.look) as tx:
        for slot, ts in (("root", "1.1"), ("proposal:x", "2.2")):
            await threads.keep_message(
                tx, task_id, Message(slot, "C0OPS", ts, 1, tx.now)
            )
        wanted = [(task_id, "proposal:x"), (task_id, "evidence")]
        found = await threads.find_places(tx, wanted)

    assert {wanted[0]: Place("C0OPS", "2.2", "1.1")} == found
