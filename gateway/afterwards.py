"""
Before and after in one picture, once an action was verified.

The service's curves over the alert, the action and what came of it, both marked. It is
for people alone: nothing that is decided depends on it, and what can't be drawn says
nothing.
"""

import asyncio
from statistics import median

import structlog

from gateway.picture import (
    Curve,
    Mark,
    MarkKind,
    Points,
    describe_series,
    draw_series,
)
from gateway.ports import ConnectorError, Ports
from gateway.registry import Picture
from storage import pictures, posts
from storage.database import Tx
from storage.executions import Execution
from storage.tool_calls import Drawing

_DRAWN = ("error_ratio", "p99_ms", "requests_per_second")
_DEADLINE_SECONDS = 5.0
# What is shown before the alert began, and at least of the whole.
_LEAD_SECONDS, _LEAST_SECONDS, _MOST_SECONDS = 120.0, 180.0, 3600.0


async def draw_after(
    ports: Ports, service: str | None, execution: Execution, *, alert_at: float | None
) -> Picture | None:
    """Read the service once more and draw it; None where there is nothing to show."""
    if service is None:
        return None
    now, begun_at = ports.now(), execution.begun_at.timestamp()
    first = min(begun_at, alert_at or begun_at)
    start_at = max(
        min(first - _LEAD_SECONDS, now - _LEAST_SECONDS), now - _MOST_SECONDS
    )
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            found = await ports.metrics.service_series(
                service, start_at=start_at, end_at=now
            )
    except (ConnectorError, TimeoutError) as exc:
        structlog.get_logger().info("afterwards.not_drawn", error=str(exc))
        return None
    curves = [
        Curve(one.name, one.unit, one.points, _usual(one.points, first))
        for name in _DRAWN
        for one in found
        if one.name == name and one.points
    ]
    if not curves:
        return None
    marks = [Mark(MarkKind.action, begun_at, "action")]
    if alert_at is not None:
        marks.append(Mark(MarkKind.alert, alert_at, "alert"))
    png = await asyncio.to_thread(draw_series, service, curves, marks)
    return Picture(png, describe_series(f"{service}, before and after", curves, marks))


async def post_after(tx: Tx, execution: Execution, drawing: Drawing) -> None:
    """Post it in the thread, once for each execution."""
    if await pictures.add(tx, execution.id, execution.task_id, drawing):
        await posts.post_after(
            tx,
            execution.task_id,
            proposal_id=execution.proposal_id,
            picture_id=execution.id,
            alt=drawing.alt,
        )


def _usual(points: Points, before: float) -> float | None:
    usual = [value for at, value in points if at < before]
    return median(usual) if usual else None
