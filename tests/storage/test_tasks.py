"""Tasks: claims with lease and fence, and look-ups."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from policy.alert import Severity
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import moves, tasks
from storage.database import Database
from storage.errors import LeaseLost, NotFound
from storage.steps import Step
from storage.tasks import Claim, Fired, Task
from tests.conftest import Databases, Scopes
from tests.samples import add_task


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


async def queued(worker: Database, scope: Scope, **changes: object) -> Task:
    async with worker.transaction(scope, Step.set_up) as tx:
        return await add_task(tx, **changes)


async def executing(worker: Database, scope: Scope, **changes: object) -> Task:
    """Add a task that waits for its execution."""
    task = await queued(worker, scope, **changes)
    async with worker.transaction(scope, Step.set_up) as tx:
        running = await moves.move(tx, task, TaskEvent.claimed, actor="test")
        return await moves.move(
            tx, running, TaskEvent.run_found_executable, actor="test"
        )


async def claim(
    worker: Database,
    *,
    slots: int = 10,
    runs: bool = True,
    lease_seconds: int = 30,
) -> Claim | None:
    async with worker.dispatch(Step.claim_task) as tx:
        return await tasks.claim(
            tx,
            owner="w1",
            environment="staging",
            lease_seconds=lease_seconds,
            slots=slots,
            runs=runs,
        )


async def claim_and_run(worker: Database, *, slots: int) -> Task | None:
    """Claim as the worker does: a queued task runs when the transaction commits."""
    async with worker.dispatch(Step.claim_task) as tx:
        claimed = await tasks.claim(
            tx,
            owner="w1",
            environment="staging",
            lease_seconds=30,
            slots=slots,
            runs=True,
        )
        if claimed is None:
            return None
        task = await tasks.get(tx, claimed.task_id)
        return await moves.move(tx, task, TaskEvent.claimed, actor="w1")


async def claimed_id(
    worker: Database, *, slots: int = 10, runs: bool = True
) -> UUID | None:
    claimed = await claim(worker, slots=slots, runs=runs)
    return claimed.task_id if claimed else None


async def test_severity_goes_before_age(worker: Database, scope: Scope) -> None:
    """The most severe task is claimed first, although it came last."""
    await queued(worker, scope, severity=Severity.warning)
    critical = await queued(worker, scope, severity=Severity.critical)

    assert critical.id == await claimed_id(worker)


async def test_age_decides_within_a_severity(
    worker: Database, scope: Scope, database: Databases
) -> None:
    """Of two tasks of one severity the older one is claimed."""
    database.clock.move(seconds=-60)
    older = await queued(worker, scope)
    database.clock.move(seconds=60)
    await queued(worker, scope)

    assert older.id == await claimed_id(worker)


async def test_executing_goes_before_queued(worker: Database, scope: Scope) -> None:
    """An approved action waits for no new run, however severe."""
    waiting = await executing(worker, scope, severity=Severity.info)
    await queued(worker, scope, severity=Severity.critical)

    assert waiting.id == await claimed_id(worker)


async def test_a_tenants_runs_stay_within_its_slots(
    worker: Database, scope: Scope
) -> None:
    """With one slot taken, the tenant's next queued task waits."""
    await queued(worker, scope)
    await queued(worker, scope)
    await claim_and_run(worker, slots=1)

    assert await claim(worker, slots=1) is None


async def test_slots_are_each_tenants_own(
    worker: Database, scope: Scope, scopes: Scopes
) -> None:
    """A tenant with all slots taken holds no other tenant up."""
    await queued(worker, scope)
    await claim_and_run(worker, slots=1)
    other = await queued(worker, await scopes("globex", "staging"))

    assert other.id == await claimed_id(worker, slots=1)


async def test_an_environment_has_tasks_and_slots_of_its_own(
    worker: Database, scopes: Scopes
) -> None:
    """A storm in one takes no slot of the other, and the other's worker none of it."""
    prod, staging = await scopes("acme", "prod"), await scopes("acme", "staging")
    for scope in (prod, staging):
        async with worker.transaction(scope, Step.set_up) as tx:
            await add_task(tx)
    async with worker.dispatch(Step.claim_task) as tx:
        first = await tasks.claim(
            tx, owner="w2", environment="prod", lease_seconds=30, slots=1, runs=True
        )
        assert first is not None
        held = await tasks.get(tx, first.task_id)
        await moves.move(tx, held, TaskEvent.claimed, actor="w2")
    second = await claim(worker, slots=1)

    assert second is not None
    assert (prod, staging) == (first.scope, second.scope)


async def test_slots_hold_for_claims_at_once(worker: Database, scope: Scope) -> None:
    """Eight workers that claim at once start no more runs than there are slots."""
    for _ in range(8):
        await queued(worker, scope)

    started = await asyncio.gather(*(claim_and_run(worker, slots=2) for _ in range(8)))

    assert 2 == len([task for task in started if task])


async def test_executions_need_no_slot(worker: Database, scope: Scope) -> None:
    """A claim for executions alone serves them and never a queued task."""
    await queued(worker, scope)
    waiting = await executing(worker, scope)

    assert waiting.id == await claimed_id(worker, runs=False, slots=0)
    assert await claim(worker, runs=False) is None


async def test_no_two_claimers_get_one_task(worker: Database, scope: Scope) -> None:
    """Six claims at once over three tasks give each task once."""
    made = {(await queued(worker, scope)).id for _ in range(3)}

    claims = await asyncio.gather(*(claim(worker) for _ in range(6)))
    claimed = [one.task_id for one in claims if one]

    assert sorted(made) == sorted(claimed)


async def test_a_held_row_is_skipped_without_waiting(
    worker: Database, scope: Scope
) -> None:
    """While another transaction has claimed a task, the next claim gives the next."""
    first = await queued(worker, scope, severity=Severity.critical)
    second = await queued(worker, scope)

    async with worker.dispatch(Step.claim_task) as tx:
        held = await tasks.claim(
            tx, owner="w1", environment="staging", lease_seconds=30, slots=9, runs=False
        )
        assert held is None
    async with worker.transaction(scope, Step.look) as tx:
        await tasks.get(tx, first.id, lock=True)
        assert second.id == await claimed_id(worker)


async def test_each_claim_raises_the_fence(worker: Database, scope: Scope) -> None:
    """A second claim, after the lease, has a higher fence than the first."""
    await queued(worker, scope)
    first = await claim(worker, lease_seconds=-1)
    second = await claim(worker)

    assert first is not None
    assert second is not None
    assert (first.task_id, first.fence + 1) == (second.task_id, second.fence)


async def test_a_claim_enters_the_tasks_scope(worker: Database, scope: Scope) -> None:
    """After a claim the same transaction reads the task."""
    made = await queued(worker, scope)
    async with worker.dispatch(Step.claim_task) as tx:
        claimed = await tasks.claim(
            tx, owner="w1", environment="staging", lease_seconds=30, slots=1, runs=True
        )
        assert claimed is not None
        found = await tasks.get(tx, claimed.task_id)

    assert (scope, made.title) == (claimed.scope, found.title)


async def test_a_live_lease_keeps_others_out(worker: Database, scope: Scope) -> None:
    """A claimed task is not claimed again while its lease lives."""
    await queued(worker, scope)
    await claim(worker)

    assert await claim(worker) is None


async def test_a_task_waits_for_its_next_attempt(
    worker: Database, scope: Scope, database: Databases
) -> None:
    """A released task is not claimed before its time."""
    await queued(worker, scope)
    held = await claim(worker)
    assert held is not None
    later = database.clock.now + timedelta(hours=1)
    async with worker.transaction(scope, Step.look) as tx:
        await tasks.release(tx, held.task_id, held.fence, next_attempt_at=later)

    assert await claim(worker) is None


async def test_a_released_task_is_claimable(worker: Database, scope: Scope) -> None:
    """A release without a time gives the task to the next claim."""
    await queued(worker, scope)
    held = await claim(worker)
    assert held is not None
    async with worker.transaction(scope, Step.look) as tx:
        await tasks.release(tx, held.task_id, held.fence, next_attempt_at=None)

    assert held.task_id == await claimed_id(worker)


async def test_an_old_fence_releases_nothing(worker: Database, scope: Scope) -> None:
    """A worker that lost its claim can't give away its successor's."""
    await queued(worker, scope)
    old = await claim(worker, lease_seconds=-1)
    await claim(worker)
    assert old is not None
    async with worker.transaction(scope, Step.look) as tx:
        await tasks.release(tx, old.task_id, old.fence, next_attempt_at=None)

    assert await claim(worker) is None


async def test_a_heartbeat_holds_the_claim(worker: Database, scope: Scope) -> None:
    """A lease about to end is live again after a heartbeat."""
    await queued(worker, scope)
    held = await claim(worker, lease_seconds=-1)
    assert held is not None
    async with worker.transaction(scope, Step.heartbeat) as tx:
        before = await tasks.is_leased(tx, held.task_id)
        await tasks.heartbeat(tx, held.task_id, held.fence, lease_seconds=30)
        after = await tasks.is_leased(tx, held.task_id)

    assert (False, True) == (before, after)


async def test_a_heartbeat_with_an_old_fence_is_told(
    worker: Database, scope: Scope
) -> None:
    """Whoever lost the task learns it at the next heartbeat."""
    await queued(worker, scope)
    old = await claim(worker, lease_seconds=-1)
    await claim(worker)
    assert old is not None

    async with worker.transaction(scope, Step.heartbeat) as tx:
        with pytest.raises(LeaseLost):
            await tasks.heartbeat(tx, old.task_id, old.fence, lease_seconds=30)


async def test_a_heartbeat_after_the_task_moved_on_is_told(
    worker: Database, scope: Scope
) -> None:
    """A task that waits for people has no lease to hold."""
    await queued(worker, scope)
    running = await claim_and_run(worker, slots=1)
    assert running is not None
    async with worker.transaction(scope, Step.set_up) as tx:
        await moves.move(tx, running, TaskEvent.run_awaits_person, actor="test")

    async with worker.transaction(scope, Step.heartbeat) as tx:
        with pytest.raises(LeaseLost):
            await tasks.heartbeat(tx, running.id, running.fence, lease_seconds=30)


async def test_held_means_state_and_fence(worker: Database, scope: Scope) -> None:
    """``get_held`` refuses another fence, and another state."""
    await queued(worker, scope)
    held = await claim(worker)
    assert held is not None

    async with worker.transaction(scope, Step.look) as tx:
        await tasks.get_held(tx, held.task_id, held.fence, TaskState.queued)
        with pytest.raises(LeaseLost):
            await tasks.get_held(tx, held.task_id, held.fence + 1, TaskState.queued)
        with pytest.raises(LeaseLost):
            await tasks.get_held(tx, held.task_id, held.fence, TaskState.running)


async def test_a_task_of_another_scope_is_not_found(
    worker: Database, scope: Scope, scopes: Scopes
) -> None:
    """``get`` raises and ``find`` gives None for another tenant's task."""
    task = await queued(worker, scope)

    async with worker.transaction(await scopes("globex", "prod"), Step.look) as tx:
        assert await tasks.find(tx, task.id) is None
        with pytest.raises(NotFound):
            await tasks.get(tx, task.id)


async def test_a_task_is_found_by_what_people_type(
    worker: Database, scope: Scope
) -> None:
    """The start of a short id finds its task; a wildcard is no start."""
    task = await queued(worker, scope)

    async with worker.transaction(scope, Step.look) as tx:
        found = await tasks.search(tx, task.short_id[:6].upper())
        wild = await tasks.search(tx, "zz%")

    assert ([task.id], []) == ([one.id for one in found], wild)


async def test_the_lease_uses_the_databases_clock(
    worker: Database, scope: Scope, database: Databases, admin: psycopg.Connection
) -> None:
    """A worker whose clock is a day ahead steals no lease."""
    await queued(worker, scope)
    await claim(worker)
    database.clock.move(seconds=86_400)

    assert await claim(worker) is None
    row = admin.execute(
        "SELECT lease_until - clock_timestamp() < '31 s' FROM tasks"
    ).fetchone()
    assert (True,) == row


@pytest.mark.parametrize("waits", [True, False], ids=["waits", "open"])
async def test_an_alert_of_a_quiet_task_hides_nothing_that_is_open(
    worker: Database, scope: Scope, *, waits: bool
) -> None:
    """What flaps stays in its thread; what was put off is judged again."""
    async with worker.transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        later = tx.now + timedelta(hours=1) if waits else None
        await tasks.change(tx, task.id, {"quiet_at": tx.now, "opens_at": later})
        woken = await tasks.wake_all(tx, {task.id: Fired(1, Severity.critical)})
        opens = woken[task.id].opens_at

    assert (None, Severity.critical) == (
        woken[task.id].quiet_at,
        woken[task.id].severity,
    )
    assert (opens == tx.now) if waits else (opens is None)
