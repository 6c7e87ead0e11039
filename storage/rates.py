"""How many alerts and new threads a channel has had within the last minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Tx
from storage.rows import into

_WINDOW = timedelta(seconds=60)
_BUCKET_SECONDS = 5
# Nobody asks for what is older; a row is deleted by the next count of its channel.
_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rate:
    """
    Counts of the last minute: alerts taken in, threads opened at once and ``paced``.

    ``most`` threads a minute may open there, as the routes last said.
    """

    alerts: int
    opened: int
    paced: int
    most: int = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """What one transaction adds; ``paced`` threads had waited before they opened."""

    alerts: int = 0
    opened: int = 0
    paced: int = 0


async def read(tx: Tx, channel: str) -> Rate:
    row = await tx.row(
        "SELECT coalesce(sum(alerts), 0)::int AS alerts,"
        " coalesce(sum(opened), 0)::int AS opened,"
        " coalesce(sum(paced), 0)::int AS paced,"
        " coalesce((SELECT m.most FROM alert_rates m WHERE m.channel = :channel"
        " ORDER BY m.bucket_at DESC LIMIT 1), 10) AS most FROM alert_rates"
        " WHERE channel = :channel AND bucket_at > :since",
        {"channel": channel, "since": tx.now - _WINDOW},
    )
    return into(Rate, row) if row else Rate(0, 0, 0)


async def find_free(tx: Tx, channel: str, *, most: int) -> datetime:
    """Give when the channel's last minute will hold fewer than ``most`` threads."""
    rows = await tx.rows(
        "SELECT bucket_at, opened + paced AS threads FROM alert_rates"
        " WHERE channel = :channel AND bucket_at > :since ORDER BY bucket_at",
        {"channel": channel, "since": tx.now - _WINDOW},
    )
    left = sum(row["threads"] for row in rows)
    free_at = tx.now
    for row in rows:
        if left < most:
            break
        left -= row["threads"]
        free_at = row["bucket_at"] + _WINDOW
    return free_at


async def count(tx: Tx, channel: str, new: Counted, *, most: int) -> None:
    """Count what a transaction took in; its last statement, as others wait for it."""
    bucket_at = _bucket(tx.now)
    changed = await tx.row(
        "INSERT INTO alert_rates AS r (tenant_id, environment, channel, bucket_at,"
        " alerts, opened, paced, most) VALUES (:tenant, :environment, :channel,"
        " :bucket, :alerts, :opened, :paced, :most) ON CONFLICT (tenant_id,"
        " environment, channel, bucket_at) DO UPDATE SET"
        " alerts = r.alerts + excluded.alerts, opened = r.opened + excluded.opened,"
        " paced = r.paced + excluded.paced, most = excluded.most RETURNING r.alerts",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "channel": channel,
            "bucket": bucket_at,
            "alerts": new.alerts,
            "opened": new.opened,
            "paced": new.paced,
            "most": most,
        },
    )
    if changed is not None and changed["alerts"] == new.alerts:
        # The first of its bucket takes out what is old.
        await tx.change(
            "DELETE FROM alert_rates WHERE channel = :channel AND bucket_at < :then",
            {"channel": channel, "then": tx.now - _KEPT},
        )


def _bucket(now: datetime) -> datetime:
    stamp = int(now.timestamp())
    return datetime.fromtimestamp(stamp - stamp % _BUCKET_SECONDS, now.tzinfo)
