"""
get_dashboard_snapshot: one service's series, flags and routes at one instant.

Another dashboard is Grafana's, by its uid: its panels are named, and the first graph is
what Grafana draws of it.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from statistics import median

from pydantic import Field, ValidationError

from gateway.picture import Curve, Mark, MarkKind, describe_series, draw_series
from gateway.ports import Ports, Unreadable
from gateway.registry import Occasion, Picture, ReadTool, Strict
from gateway.sane import say_senseless
from gateway.subjects import FlagList, FlagState, RouteLoad, Series
from gateway.tools.health import read_load
from gateway.tools.quantity import (
    Count,
    ErrorRatio,
    Measured,
    Opaque,
    Percent,
    PerSecond,
    SecondsApart,
    UnixSeconds,
)
from gateway.tools.sources import Sources
from policy.names import NAME

_SUFFIX = "-overview"
_LEAD_SECONDS = 15.0
# The curves of a service's picture, from the first: what people look at first.
# A scrape, its rule and a step of the series may each be as late as this.
_NEWEST_SECONDS, _NEWEST_SHARE = 120.0, 0.02
_DRAWN = ("error_ratio", "p99_ms", "requests_per_second")
# Of the routes that could not be read.
_MOST_NAMED = 10
_GRAPHS = ("timeseries", "graph")


class DashboardParams(Strict):
    """``dashboard_id`` is ``<service>-overview``, or a Grafana dashboard's uid."""

    dashboard_id: str = Field(pattern=NAME)
    window_seconds: int = Field(
        default=600, ge=60, le=3600, json_schema_extra={"x-unit": "s"}
    )


class Panel(Strict):
    """
    ``current`` is the newest value, None if there is none of the last minute or two.

    ``baseline`` is the median before the alert began, None if nothing is known.
    """

    name: str
    unit: str
    current: Measured | None
    baseline: Measured | None
    series: list[tuple[UnixSeconds, Measured]]


class FlagRow(Strict):
    key: str
    rollout_percent: Percent
    enabled: bool
    previous_rollout_percent: Percent | None
    changed_at: UnixSeconds
    changed_by: str
    seconds_before_alert: SecondsApart | None


class RouteRow(Strict):
    route: str
    requests_per_second: PerSecond
    baseline_rps: PerSecond | None
    capacity_rps: PerSecond | None
    error_ratio: ErrorRatio | None


class GraphRow(Strict):
    """One panel of a Grafana dashboard."""

    id: Opaque
    title: str
    kind: str


class DashboardSnapshot(Strict):
    """
    ``title`` and ``graphs`` are of a Grafana dashboard, all else of a service.

    ``flags_unread`` counts the service's flags that are not among ``flags``.
    ``missing`` names the sources without an answer: where ``flags`` or ``load`` (users
    and routes) is among them, that there are none says nothing. ``routes`` are those
    whose requests are no number, and that are not among ``routes``.
    """

    dashboard_id: str
    service: str
    at: UnixSeconds
    active_users: Count | None
    panels: list[Panel]
    flags: list[FlagRow]
    routes: list[RouteRow]
    flags_unread: Count = 0
    title: str = ""
    graphs: list[GraphRow] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list)


async def read_dashboard(
    params: DashboardParams, ports: Ports, occasion: Occasion
) -> DashboardSnapshot:
    """
    Read a service's series, and what else of it answers; or a dashboard's panels.

    Raises:
        NotConfigured, Unreadable: there are no series, or no such dashboard.
    """
    if not _is_overview(params):
        return await _read_grafana(params, ports, occasion)
    service = params.dashboard_id.removesuffix(_SUFFIX)
    series = await ports.metrics.service_series(
        service, start_at=occasion.now - params.window_seconds, end_at=occasion.now
    )
    sources = Sources()
    load = await sources.ask("load", read_load(ports, service))
    found = await sources.ask("flags", ports.flags.list_of(service)) or FlagList([])
    rows = sources.take("flags", found, partial(_flag_rows, occasion=occasion)) or []
    unread = load.unread_routes if load else ()
    if unread:
        named = ", ".join(unread[:_MOST_NAMED])
        more = f" and {len(unread) - _MOST_NAMED} more" if unread[_MOST_NAMED:] else ""
        sources.missing.append(f"routes: the requests of {named}{more} are no number")
    before = occasion.alert_started_at or occasion.now
    oldest = occasion.now - max(_NEWEST_SECONDS, params.window_seconds * _NEWEST_SHARE)
    panels = [_panel(one, before - _LEAD_SECONDS, oldest) for one in series]
    return DashboardSnapshot(
        dashboard_id=params.dashboard_id,
        service=service,
        at=occasion.now,
        active_users=load.active_users if load else None,
        panels=panels,
        flags=rows,
        flags_unread=found.unread,
        routes=[_route_row(one, panels) for one in (load.routes if load else ())],
        missing=sources.missing,
    )


async def draw_dashboard(
    params: DashboardParams,
    state: DashboardSnapshot,
    ports: Ports,
    occasion: Occasion,
) -> Picture | None:
    """Draw a service's curves with the alert and the last change, or have it drawn."""
    if not _is_overview(params):
        return await _drawn_by_grafana(params, state, ports, occasion)
    curves = [
        Curve(one.name, one.unit, one.series, one.baseline)
        for name in _DRAWN
        for one in state.panels
        if one.name == name
    ]
    if not any(one.points for one in curves):
        return None
    marks = _marks(state, params, occasion)
    png = await asyncio.to_thread(draw_series, state.service, curves, marks)
    return Picture(png, describe_series(state.service, curves, marks))


async def _read_grafana(
    params: DashboardParams, ports: Ports, occasion: Occasion
) -> DashboardSnapshot:
    found = await ports.dashboards.get(params.dashboard_id)
    return DashboardSnapshot(
        dashboard_id=params.dashboard_id,
        service="",
        at=occasion.now,
        active_users=None,
        panels=[],
        flags=[],
        routes=[],
        title=found.title,
        graphs=[
            GraphRow(id=one.id, title=one.title, kind=one.kind) for one in found.panels
        ],
    )


async def _drawn_by_grafana(
    params: DashboardParams,
    state: DashboardSnapshot,
    ports: Ports,
    occasion: Occasion,
) -> Picture | None:
    graph = next((one for one in state.graphs if one.kind in _GRAPHS), None)
    if graph is None:
        return None
    png = await ports.dashboards.render(
        params.dashboard_id,
        graph.id,
        start_at=occasion.now - params.window_seconds,
        end_at=occasion.now,
    )
    minutes = round(params.window_seconds / 60)
    return Picture(
        png, f"{state.title}: {graph.title}, as Grafana drew the last {minutes} minutes"
    )


def _marks(
    state: DashboardSnapshot, params: DashboardParams, occasion: Occasion
) -> list[Mark]:
    """Mark the alert, and the last change of a flag before it within the window."""
    alert_at = occasion.alert_started_at
    until = occasion.now if alert_at is None else alert_at
    since = occasion.now - params.window_seconds
    changed = [one for one in state.flags if since <= one.changed_at <= until]
    marks = []
    if changed:
        last = max(changed, key=lambda one: one.changed_at)
        marks.append(Mark(MarkKind.change, last.changed_at, _say_change(last)))
    if alert_at is not None:
        marks.append(Mark(MarkKind.alert, alert_at, "alert"))
    return marks


def _say_change(flag: FlagRow) -> str:
    if not flag.enabled:
        return f"{flag.key} switched off"
    if flag.previous_rollout_percent is None:
        return f"{flag.key} at {flag.rollout_percent} %"
    return f"{flag.key} {flag.previous_rollout_percent} % to {flag.rollout_percent} %"


def _is_overview(params: DashboardParams) -> bool:
    return params.dashboard_id.endswith(_SUFFIX)


def _panel(series: Series, before: float, oldest: float) -> Panel:
    """``current`` is of ``oldest`` or later: what has no value any more has none."""
    newest = series.points[-1] if series.points else (oldest - 1, 0.0)
    return Panel(
        name=series.name,
        unit=series.unit,
        current=round(newest[1], 5) if newest[0] >= oldest else None,
        baseline=_baseline(series.points, before),
        series=[(round(at, 1), round(value, 5)) for at, value in _thin(series.points)],
    )


def _baseline(points: Sequence[tuple[float, float]], before: float) -> float | None:
    usual = [value for at, value in points if at <= before]
    return round(median(usual), 5) if usual else None


def _thin(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Keep at most 120 points, the last among them: a picture needs no more."""
    step = max(1, len(points) // 120)
    return points[::-1][::step][::-1]


def _flag_rows(found: FlagList, *, occasion: Occasion) -> list[FlagRow]:
    """
    Give the flags as rows.

    Raises:
        Unreadable: one of them is out of its bounds.
    """
    try:
        return [_flag_row(flag, occasion.alert_started_at) for flag in found.flags]
    except ValidationError as exc:
        raise Unreadable(say_senseless(exc)) from exc


def _flag_row(flag: FlagState, alert_at: float | None) -> FlagRow:
    return FlagRow(
        key=flag.key,
        rollout_percent=flag.rollout_percent,
        enabled=flag.enabled,
        previous_rollout_percent=flag.previous_rollout_percent,
        changed_at=round(flag.changed_at, 1),
        changed_by=flag.changed_by,
        seconds_before_alert=(
            round(alert_at - flag.changed_at, 1) if alert_at is not None else None
        ),
    )


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 5)


def _route_row(route: RouteLoad, panels: Sequence[Panel]) -> RouteRow:
    usual = next(
        (p.baseline for p in panels if p.name == f"route_rps:{route.route}"), None
    )
    return RouteRow(
        route=route.route,
        requests_per_second=round(route.requests_per_second, 1),
        baseline_rps=usual,
        capacity_rps=route.capacity_rps,
        error_ratio=_rounded(route.error_ratio),
    )


GET_DASHBOARD_SNAPSHOT = ReadTool(
    name="get_dashboard_snapshot",
    version=1,
    params=DashboardParams,
    result=DashboardSnapshot,
    read=read_dashboard,
    tainted_fields=frozenset({"changed_by"}),
    picture=draw_dashboard,
)
