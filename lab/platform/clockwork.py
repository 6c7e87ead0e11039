"""Let the platform live in real time, and have its alerts sent."""

import asyncio

from lab.clock import Clock
from lab.platform.alert_courier import AlertCourier
from lab.platform.alert_rule import read_platform
from lab.platform.alerting import AlertBook
from lab.platform.model import Platform

TICK_SECONDS = 0.1
LONGEST_CATCH_UP_SECONDS = 2.0


def tick(
    platform: Platform,
    book: AlertBook,
    courier: AlertCourier,
    *,
    dt_seconds: float,
    now: float,
) -> None:
    platform.step(dt_seconds, now=now)
    due = book.evaluate(
        read_platform(platform),
        elapsed_seconds=platform.elapsed_seconds,
        now=now,
        failing_traces=newest_failures(platform),
    )
    for webhook in due:
        courier.send(webhook)


def newest_failures(platform: Platform) -> dict[str, str]:
    found = {}
    for name in platform.services:
        traces = platform.traces.find(service=name, status="error", limit=1)
        if traces:
            found[name] = str(traces[0]["correlation_id"])
    return found


async def keep_ticking(
    platform: Platform,
    book: AlertBook,
    courier: AlertCourier,
    *,
    clock: Clock,
    time_scale: float,
) -> None:
    """Advance ten times a second; a suspended laptop does not leap hours."""
    last = clock()
    while True:
        await asyncio.sleep(TICK_SECONDS)
        now = clock()
        passed = min(max(0.0, now - last), LONGEST_CATCH_UP_SECONDS)
        last = now
        tick(platform, book, courier, dt_seconds=passed * time_scale, now=now)
