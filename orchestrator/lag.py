"""
How far sealing is behind: gauges for Prometheus, and an alarm in the log.

A transaction that stays open holds every seal back, of all tenants. Ours are ended
after fifteen seconds of idling and twenty of a statement; whoever else is connected is
to be found in ``pg_stat_activity``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Gauge

from policy.scope import TenantScope
from storage import checkpoints, seals
from storage.database import Database
from storage.steps import Step


@dataclass(frozen=True, slots=True)
class Lag:
    """The worst over all tenants, in seconds; ``entries`` wait for their seal."""

    entries: int = 0
    seal_seconds: float = 0.0
    sign_seconds: float = 0.0


@dataclass
class LagMeter:
    """``alarm_seconds`` is how long an entry may wait before the log tells of it."""

    alarm_seconds: float
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self._entries = Gauge(
            "autopilot_ledger_unsealed_entries",
            "Entries of the ledger that wait for their seal",
            registry=self.registry,
        )
        self._seal = Gauge(
            "autopilot_ledger_seal_lag_seconds",
            "Age of the oldest entry that waits for its seal",
            registry=self.registry,
        )
        self._sign = Gauge(
            "autopilot_ledger_sign_lag_seconds",
            "Age of the oldest sealed entry that no checkpoint signs",
            registry=self.registry,
        )

    def note(self, lag: Lag) -> None:
        """Show it, and say so in the log while it is too long."""
        self._entries.set(lag.entries)
        self._seal.set(lag.seal_seconds)
        self._sign.set(lag.sign_seconds)
        if max(lag.seal_seconds, lag.sign_seconds) > self.alarm_seconds:
            structlog.get_logger().error(
                "sealer.lagging",
                unsealed=lag.entries,
                seal_seconds=round(lag.seal_seconds, 1),
                sign_seconds=round(lag.sign_seconds, 1),
                mend="look for a long transaction in pg_stat_activity, and at this log",
            )


async def measure(
    database: Database,
    scopes: Sequence[TenantScope],
    reached: Mapping[TenantScope, int],
) -> Lag:
    """Look at what is behind ``reached`` of each tenant."""
    found = Lag()
    for scope in scopes:
        async with database.transaction(scope, Step.look) as tx:
            since = (await seals.read_reach(tx, since=reached.get(scope, 0))).since
            entries, oldest = await seals.count_unsealed(tx, since=since)
            unsigned = await checkpoints.find_unsigned_since(tx)
            now = tx.now
        found = Lag(
            found.entries + entries,
            max(found.seal_seconds, _age(oldest, now)),
            max(found.sign_seconds, _age(unsigned, now)),
        )
    return found


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
