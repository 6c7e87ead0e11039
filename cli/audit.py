"""``autopilot audit verify``: recompute the ledger, under the sealer's role."""

import json
import sys

from cli.clock import utc_now
from orchestrator.sealer import list_tenants
from orchestrator.settings import LedgerSettings
from storage.canonical import plain
from storage.database import Database, connect
from storage.steps import Step
from storage.verification import Verified, verify_tenant


async def run_verify(*, as_json: bool) -> int:
    """Print one line a tenant; exit 1 at the first bad entry, or with no tenant."""
    database = connect(LedgerSettings().database_url, utc_now, pool_size=1)
    try:
        found = await verify_all(database)
    finally:
        await database.close()
    if as_json:
        print(json.dumps(plain(found), indent=2))
    for one in () if as_json else found:
        if one.problem is not None:
            print(f"✗ {one.tenant_id}: {one.problem}")
        else:
            print(
                f"✓ {one.tenant_id}: {one.entries} entries verified, "
                f"{one.unsealed} not sealed yet, head {one.head[:16]}"
            )
    if not found:
        print(
            "autopilot: there is no tenant, so nothing was verified; "
            "add one with `autopilot tenant add`",
            file=sys.stderr,
        )
    return 0 if found and all(one.problem is None for one in found) else 1


async def verify_all(database: Database) -> list[Verified]:
    """Verify each tenant's ledger."""
    found: list[Verified] = []
    for scope in await list_tenants(database):
        async with database.transaction(scope, Step.look) as tx:
            found.append(await verify_tenant(tx, scope.tenant_id))
    return found
