"""The sealer: what has committed is chained, tenant by tenant."""

import asyncio

import pytest

from orchestrator import sealer
from policy.scope import Scope, TenantScope
from storage import seals
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.orchestrator.world import Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


async def test_everything_committed_is_sealed_once(rows: Rows) -> None:
    """A second pass finds nothing left, and the chain verifies."""
    await rows.started()
    database = rows.database("sealer")
    first = await sealer.seal_all(database)
    second = await sealer.seal_all(database)
    [tenant] = await sealer.list_tenants(database)
    async with database.transaction(tenant, Step.look) as tx:
        seqs = [one.seal.seq for one in await seals.list_sealed(tx, after=0, most=9)]
        waiting, _ = await seals.count_unsealed(tx)

    assert (1, 0) == (first, second)
    assert ([1], 0) == (seqs, waiting)


async def test_what_was_sealed_is_not_looked_at_again(rows: Rows) -> None:
    """Passes that remember how far they came find what is new, and all of it."""
    database = rows.database("sealer")
    reached: dict[TenantScope, int] = {}
    counts = []
    for _ in range(3):
        await rows.started()
        counts.append(await sealer.seal_all(database, reached))
    counts.append(await sealer.seal_all(database, reached))
    async with database.transaction(rows.scope, Step.look) as tx:
        waiting, _ = await seals.count_unsealed(tx)

    assert ([1, 1, 1, 0], 0) == (counts, waiting)
    assert min(reached.values()) > 0


async def test_an_environment_that_is_new_is_looked_at_whole(
    rows: Rows, scopes: Scopes
) -> None:
    """What it wrote before the sealer knew of it is older than how far it came."""
    database = rows.database("sealer")
    newer = Rows(rows.database, await scopes(rows.scope.tenant_id, "prod"))
    await newer.started()
    await rows.started()
    reached: dict[TenantScope, int] = {}
    alone = TenantScope(rows.scope.tenant_id, (rows.scope.environment,))
    reached[alone] = 2**40

    assert 2 == await sealer.seal_all(database, reached)


async def test_a_tenants_environments_share_one_chain(
    rows: Rows, scopes: Scopes
) -> None:
    """Sequences run through environments, and start anew for another tenant."""
    await scopes("acme", "prod")
    await scopes("globex", "prod")
    for scope in (rows.scope, Scope("acme", "prod"), Scope("globex", "prod")):
        await Rows(rows.database, scope).started()
    await sealer.seal_all(rows.database("sealer"))
    tenants = await sealer.list_tenants(rows.database("sealer"))
    async with rows.database("sealer").transaction(tenants[0], Step.look) as tx:
        seqs = await tx.rows("SELECT seq FROM ledger_seals ORDER BY seq")

    assert {"acme", "globex"} == {one.tenant_id for one in tenants}
    assert [1, 2] == [row["seq"] for row in seqs]


async def test_two_sealers_keep_one_chain(rows: Rows) -> None:
    """A sealer that finds the tenant taken leaves it to the other."""
    for _ in range(4):
        await rows.started()
    other = rows.database.fresh("sealer")
    sealed = await asyncio.gather(
        sealer.seal_all(rows.database("sealer")), sealer.seal_all(other)
    )
    rest = await sealer.seal_all(other)

    assert 4 == sum(sealed) + rest
