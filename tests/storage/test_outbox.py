"""The outbox: versions of a slot in order, the highest wins."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from policy.event import Event
from policy.scope import Scope
from storage import ledger, outbox
from storage.database import Database, Tx
from storage.outbox import Lane, NewPost, Post
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_task


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


@pytest.fixture
def courier(database: Databases) -> Database:
    return database("courier")


@pytest.fixture
async def task_id(worker: Database, scope: Scope) -> UUID:
    async with worker.transaction(scope, Step.set_up) as tx:
        return (await add_task(tx)).id


async def post(tx: Tx, task_id: UUID, slot: str, lane: Lane = Lane.state) -> None:
    """Post as the house does: the ledger's entry takes the task's row first."""
    await ledger.append(tx, Event.task_moved, actor="test", body={}, task_id=task_id)
    await outbox.post(tx, NewPost(task_id, slot, "root", {}, lane))


async def post_alone(worker: Database, scope: Scope, task_id: UUID, slot: str) -> None:
    async with worker.transaction(scope, Step.look) as tx:
        await post(tx, task_id, slot)


async def waiting(courier: Database, scope: Scope, task_id: UUID) -> list[Post]:
    async with courier.transaction(scope, Step.look) as tx:
        return list(await outbox.list_waiting(tx, task_id))


async def test_each_slot_counts_from_one(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """Versions are gap-free in each slot."""
    for slot in ("root", "trace", "root"):
        await post_alone(worker, scope, task_id, slot)
    posts = await waiting(courier, scope, task_id)

    assert [("root", 1), ("root", 2), ("trace", 1)] == [
        (one.slot, one.version) for one in posts
    ]


async def test_concurrent_posts_leave_no_gap(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """Six transactions at once make versions one to six."""
    await asyncio.gather(
        *(post_alone(worker, scope, task_id, "root") for _ in range(6))
    )
    posts = await waiting(courier, scope, task_id)

    assert list(range(1, 7)) == [one.version for one in posts]


async def test_no_version_twice(worker: Database, scope: Scope, task_id: UUID) -> None:
    """Even without the task's lock, the database keeps a version from doubling."""
    async with worker.dispatch(Step.look) as behind:
        await behind.change("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await behind.enter(scope)
        await outbox.list_waiting(behind, task_id)
        await post_alone(worker, scope, task_id, "root")
        with pytest.raises(IntegrityError, match="uq_outbox"):
            await outbox.post(behind, NewPost(task_id, "root", "root", {}))


async def test_the_root_goes_first_then_lane_and_age(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A thread begins with its root; a person waits for no chatter."""
    async with worker.transaction(scope, Step.look) as tx:
        await post(tx, task_id, "trace", Lane.chatter)
        await post(tx, task_id, "evidence", Lane.state)
        await post(tx, task_id, "proposal:1", Lane.decision)
        await post(tx, task_id, "root", Lane.state)
    slots = [one.slot for one in await waiting(courier, scope, task_id)]

    assert ["root", "proposal:1", "evidence", "trace"] == slots


async def test_sending_a_version_supersedes_the_older(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """After the highest version is sent, lower ones of its slot never are."""
    for slot in ("root", "root", "trace"):
        await post_alone(worker, scope, task_id, slot)
    second = (await waiting(courier, scope, task_id))[1]
    async with courier.transaction(scope, Step.message_sent) as tx:
        await outbox.mark_sent(tx, second)
        rows = await tx.rows("SELECT slot, version, state FROM outbox ORDER BY 1, 2")

    assert [
        ("root", 1, "superseded"),
        ("root", 2, "sent"),
        ("trace", 1, "pending"),
    ] == [(row["slot"], row["version"], row["state"]) for row in rows]


async def test_a_newer_version_still_waits(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A version posted while an older one was sent is not lost."""
    await post_alone(worker, scope, task_id, "root")
    (first,) = await waiting(courier, scope, task_id)
    await post_alone(worker, scope, task_id, "root")
    async with courier.transaction(scope, Step.message_sent) as tx:
        await outbox.mark_sent(tx, first)

    assert [2] == [one.version for one in await waiting(courier, scope, task_id)]


async def test_a_post_that_was_begun_is_still_waiting(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A courier that died while sending leaves the post, and its attempt."""
    await post_alone(worker, scope, task_id, "root")
    (first,) = await waiting(courier, scope, task_id)
    async with courier.transaction(scope, Step.message_intent) as tx:
        await outbox.mark_sending(tx, first.id)

    assert [("sending", 1)] == [
        (one.state, one.attempts) for one in await waiting(courier, scope, task_id)
    ]


@pytest.mark.parametrize(("dead", "left"), [(False, 1), (True, 0)])
async def test_an_unsent_post_waits_unless_it_is_dead(
    worker: Database,
    courier: Database,
    scope: Scope,
    task_id: UUID,
    *,
    dead: bool,
    left: int,
) -> None:
    """What Slack will never take is given up; anything else is tried again."""
    await post_alone(worker, scope, task_id, "root")
    (first,) = await waiting(courier, scope, task_id)
    async with courier.transaction(scope, Step.message_sent) as tx:
        await outbox.mark_unsent(tx, first.id, error="x" * 900, dead=dead)

    assert left == len(await waiting(courier, scope, task_id))


async def test_a_rolled_back_fact_leaves_no_message(
    worker: Database, courier: Database, scope: Scope, task_id: UUID
) -> None:
    """A message leaves only with the transaction that made it true."""
    async with worker.transaction(scope, Step.look) as tx:
        await post(tx, task_id, "root")
        await tx.connection.rollback()

    assert [] == await waiting(courier, scope, task_id)
