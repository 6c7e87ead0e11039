"""``autopilot doctor`` looks at the ledger: sealed, signed, hung up, and relayed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from audit.export import BadLine
from cli.clock import utc_now
from cli.finding import Finding
from cli.ledgers import Ledgers, read_ledgers
from orchestrator.bus import BusAway
from orchestrator.buses import BadBusUrl, open_bus
from orchestrator.lag import Lag, measure
from orchestrator.sealer import list_tenants
from orchestrator.settings import SealerSettings
from storage.database import connect

_PATIENCE_SECONDS = 5.0
_MEND_SEALER = (
    "run `autopilot run sealer`; look for a long transaction in pg_stat_activity"
)


@dataclass(frozen=True, slots=True)
class Anchored:
    """What hangs outside: how many checkpoints, or why that can't be read."""

    named: bool
    notes: int = 0
    trouble: str = ""


async def check_ledger() -> list[Finding]:
    """Say how far sealing is behind, whether an anchor holds it, and ask the bus."""
    settings = SealerSettings()
    database = connect(settings.database_url, utc_now, pool_size=1)
    try:
        lag = await measure(database, await list_tenants(database), {})
    finally:
        await database.close()
    anchored = await _read_anchor(read_ledgers(settings))
    found = [judge_lag(lag, settings.alarm_seconds), judge_anchor(anchored)]
    if settings.events_url:
        found.append(await check_bus(settings.events_url))
    return found


def judge_lag(lag: Lag, alarm_seconds: float) -> Finding:
    """Fail where entries wait longer than the alarm allows."""
    worst = max(lag.seal_seconds, lag.sign_seconds)
    if worst > alarm_seconds:
        text = (
            f"{lag.entries} entries wait for their seal; the oldest for "
            f"{lag.seal_seconds:,.0f} s, for its signature {lag.sign_seconds:,.0f} s"
        )
        return Finding("ledger", ok=False, text=text, mend=_MEND_SEALER)
    return Finding("ledger", ok=True, text="sealed and signed")


def judge_anchor(anchored: Anchored) -> Finding:
    """Fail where an anchor is named and can't be read; without one nothing is held."""
    if not anchored.named:
        text = "no anchor: whoever owns the database and the key can rewrite the ledger"
        return Finding("anchor", ok=None, text=text, mend="set LEDGER_ANCHOR_FILE")
    if anchored.trouble:
        mend = "look at LEDGER_ANCHOR_FILE and who may read it"
        return Finding("anchor", ok=False, text=anchored.trouble, mend=mend)
    return Finding("anchor", ok=True, text=f"{anchored.notes:,} checkpoints hang there")


async def check_bus(url: str) -> Finding:
    """Reach the bus that events go to, where it is not the one Redis."""
    mend = "events wait in the ledger until it is back; check EVENTS_URL"
    try:
        bus = open_bus(url)
    except BadBusUrl as exc:
        return Finding("events", ok=False, text=str(exc), mend=mend)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await bus.check()
    except (BusAway, TimeoutError) as exc:
        text = str(exc) or "no answer"
        return Finding("events", ok=False, text=text, mend=mend)
    finally:
        await bus.close()
    return Finding("events", ok=True, text=f"{bus.name} answers")


async def _read_anchor(ledgers: Ledgers) -> Anchored:
    try:
        notes: Sequence[str] = await ledgers.read_notes()
    except (BadLine, OSError) as exc:
        return Anchored(named=True, trouble=str(exc))
    return Anchored(named=ledgers.anchor is not None, notes=len(notes))
