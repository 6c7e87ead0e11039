"""What stops a write: freeze, target lock, hourly count."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import guards, setup
from storage.database import Database
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


async def freeze(database: Databases, scope: Scope) -> None:
    async with database(RELEASE).transaction(scope, Step.set_up) as tx:
        await setup.set_freeze(tx, frozen=True, reason="a drill", by="ann")


@pytest.mark.parametrize("lock", [False, True])
async def test_no_freeze_row_means_frozen(gateway: Database, *, lock: bool) -> None:
    """A scope that nobody set up allows no write."""
    async with gateway.transaction(Scope("acme", "nowhere"), Step.look) as tx:
        assert (await guards.read_freeze(tx, lock=lock)).frozen


async def test_a_thawed_scope_is_not_frozen(gateway: Database, scope: Scope) -> None:
    """A freeze row that says no lets writes begin."""
    async with gateway.transaction(scope, Step.look) as tx:
        assert not (await guards.read_freeze(tx, lock=True)).frozen


async def test_a_new_scope_may_start_frozen(gateway: Database, scopes: Scopes) -> None:
    """A freeze says why and by whom."""
    scope = await scopes("acme", "prod", frozen=True)
    async with gateway.transaction(scope, Step.look) as tx:
        found = await guards.read_freeze(tx, lock=True)

    assert (True, "setup") == (found.frozen, found.by)


async def test_a_freeze_ends_at_its_time(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A freeze with an end holds before it and not after."""
    await freeze(database, scope)
    until = database.clock.now + timedelta(minutes=5)
    async with gateway.transaction(scope, Step.set_up) as tx:
        await tx.change("UPDATE freezes SET until = :at", {"at": until})
        before = (await guards.read_freeze(tx, lock=False)).frozen
    database.clock.move(seconds=300)
    async with gateway.transaction(scope, Step.look) as tx:
        after = (await guards.read_freeze(tx, lock=False)).frozen

    assert (True, False) == (before, after)


async def test_a_freeze_waits_for_what_has_begun(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A freeze answers when the last begun intent has committed."""
    async with (
        asyncio.TaskGroup() as group,
        gateway.transaction(scope, Step.execution_intent) as tx,
    ):
        await guards.read_freeze(tx, lock=True)
        freezing = group.create_task(freeze(database, scope))
        done, _ = await asyncio.wait({freezing}, timeout=0.1)
        assert not done
    async with gateway.transaction(scope, Step.look) as tx:
        assert (await guards.read_freeze(tx, lock=True)).frozen


async def test_nothing_begins_while_a_freeze_is_made(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """An intent that meets a freeze under way waits for it, and sees it."""

    async def begin() -> bool:
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            return (await guards.read_freeze(tx, lock=True)).frozen

    async with (
        asyncio.TaskGroup() as group,
        database(RELEASE).transaction(scope, Step.set_up) as tx,
    ):
        await setup.set_freeze(tx, frozen=True, reason="a drill", by="ann")
        beginning = group.create_task(begin())
        done, _ = await asyncio.wait({beginning}, timeout=0.1)
        assert not done

    assert beginning.result()


async def test_intents_do_not_wait_for_each_other(
    gateway: Database, scope: Scope
) -> None:
    """The freeze row is shared by those who begin."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await guards.read_freeze(tx, lock=True)
        async with gateway.transaction(scope, Step.execution_intent) as other:
            assert not (await guards.read_freeze(other, lock=True)).frozen


async def test_a_target_has_one_execution(gateway: Database, scope: Scope) -> None:
    """While one execution holds a target, another gets no lock."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        taken = [
            await guards.lock_target(tx, "feed", execution_id=one, seconds=60)
            for one in (ONE, TWO)
        ]

    assert [True, False] == taken


async def test_one_of_two_at_once_takes_the_target(
    gateway: Database, scope: Scope
) -> None:
    """Two transactions that reach for a target leave one holder."""

    async def take(execution_id: UUID) -> bool:
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            return await guards.lock_target(
                tx, "feed", execution_id=execution_id, seconds=60
            )

    taken = await asyncio.gather(*(take(UUID(int=n)) for n in range(5)))

    assert 1 == sum(taken)


async def test_a_lock_ends_at_its_time(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A lock left by a dead gateway is taken over after its time."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await guards.lock_target(tx, "feed", execution_id=ONE, seconds=60)
    database.clock.move(seconds=61)
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        assert await guards.lock_target(tx, "feed", execution_id=TWO, seconds=60)


async def test_a_release_frees_its_own_locks(gateway: Database, scope: Scope) -> None:
    """Releasing one execution leaves the other's target locked."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        for target, execution_id in (("feed", ONE), ("chat", TWO)):
            await guards.lock_target(tx, target, execution_id=execution_id, seconds=60)
        await guards.release_target(tx, ONE)
        free = [
            await guards.lock_target(tx, target, execution_id=UUID(int=3), seconds=60)
            for target in ("feed", "chat")
        ]

    assert [True, False] == free


async def test_writes_are_counted_by_the_hour(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """The count is the tool's, and begins anew with the clock's hour."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        for tool in ("throttle", "throttle", "toggle"):
            await guards.count_write(tx, tool)
        this_hour = await guards.count_writes(tx, "throttle")
    database.clock.move(seconds=3600)
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        next_hour = await guards.count_writes(tx, "throttle")

    assert (2, 0) == (this_hour, next_hour)


async def test_concurrent_writes_are_all_counted(
    gateway: Database, scope: Scope
) -> None:
    """No count is lost between two transactions."""

    async def count() -> None:
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            await guards.count_write(tx, "throttle")

    await asyncio.gather(*(count() for _ in range(6)))
    async with gateway.transaction(scope, Step.look) as tx:
        assert 6 == await guards.count_writes(tx, "throttle")
