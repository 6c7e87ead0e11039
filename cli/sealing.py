"""The sealer's process: seal, sign, hang up, relay, and say how far behind it is."""

import asyncio

import structlog
from prometheus_client import start_http_server

from audit.checkpoint import load_signing_key
from cli.clock import utc_now
from cli.faults import fault_hook
from cli.stopping import until_stopped
from orchestrator import relay, sealer
from orchestrator.anchors import FileAnchor
from orchestrator.bus import Bus
from orchestrator.buses import open_bus
from orchestrator.lag import LagMeter, measure
from orchestrator.notary import Notary
from orchestrator.settings import SealerSettings
from policy.scope import TenantScope
from storage.database import Database, connect
from storage.doorbell import Bell, Doorbell, listening
from storage.errors import StorageError

_POLL_SECONDS = 1.0


async def run_sealer() -> None:
    """
    Run until a signal; its metrics are served where a port is set.

    Every entry rings the bell; signing and measuring wait for the next second.
    """
    settings = SealerSettings()
    key = load_signing_key(settings.signing_key)
    path = settings.anchor_file
    if path is None:
        structlog.get_logger().warning("sealer.no_anchor", mend="LEDGER_ANCHOR_FILE")
    meter = LagMeter(settings.alarm_seconds)
    if settings.metrics_port is not None:
        start_http_server(
            settings.metrics_port, addr="127.0.0.1", registry=meter.registry
        )
    bus = open_bus(settings.bus_url) if settings.bus_url else None
    database = connect(settings.database_url, utc_now, faults=fault_hook())
    notary = Notary(
        database,
        key,
        settings.log,
        trusted=settings.trusted,
        anchors=() if path is None else (FileAnchor(path),),
        every_seconds=settings.checkpoint_seconds,
    )
    try:
        async with listening(settings.database_url, Bell.ledger) as bell:
            await until_stopped(_work(notary, meter, bus, bell))
    finally:
        await database.close()
        if bus is not None:
            await bus.close()


async def _work(
    notary: Notary, meter: LagMeter, bus: Bus | None, bell: Doorbell
) -> None:
    """Seal and relay beside each other, so that a slow bus keeps no entry waiting."""
    sealed = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(_seal(notary, meter, bell, sealed))
        if bus is not None:
            group.create_task(_relay(notary.database, bus, sealed))


async def _seal(
    notary: Notary, meter: LagMeter, bell: Doorbell, sealed: asyncio.Event
) -> None:
    reached: dict[TenantScope, int] = {}
    database, clock = notary.database, asyncio.get_running_loop().time
    due = clock()
    while True:
        try:
            await sealer.seal_all(database, reached)
            if clock() >= due:
                due = clock() + _POLL_SECONDS
                await notary.sign_all()
                tenants = await sealer.list_tenants(database)
                meter.note(await measure(database, tenants, reached))
        except StorageError as exc:
            structlog.get_logger().warning("sealer.storage", error=str(exc))
        sealed.set()
        await bell.wait(_POLL_SECONDS)


async def _relay(database: Database, bus: Bus, sealed: asyncio.Event) -> None:
    """Publish after each sealing; what the bus did not take goes with the next."""
    while True:
        await sealed.wait()
        sealed.clear()
        try:
            while await relay.relay_all(database, bus):
                pass
        except StorageError as exc:
            structlog.get_logger().warning("relay.storage", error=str(exc))
