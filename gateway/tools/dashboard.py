"""get_dashboard_snapshot: one service's series, flags and routes at one instant."""

from collections.abc import Sequence
from statistics import median

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.subjects import FlagState, RouteLoad, Series

_SUFFIX = "-overview"
_LEAD_SECONDS = 15.0


class DashboardParams(Strict):
    """``dashboard_id`` is ``<service>-overview``."""

    dashboard_id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,60}-overview$")
    window_seconds: int = Field(
        default=600, ge=60, le=3600, json_schema_extra={"x-unit": "s"}
    )


class Panel(Strict):
    """``baseline`` is the median before the alert began, None if nothing is known."""

    name: str
    unit: str
    current: float
    baseline: float | None
    series: list[tuple[float, float]]


class FlagRow(Strict):
    key: str
    rollout_percent: int
    enabled: bool
    previous_rollout_percent: int | None
    changed_at: float
    changed_by: str
    seconds_before_alert: float | None


class RouteRow(Strict):
    route: str
    requests_per_second: float
    baseline_rps: float | None
    capacity_rps: float
    error_ratio: float


class DashboardSnapshot(Strict):
    dashboard_id: str
    service: str
    at: float
    active_users: int
    panels: list[Panel]
    flags: list[FlagRow]
    routes: list[RouteRow]


async def read_dashboard(
    params: DashboardParams, ports: Ports, occasion: Occasion
) -> DashboardSnapshot:
    """Read series, flags and route loads of the dashboard's service."""
    service = params.dashboard_id.removesuffix(_SUFFIX)
    series = await ports.metrics.service_series(
        service, start_at=occasion.now - params.window_seconds, end_at=occasion.now
    )
    load = await ports.catalogue.service(service)
    flags = await ports.flags.list_of(service)
    before = occasion.alert_started_at or occasion.now
    panels = [_panel(one, before - _LEAD_SECONDS) for one in series]
    return DashboardSnapshot(
        dashboard_id=params.dashboard_id,
        service=service,
        at=occasion.now,
        active_users=load.active_users,
        panels=panels,
        flags=[_flag_row(flag, occasion.alert_started_at) for flag in flags],
        routes=[_route_row(route, panels) for route in load.routes],
    )


def _panel(series: Series, before: float) -> Panel:
    return Panel(
        name=series.name,
        unit=series.unit,
        current=round(series.points[-1][1], 5) if series.points else 0.0,
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


def _route_row(route: RouteLoad, panels: Sequence[Panel]) -> RouteRow:
    usual = next(
        (p.baseline for p in panels if p.name == f"route_rps:{route.route}"), None
    )
    return RouteRow(
        route=route.route,
        requests_per_second=round(route.requests_per_second, 1),
        baseline_rps=usual,
        capacity_rps=route.capacity_rps,
        error_ratio=round(route.error_ratio, 5),
    )


GET_DASHBOARD_SNAPSHOT = ReadTool(
    name="get_dashboard_snapshot",
    version=1,
    params=DashboardParams,
    result=DashboardSnapshot,
    read=read_dashboard,
    tainted_fields=frozenset({"changed_by"}),
)
