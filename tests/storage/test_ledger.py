"""The ledger: entries in the order of their task, kept byte for byte."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest

from policy.event import Event
from policy.scope import Scope
from storage import ledger, tasks
from storage.canonical import canonical
from storage.database import Database
from storage.errors import NotFound
from storage.ledger import Entry
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_task

NOBODY = UUID(int=7)


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


async def make_task(worker: Database, scope: Scope) -> UUID:
    async with worker.transaction(scope, Step.set_up) as tx:
        return (await add_task(tx)).id


async def append(worker: Database, scope: Scope, task_id: UUID, actor: str) -> None:
    async with worker.transaction(scope, Step.look) as tx:
        await ledger.append(tx, Event.task_moved, actor=actor, body={}, task_id=task_id)


async def listed(worker: Database, scope: Scope, task_id: UUID) -> list[Entry]:
    async with worker.transaction(scope, Step.look) as tx:
        return list(await ledger.list_of_task(tx, task_id))


async def test_a_tasks_entries_are_numbered_from_one(
    worker: Database, scope: Scope
) -> None:
    """Each task counts its own entries."""
    first, second = [await make_task(worker, scope) for _ in range(2)]
    for task_id in (first, second, first):
        await append(worker, scope, task_id, "test")

    assert [1, 2] == [one.task_seq for one in await listed(worker, scope, first)]
    assert [1] == [one.task_seq for one in await listed(worker, scope, second)]


async def test_concurrent_appends_leave_no_gap(worker: Database, scope: Scope) -> None:
    """Eight transactions at once number a task's entries one to eight."""
    task_id = await make_task(worker, scope)

    await asyncio.gather(*(append(worker, scope, task_id, f"w{n}") for n in range(8)))
    entries = await listed(worker, scope, task_id)

    assert list(range(1, 9)) == [one.task_seq for one in entries]


async def test_the_second_waits_for_the_first(worker: Database, scope: Scope) -> None:
    """An append holds its task until the commit, so order and commits agree."""
    task_id = await make_task(worker, scope)
    async with (
        asyncio.TaskGroup() as group,
        worker.transaction(scope, Step.look) as tx,
    ):
        await ledger.append(
            tx, Event.task_moved, actor="first", body={}, task_id=task_id
        )
        later = group.create_task(append(worker, scope, task_id, "second"))
        done, _ = await asyncio.wait({later}, timeout=0.1)
        assert not done
    actors = [one.actor for one in await listed(worker, scope, task_id)]

    assert ["first", "second"] == actors


async def test_a_rolled_back_entry_leaves_no_number(
    worker: Database, scope: Scope
) -> None:
    """What was rolled back never was: the next entry takes its number."""
    task_id = await make_task(worker, scope)
    async with worker.transaction(scope, Step.look) as tx:
        await ledger.append(
            tx, Event.task_moved, actor="lost", body={}, task_id=task_id
        )
        await tx.connection.rollback()
    await append(worker, scope, task_id, "kept")

    assert [(1, "kept")] == [
        (one.task_seq, one.actor) for one in await listed(worker, scope, task_id)
    ]


async def test_the_body_is_canonical(worker: Database, scope: Scope) -> None:
    """The body is kept as RFC 8785 text: keys sorted, no spaces."""
    task_id = await make_task(worker, scope)
    async with worker.transaction(scope, Step.look) as tx:
        await ledger.append(
            tx,
            Event.task_moved,
            actor="test",
            body={"b": 1.0, "a": ["é", None]},
            task_id=task_id,
        )

    (entry,) = await listed(worker, scope, task_id)
    assert '{"a":["é",null],"b":1}' == entry.body


async def test_an_entry_of_no_task_has_no_number(
    worker: Database, scope: Scope
) -> None:
    """What happens outside any task is kept without a task's order."""
    async with worker.transaction(scope, Step.look) as tx:
        await ledger.append(
            tx, Event.delivery_refused, actor="web", body={}, task_id=None
        )
        row = await tx.row("SELECT task_id, task_seq, event FROM ledger")

    assert {"task_id": None, "task_seq": None, "event": "delivery.refused"} == row


async def test_no_entry_for_an_unknown_task(worker: Database, scope: Scope) -> None:
    """An entry without a number would break the chain's proof for good."""
    async with worker.transaction(scope, Step.look) as tx:
        with pytest.raises(NotFound):
            await ledger.append(
                tx, Event.task_moved, actor="test", body={}, task_id=NOBODY
            )


async def test_the_task_stays_found_after_its_entries(
    worker: Database, scope: Scope
) -> None:
    """The count of entries lives in the task's row and changes nothing else."""
    task_id = await make_task(worker, scope)
    async with worker.transaction(scope, Step.look) as tx:
        before = await tasks.get(tx, task_id)
    await append(worker, scope, task_id, "test")
    async with worker.transaction(scope, Step.look) as tx:
        assert before == await tasks.get(tx, task_id)


def test_a_leaf_is_the_hash_of_the_whole_entry() -> None:
    """RFC 6962's leaf prefix, then the entry in canonical JSON."""
    entry = Entry(
        id=NOBODY,
        tenant_id="acme",
        environment="prod",
        task_id=None,
        task_seq=None,
        event="task.moved",
        actor="w1",
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        body="{}",
    )
    content = canonical(
        {
            "id": str(NOBODY),
            "tenant": "acme",
            "environment": "prod",
            "task": None,
            "task_seq": None,
            "event": "task.moved",
            "actor": "w1",
            "at": "2026-01-02T03:04:05.000000+00:00",
            "body": "{}",
        }
    )

    assert sha256(b"\x00" + content.encode()).digest() == entry.leaf()
