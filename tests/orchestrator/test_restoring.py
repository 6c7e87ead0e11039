"""After a restore: frozen, an epoch later, written down, and nobody connected."""

import json

import pytest

from orchestrator import sealer
from orchestrator.restoring import StillRunning, after_restore
from policy.scope import Scope
from storage import freezes, ledger, seals
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE
from tests.storage.sealing import BOTH, PROD, STAGING, Sealing, make_sealing


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    """Two sealed entries and one that waits; nobody is connected any more."""
    made = await make_sealing(database, scopes)
    task = await made.task()
    await made.append(task, times=2)
    await made.seal()
    await made.append(task)
    await let_go(database)
    return made


async def let_go(database: Databases) -> None:
    for role in ("worker", "sealer", "web", "gateway"):
        await database(role).close()


async def test_every_environment_is_frozen_whole(
    sealing: Sealing, database: Databases, scopes: Scopes
) -> None:
    """Undo and reversions as well: the world has gone on without these rows."""
    await scopes("globex", "prod")
    done = await after_restore(database(RELEASE), by="U0OPERATOR")

    assert {PROD, STAGING, Scope("globex", "prod")} == set(done.frozen)
    for scope in done.frozen:
        async with database("gateway").transaction(scope, Step.look) as tx:
            found = await freezes.read(tx, lock=False)
        assert (True, True) == (found.frozen, found.undo_too)
        assert database.clock() == found.restored_at
    assert sealing is not None


async def test_an_epoch_begins_and_is_written_down(
    sealing: Sealing, database: Databases
) -> None:
    """Its entry says how many sealed entries came with the dump."""
    done = await after_restore(database(RELEASE), by="U0OPERATOR")
    await sealer.seal_all(database("sealer"))
    async with database("sealer").transaction(BOTH, Step.look) as tx:
        epoch = (await seals.read_reach(tx)).epoch
        told = [
            (one.entry.actor, json.loads(one.entry.body))
            for one in await seals.list_sealed(tx, after=0, most=99)
            if one.entry.event == "ledger.restored"
        ]
        epochs = await tx.rows("SELECT epoch, count(*) AS n FROM ledger GROUP BY 1")

    assert (1, 1, {"acme": 2}) == (done.epoch, epoch, done.kept)
    assert [("U0OPERATOR", {"epoch": 1, "size": 2})] == told
    # Two freezes were written before the epoch began.
    assert {0: 5, 1: 1} == {row["epoch"]: row["n"] for row in epochs}
    assert sealing is not None


async def test_each_restore_begins_another(
    sealing: Sealing, database: Databases
) -> None:
    first = await after_restore(database(RELEASE), by="x")
    second = await after_restore(database(RELEASE), by="x")

    assert (1, 2) == (first.epoch, second.epoch)
    assert sealing is not None


async def test_processes_that_still_run_stop_it(
    sealing: Sealing, database: Databases
) -> None:
    """Nothing is changed: what they have under way would be sealed out of order."""
    async with sealing.worker.transaction(PROD, Step.look) as tx:
        before = await ledger.list_of_task(tx, tx.new_id())
        with pytest.raises(StillRunning, match="autopilot_worker are connected; stop"):
            await after_restore(database(RELEASE), by="x")
    async with database("gateway").transaction(PROD, Step.look) as tx:
        found = await freezes.read(tx, lock=False)

    assert (False, []) == (found.frozen, before)


async def test_an_empty_database_has_nothing_to_freeze(database: Databases) -> None:
    done = await after_restore(database(RELEASE), by="x")

    assert (1, (), {}) == (done.epoch, done.frozen, done.kept)
