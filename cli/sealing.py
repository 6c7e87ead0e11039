"""The sealer's process: seal, sign, hang up, relay, and say how far behind it is."""

import asyncio

import structlog
from prometheus_client import start_http_server
from redis.asyncio import Redis

from audit.checkpoint import load_signing_key
from cli.clock import utc_now
from cli.faults import fault_hook
from cli.stopping import until_stopped
from orchestrator import relay, sealer
from orchestrator.anchors import FileAnchor
from orchestrator.lag import LagMeter, measure
from orchestrator.notary import Notary
from orchestrator.settings import SealerSettings
from policy.scope import TenantScope
from storage.database import connect
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
    redis = Redis.from_url(settings.redis_url) if settings.redis_url else None
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
            await until_stopped(_seal(notary, meter, redis, bell))
    finally:
        await database.close()
        if redis is not None:
            await redis.aclose()


async def _seal(
    notary: Notary, meter: LagMeter, redis: Redis | None, bell: Doorbell
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
            if redis is not None:
                await relay.relay_all(database, redis)
        except StorageError as exc:
            structlog.get_logger().warning("sealer.storage", error=str(exc))
        await bell.wait(_POLL_SECONDS)
