"""The pieces of an epoch: who is connected, what came with the dump, the default."""

import pytest

from policy.scope import Scope
from storage import restores, seals
from storage.database import Database
from storage.errors import NotMigrated
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE
from tests.storage.sealing import PROD, STAGING, TENANT, Sealing, make_sealing


@pytest.fixture
def release(database: Databases) -> Database:
    return database(RELEASE)


@pytest.fixture
async def sealing(database: Databases, scopes: Scopes) -> Sealing:
    return await make_sealing(database, scopes)


async def test_sessions_of_ours_are_seen_by_name(
    release: Database, sealing: Sealing
) -> None:
    """Not the one that asks."""
    await sealing.task()
    async with release.dispatch(Step.look) as tx:
        assert ["autopilot_worker"] == list(await restores.list_sessions(tx))


async def test_every_environment_is_listed(
    release: Database, sealing: Sealing, scopes: Scopes
) -> None:
    await scopes("globex", "prod")
    async with release.dispatch(Step.look) as tx:
        found = await restores.list_scopes(tx)

    assert [PROD, STAGING, Scope("globex", "prod")] == list(found)
    assert sealing is not None


async def test_a_new_entry_is_of_the_new_epoch(
    release: Database, sealing: Sealing
) -> None:
    """Old rows stay as they are: the default moves, and no row is written again."""
    await sealing.append(await sealing.task())
    async with release.dispatch(Step.set_up) as tx:
        epoch = await restores.begin_epoch(tx)
    await sealing.append(await sealing.task())
    async with sealing.sealer.transaction(PROD, Step.look) as tx:
        rows = await tx.rows("SELECT epoch FROM ledger ORDER BY epoch")
        reach = await seals.read_reach(tx)

    assert (1, 1, [0, 1]) == (epoch, reach.epoch, [row["epoch"] for row in rows])


async def test_the_last_seal_of_each_tenant_is_read(
    release: Database, sealing: Sealing
) -> None:
    await sealing.append(await sealing.task(), times=3)
    await sealing.seal()
    async with release.dispatch(Step.look) as tx:
        found = [await restores.read_last_sealed(tx, one) for one in (TENANT, "x")]

    assert [3, 0] == found


async def test_no_process_begins_an_epoch(sealing: Sealing) -> None:
    """Only the owner of the table may: the release role."""
    with pytest.raises(Exception, match="must be owner of table ledger") as caught:
        async with sealing.sealer.dispatch(Step.set_up) as tx:
            await restores.begin_epoch(tx)

    assert not isinstance(caught.value, NotMigrated)
