"""The sealer: one at a time for each tenant, it chains what has committed."""

from policy.scope import TenantScope
from storage import directory, seals
from storage.database import Database
from storage.steps import Step

_BATCH = 1000


async def seal_all(database: Database) -> int:
    """Seal what waits, tenant by tenant; give how many entries that were."""
    sealed = 0
    for scope in await list_tenants(database):
        while True:
            async with database.transaction(scope, Step.seal) as tx:
                if not await seals.lock_tenant(tx, scope.tenant_id):
                    break
                count = await seals.seal_batch(tx, scope.tenant_id, most=_BATCH)
            sealed += count
            if count < _BATCH:
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
