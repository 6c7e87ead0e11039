"""``autopilot audit verify``: recompute the ledger, under the sealer's role."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from audit.verification import Verified
from cli.clock import utc_now
from cli.ledgers import Ledgers, read_ledgers, read_note
from orchestrator.anchors import FILE_ANCHOR
from orchestrator.sealer import list_tenants
from orchestrator.settings import LedgerSettings
from storage import checkpoints
from storage.canonical import plain
from storage.database import Database, connect
from storage.steps import Step
from storage.verification import verify_tenant


async def run_verify(chosen: argparse.Namespace) -> int:
    """Print one line a tenant; exit 1 at the first bad entry, or with no tenant."""
    settings = LedgerSettings()
    if chosen.anchors is not None:
        settings.anchor_file = Path(chosen.anchors)
    ledgers = replace(
        read_ledgers(settings),
        since=read_note(chosen.since),
        known_lost=chosen.lost,
    )
    database = connect(settings.database_url, utc_now, pool_size=1)
    try:
        found = await verify_all(database, ledgers)
    finally:
        await database.close()
    print_verified(found, as_json=chosen.json)
    if ledgers.since is not None and not any(
        ledgers.is_since_of(one.tenant_id) for one in found
    ):
        print(
            f"autopilot: {chosen.since}: a checkpoint of no tenant here; was "
            "LEDGER_NAME another one?",
            file=sys.stderr,
        )
        return 1
    if not found:
        print(
            "autopilot: there is no tenant, so nothing was verified; "
            "add one with `autopilot tenant add`",
            file=sys.stderr,
        )
    return 0 if found and all(one.problem is None for one in found) else 1


async def verify_all(database: Database, ledgers: Ledgers) -> list[Verified]:
    """Verify each tenant's ledger, against what hangs at the anchor now."""
    scopes = await list_tenants(database)
    noted: dict[str, frozenset[int]] = {}
    for scope in scopes if ledgers.anchor is not None else ():
        async with database.transaction(scope, Step.look) as tx:
            sizes = await checkpoints.list_anchored(tx, FILE_ANCHOR)
        noted[scope.tenant_id] = frozenset(sizes)
    notes = await ledgers.read_notes()
    found: list[Verified] = []
    for scope in scopes:
        claim = ledgers.claim(
            scope.tenant_id,
            notes=notes,
            noted=noted.get(scope.tenant_id, frozenset()),
        )
        async with database.transaction(scope, Step.look) as tx:
            found.append(await verify_tenant(tx, claim))
    return found


def print_verified(found: Sequence[Verified], *, as_json: bool) -> None:
    """Print what came out, a line or an object a tenant."""
    if as_json:
        print(json.dumps(plain(found), indent=2))
        return
    for one in found:
        if one.problem is not None:
            print(f"✗ {one.tenant_id}: {one.problem}")
            continue
        lost = f", {one.lost} lost in a restore" if one.lost else ""
        print(
            f"✓ {one.tenant_id}: {one.entries} entries verified, {one.signed} signed, "
            f"{one.anchored} anchored{lost}, {one.unsealed} not sealed yet, "
            f"{one.under_way} actions under way, head {one.head[:16]}"
        )
