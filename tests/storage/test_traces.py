"""The trace of a thread, and its end."""

from uuid import UUID

import pytest

from policy.lifecycle import TaskEvent
from policy.scope import Scope
from storage import moves, outbox, traces
from storage.database import Database, Tx
from storage.outbox import Lane
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_task

RUN = UUID(int=5)


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    """A task that a run has begun."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        queued = await add_task(tx)
        return await moves.move(tx, queued, TaskEvent.claimed, actor="test")


async def ends(tx: Tx, task: Task) -> list[object]:
    waiting = await outbox.list_waiting(tx, task.id)
    return [one.payload["done"] for one in waiting if one.slot == "trace"]


async def test_a_trace_goes_last(gateway: Database, scope: Scope, task: Task) -> None:
    """Whatever a person decides on is sent before it."""
    async with gateway.transaction(scope, Step.look) as tx:
        await traces.post(tx, task, run_id=RUN, done=False)
        waiting = await outbox.list_waiting(tx, task.id)

    assert [Lane.chatter] == [one.lane for one in waiting if one.slot == "trace"]


@pytest.mark.parametrize(
    "event", [TaskEvent.taken_over, TaskEvent.run_crashed, TaskEvent.run_stuck]
)
async def test_a_task_that_no_more_runs_is_not_looked_into(
    gateway: Database, scope: Scope, task: Task, event: TaskEvent
) -> None:
    """However it stopped; what was looked at stays."""
    async with gateway.transaction(scope, Step.look) as tx:
        await traces.post(tx, task, run_id=RUN, done=False)
        await moves.move(tx, task, event, actor="test")
        shown = await outbox.find_payload(tx, task.id, "trace")

    assert shown is not None
    assert (True, []) == (shown["done"], shown["looks"])


async def test_a_trace_ends_once(gateway: Database, scope: Scope, task: Task) -> None:
    """A second end posts nothing."""
    async with gateway.transaction(scope, Step.look) as tx:
        await traces.post(tx, task, run_id=RUN, done=True)
        await traces.end(tx, task.id)

        assert [True] == await ends(tx, task)


async def test_without_a_trace_there_is_nothing_to_end(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A task that was never looked into shows none."""
    async with gateway.transaction(scope, Step.look) as tx:
        await traces.end(tx, task.id)

        assert [] == await ends(tx, task)
