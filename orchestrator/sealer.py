"""The sealer: one at a time for each tenant, it chains what has committed."""

from collections.abc import MutableMapping

from policy.scope import TenantScope
from storage import directory, seals
from storage.database import Database
from storage.steps import Step

_BATCH = 1000


async def seal_all(
    database: Database, reached: MutableMapping[TenantScope, int] | None = None
) -> int:
    """
    Seal what waits, tenant by tenant; give how many entries that were.

    ``reached`` remembers how far each tenant was sealed, with these environments, so
    that no pass looks at all of the ledger again.
    """
    known = {} if reached is None else reached
    sealed = 0
    for scope in await list_tenants(database):
        while True:
            async with database.transaction(scope, Step.seal) as tx:
                if not await seals.lock_tenant(tx, scope.tenant_id):
                    break
                since = known.get(scope, 0)
                reach = await seals.read_reach(tx, since=since)
                count = await seals.seal_batch(
                    tx, scope.tenant_id, most=_BATCH, reach=reach
                )
            sealed += count
            if count < _BATCH:
                known[scope] = reach.below
                break
    return sealed


async def list_tenants(database: Database) -> list[TenantScope]:
    """Give each tenant with all of its environments."""
    async with database.dispatch(Step.look) as tx:
        scopes = await directory.list_scopes(tx)
    by_tenant: dict[str, list[str]] = {}
    for scope in scopes:
        by_tenant.setdefault(scope.tenant_id, []).append(scope.environment)
    return [
        TenantScope(tenant, tuple(environments))
        for tenant, environments in by_tenant.items()
    ]
