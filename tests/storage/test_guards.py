"""What stops a write: target lock and hourly counts."""

import asyncio
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import guards
from storage.database import Database
from storage.guards import WriteCounts, Writer
from storage.steps import Step
from tests.conftest import Databases

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


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


THROTTLE = Writer(tool="throttle", target="throttle:feed", agent="triage")
TOGGLE = Writer(tool="toggle", target="toggle:ranker", agent="triage")


async def test_writes_are_counted_under_each_name(
    gateway: Database, scope: Scope
) -> None:
    """Tool, target, agent and the environment have counts of their own."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        for writer in (THROTTLE, THROTTLE, TOGGLE):
            await guards.count_write(tx, writer)
        counts = await guards.read_counts(tx, THROTTLE, alone=True)

    assert WriteCounts(tool=2, target=2, agent=3, everywhere=3) == counts


async def test_what_did_not_leave_is_uncounted(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """In the minutes in which it was counted, under each of its names."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        counted_at = tx.now
        await guards.count_write(tx, THROTTLE)
    database.clock.move(seconds=600)
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await guards.count_write(tx, THROTTLE)
        await guards.uncount_write(tx, THROTTLE, counted_at=counted_at)
        counts = await guards.read_counts(tx, THROTTLE, alone=True)

    assert WriteCounts(tool=1, target=1, agent=1, everywhere=1) == counts


async def test_the_hour_slides(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """A write counts for a whole hour, and for five minutes more at the most."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await guards.count_write(tx, THROTTLE)
    found = []
    for minutes in (59, 7):
        database.clock.move(seconds=60 * minutes)
        async with gateway.transaction(scope, Step.look) as tx:
            counts = await guards.read_counts(tx, THROTTLE, alone=False)
        found.append(counts.tool)

    assert [1, 0] == found


async def test_a_limit_holds_between_two_writers(
    gateway: Database, scope: Scope
) -> None:
    """Who counts to decide is alone: the next one sees what it wrote."""
    seen: list[int] = []

    async def write() -> None:
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            counts = await guards.read_counts(tx, THROTTLE, alone=True)
            seen.append(counts.tool)
            await guards.count_write(tx, THROTTLE)

    await asyncio.gather(*(write() for _ in range(6)))

    assert [0, 1, 2, 3, 4, 5] == seen


async def test_both_names_of_a_target_are_given_back_in_one_order(
    gateway: Database, scope: Scope
) -> None:
    """As they are taken: its own first, so that nobody who takes it is in the way."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        # As they lie there once who was let pass has taken the target itself.
        for target in ("beside:feed", "feed"):
            await guards.lock_target(tx, target, execution_id=ONE, seconds=60)

    async def give_back() -> None:
        async with gateway.transaction(scope, Step.execution_outcome) as tx:
            await guards.release_target(tx, ONE)

    lock = "SELECT 1 AS one FROM target_locks WHERE target = :target FOR UPDATE"
    async with (
        asyncio.TaskGroup() as group,
        gateway.transaction(scope, Step.execution_intent) as tx,
    ):
        await tx.row(lock, {"target": "feed"})
        group.create_task(give_back())
        await until_somebody_waits(gateway, scope)
        found = await tx.row(lock, {"target": "beside:feed"})
    assert found is not None


async def until_somebody_waits(gateway: Database, scope: Scope) -> None:
    """Wait until a transaction waits for another one's row."""
    waiting = 0
    while not waiting:
        async with gateway.transaction(scope, Step.look) as tx:
            row = await tx.row(
                "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
                " AND locktype IN ('transactionid', 'tuple')"
            )
        waiting = row["n"] if row else 0


async def test_what_waits_to_take_back_is_asked_for_a_minute(
    gateway: Database, database: Databases, scope: Scope
) -> None:
    """It says so at each look; of another target nobody has said anything."""
    async with gateway.transaction(scope, Step.look) as tx:
        await guards.ask_for_target(tx, "feed", by=ONE)
        await guards.ask_for_target(tx, "feed", by=TWO)
        asked = [await guards.is_asked_for(tx, one) for one in ("feed", "mail")]
    database.clock.move(seconds=61)
    async with gateway.transaction(scope, Step.look) as tx:
        faded = await guards.is_asked_for(tx, "feed")

    assert ([True, False], False) == (asked, faded)


async def test_who_says_that_it_waits_has_no_lock(
    gateway: Database, scope: Scope
) -> None:
    """The target is taken by whoever comes."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        await guards.ask_for_target(tx, "feed", by=ONE)
        assert await guards.lock_target(tx, "feed", execution_id=TWO, seconds=60)
