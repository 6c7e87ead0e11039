"""``autopilot db after-restore``: make a database that was put back fit to work on."""

import argparse

from cli.clock import utc_now
from cli.migrate import ReleaseSettings
from orchestrator.restoring import after_restore
from storage.database import connect


async def run_after_restore(chosen: argparse.Namespace) -> int:
    """Freeze, begin an epoch, say what is to be done next."""
    database = connect(ReleaseSettings().database_url, utc_now, pool_size=1)
    try:
        done = await after_restore(database, by=chosen.by)
    finally:
        await database.close()
    for tenant, kept in done.kept.items():
        print(f"{tenant}: {kept} sealed entries came with the dump")
    print(f"epoch {done.epoch} of the ledger begins")
    for scope in done.frozen:
        print(
            f"frozen: {scope.tenant_id} {scope.environment}; once you have looked: "
            f"autopilot thaw {scope.tenant_id} --environment {scope.environment} "
            "--reason …"
        )
    print(
        "Start the processes, then `autopilot audit verify`: it says what hangs at an "
        "anchor and was lost."
    )
    return 0
