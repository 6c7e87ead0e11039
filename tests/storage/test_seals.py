"""Seals: a gap-free, chained order for each tenant, with no late commit skipped."""

import asyncio

import pytest

from audit.record import GENESIS, chain
from policy.scope import Scope
from storage import seals
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.storage.sealing import BOTH, PROD, STAGING, TENANT, Sealing, make_sealing


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    return await make_sealing(database, scopes)


async def test_one_sequence_over_two_environments(sealing: Sealing) -> None:
    """A tenant's entries of all environments get one sequence without a gap."""
    prod, staging = await sealing.task(PROD), await sealing.task(STAGING)
    for _ in range(3):
        await sealing.append(prod, PROD)
        await sealing.append(staging, STAGING)
    await sealing.seal()

    assert list(range(1, 7)) == [one.seal.seq for one in await sealing.sealed()]


async def test_each_tenant_counts_for_itself(sealing: Sealing, scopes: Scopes) -> None:
    """Another tenant's entries are neither sealed with these nor counted."""
    globex = await scopes("globex", "prod")
    await sealing.append(await sealing.task(globex), globex)
    await sealing.append(await sealing.task())

    assert 1 == await sealing.seal()


async def test_the_chain_can_be_recomputed(sealing: Sealing) -> None:
    """Each hash follows from the one before, the sequence and the leaf."""
    await sealing.append(await sealing.task(), times=3)
    await sealing.seal()
    previous = GENESIS
    for one in await sealing.sealed():
        assert previous == bytes(one.seal.previous)
        previous = chain(previous, one.seal.seq, one.entry.leaf())

        assert previous == bytes(one.seal.hash)


async def test_batches_continue_the_chain(sealing: Sealing) -> None:
    """Small batches make the same gap-free chain as one large one."""
    await sealing.append(await sealing.task(), times=5)
    counts = [await sealing.seal(most=2) for _ in range(4)]
    await sealing.sign()

    assert [2, 2, 1, 0] == counts
    assert (5, None) == (
        (await sealing.verify()).entries,
        (await sealing.verify()).problem,
    )


async def test_an_open_transaction_holds_the_seal_back(sealing: Sealing) -> None:
    """Nothing younger than a running transaction is sealed; none is lost."""
    slow, quick = await sealing.task(), await sealing.task()
    async with sealing.worker.transaction(PROD, Step.look) as tx:
        await sealing.append_in(tx, slow)
        await sealing.append(quick)
        held_back = await sealing.seal()
    await sealing.seal()

    assert 0 == held_back
    assert [slow, quick] == [one.entry.task_id for one in await sealing.sealed()]


async def test_what_is_older_than_the_open_transaction_is_sealed(
    sealing: Sealing,
) -> None:
    """A running transaction holds back what came after it, and only that."""
    before = await sealing.task()
    await sealing.append(before)
    async with sealing.worker.transaction(PROD, Step.look) as tx:
        await sealing.append_in(tx, None)

        assert 1 == await sealing.seal()


async def test_a_task_keeps_its_order_when_transactions_overlap(
    sealing: Sealing,
) -> None:
    """
    The seal keeps a task's own order, even against the transactions' ids.

    The first to get an id may be the second to get the task's row.
    """
    task_id = await sealing.task()
    async with sealing.worker.transaction(PROD, Step.look) as early:
        await sealing.append_in(early, None)
        await sealing.append(task_id)
        await sealing.append_in(early, task_id)
    await sealing.seal()
    await sealing.sign()
    orders = [one.entry.task_seq for one in await sealing.sealed()]

    assert [1, 2] == [order for order in orders if order]
    assert (await sealing.verify()).problem is None


async def test_a_tasks_order_holds_over_small_batches(sealing: Sealing) -> None:
    """Overlapping transactions keep the order with a batch of one entry each."""
    task_id = await sealing.task()
    async with sealing.worker.transaction(PROD, Step.look) as early:
        await sealing.append_in(early, None)
        await sealing.append(task_id, times=2)
        await sealing.append_in(early, task_id)
    sealed = [await sealing.seal(most=1) for _ in range(5)]
    await sealing.sign()

    assert [1, 1, 1, 1, 0] == sealed
    assert (await sealing.verify()).problem is None


async def test_a_second_sealer_stands_back(sealing: Sealing) -> None:
    """While one sealer holds the tenant, another gets no lock."""
    async with sealing.sealer.transaction(BOTH, Step.seal) as tx:
        first = await seals.lock_tenant(tx, TENANT)
        async with sealing.sealer.transaction(BOTH, Step.seal) as other:
            second = await seals.lock_tenant(other, TENANT)

    assert (True, False) == (first, second)


async def test_many_sealers_never_double(sealing: Sealing) -> None:
    """Sealers that run at once seal each entry once."""
    await sealing.append(await sealing.task(), times=12)

    async def run() -> int:
        async with sealing.sealer.transaction(BOTH, Step.seal) as tx:
            if not await seals.lock_tenant(tx, TENANT):
                return 0
            return await seals.seal_batch(tx, TENANT, most=3)

    while sum(await asyncio.gather(*(run() for _ in range(4)))):
        pass
    await sealing.sign()

    assert (12, None) == (
        (await sealing.verify()).entries,
        (await sealing.verify()).problem,
    )


async def test_what_waits_is_counted(sealing: Sealing, database: Databases) -> None:
    """The backlog says how many entries wait, and since when."""
    await sealing.append(await sealing.task())
    await sealing.seal()
    since = database.clock.now
    await sealing.append(await sealing.task())
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        assert (1, since) == await seals.count_unsealed(tx)
        assert 1 == await seals.count_waiting(tx)


async def test_a_cursor_never_goes_back(sealing: Sealing) -> None:
    """A relay that was late can't make another publish again."""
    scope = Scope(TENANT, "prod")
    async with sealing.sealer.transaction(scope, Step.relay) as tx:
        await seals.keep_cursor(tx, "events", 7)
        await seals.keep_cursor(tx, "events", 5)
        cursors = [await seals.read_cursor(tx, bus) for bus in ("events", "other")]

    assert [7, 0] == cursors


async def test_ids_that_went_back_are_another_clusters(sealing: Sealing) -> None:
    """What was reached before counts for nothing then, and all is looked at."""
    async with sealing.sealer.transaction(BOTH, Step.look) as tx:
        near = await seals.read_reach(tx, since=3)
        far = await seals.read_reach(tx, since=2**40)

    assert (3, 0) == (near.since, far.since)
    assert near.below == far.below


async def test_entries_of_an_earlier_epoch_need_no_transaction_id(
    sealing: Sealing,
) -> None:
    """They came with a restore: their ids are another cluster's, and all committed."""
    task_id = await sealing.task()
    await sealing.append(task_id, times=2)
    async with sealing.sealer.transaction(BOTH, Step.seal) as tx:
        now = seals.Reach(below=1, epoch=0)
        held = await seals.seal_batch(tx, TENANT, most=9, reach=now)
        restored = seals.Reach(below=1, epoch=1)
        sealed = await seals.seal_batch(tx, TENANT, most=9, reach=restored)

    assert (0, 2) == (held, sealed)
