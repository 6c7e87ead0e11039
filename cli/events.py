"""
``autopilot events``: follow the bus, and repeat from the ledger what a reader missed.

Both print a CloudEvent a line, in the order of the seals. What is replayed onto the bus
has the ids that it had, so that a reader drops what it has seen.
"""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Sequence

from pydantic import Field

from cli.case import find_tenant
from cli.clock import utc_now
from cli.searching import parse_instant
from orchestrator.bus import Bus, Message
from orchestrator.buses import open_bus
from orchestrator.relay import messages_of
from orchestrator.settings import BusSettings
from policy.scope import TenantScope
from storage import seals
from storage.database import Database, connect
from storage.steps import Step

_BATCH = 500
_NO_BUS = "no bus is named; set EVENTS_URL or REDIS_URL"


class NoBus(ValueError):
    """No bus is named."""


class ReplaySettings(BusSettings):
    """Where sealed entries are read: as the role that relays them."""

    database_url: str = Field(alias="DATABASE_URL_SEALER")


async def run_tail(chosen: argparse.Namespace) -> int:
    """Print what arrives until it is stopped."""
    bus = _bus(BusSettings())
    try:
        async for event in bus.follow(beginning=chosen.beginning):
            if is_wanted(event, chosen):
                print(event, flush=True)
    finally:
        await bus.close()
    return 0


async def run_replay(chosen: argparse.Namespace) -> int:
    """Print what was sealed since, or publish it once more."""
    settings = ReplaySettings()
    database = connect(settings.database_url, utc_now, pool_size=1)
    bus = _bus(settings) if chosen.publish else None
    repeated = 0
    try:
        tenant = await find_tenant(database, chosen.tenant)
        only = chosen.environment
        scope = TenantScope(tenant.tenant_id, (only,)) if only else tenant
        async for batch in _sealed(database, scope, chosen.start):
            wanted = [one for one in batch if is_wanted(one.event, chosen)]
            repeated += len(wanted)
            if bus is None:
                sys.stdout.writelines(f"{one.event}\n" for one in wanted)
            elif wanted:
                await bus.publish(wanted)
    finally:
        await database.close()
        if bus is not None:
            await bus.close()
    if bus is not None:
        print(f"{repeated} events published once more")
    return 0


def is_wanted(event: str, chosen: argparse.Namespace) -> bool:
    """Tell whether an event is of what was asked for."""
    fields = json.loads(event)
    asked = {
        "tenant": chosen.tenant,
        "environment": chosen.environment,
        "subject": chosen.task,
        "type": chosen.type,
    }
    return all(
        fields.get(name) == value for name, value in asked.items() if value is not None
    )


async def _sealed(
    database: Database, scope: TenantScope, start: str
) -> AsyncIterator[Sequence[Message]]:
    """Give the events from there on, in batches, each read in a moment of its own."""
    after = await _first(database, scope, start) - 1
    while True:
        async with database.transaction(scope, Step.look) as tx:
            batch = await seals.list_sealed(tx, after=after, most=_BATCH)
        if not batch:
            return
        yield messages_of(batch)
        after = batch[-1].seal.seq


async def _first(database: Database, scope: TenantScope, start: str) -> int:
    if start.isdecimal():
        return int(start)
    async with database.transaction(scope, Step.look) as tx:
        found = await seals.find_first_seq(tx, parse_instant(start))
        return await seals.read_last(tx) + 1 if found is None else found


def _bus(settings: BusSettings) -> Bus:
    if not settings.bus_url:
        raise NoBus(_NO_BUS)
    return open_bus(settings.bus_url)
