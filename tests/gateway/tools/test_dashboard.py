"""get_dashboard_snapshot: what is now beside what is usual."""

import pytest

from gateway.registry import Occasion
from gateway.subjects import Series
from gateway.tools.dashboard import DashboardParams, DashboardSnapshot, read_dashboard
from tests.gateway.outside import FLAG, ROUTE, SCOPE, SERVICE, Outside

NOW = 1_700_000_600.0
PARAMS = DashboardParams(dashboard_id=f"{SERVICE}-overview")


class Measured:
    """Gives one series, whatever is asked."""

    def __init__(self, *points: tuple[float, float]) -> None:
        self._points = points

    async def service_series(
        self, _service: str, *, start_at: float, end_at: float
    ) -> list[Series]:
        assert start_at < end_at
        return [Series(f"route_rps:{ROUTE}", "requests/s", self._points)]


async def read(
    outside: Outside, *points: tuple[float, float], alert_at: float
) -> DashboardSnapshot:
    outside.metrics = Measured(*points)  # type: ignore[assignment]
    occasion = Occasion(SCOPE, NOW, SERVICE, alert_at)
    return await read_dashboard(PARAMS, outside.ports, occasion)


async def test_usual_is_the_median_before_the_alert(outside: Outside) -> None:
    """The last seconds before it are the incident's own."""
    points = [(NOW - 100 + n, float(n)) for n in range(60)] + [(NOW, 900.0)]
    found = await read(outside, *points, alert_at=NOW - 80)
    [panel] = found.panels

    assert (900.0, 2.5) == (panel.current, panel.baseline)
    assert 2.5 == found.routes[0].baseline_rps


async def test_without_points_nothing_is_usual(outside: Outside) -> None:
    """No measurement is no baseline, and no error."""
    [panel] = (await read(outside, alert_at=NOW)).panels

    assert (0.0, None) == (panel.current, panel.baseline)


async def test_a_long_series_is_thinned(outside: Outside) -> None:
    """A picture's worth of points, the newest among them."""
    points = [(NOW - 600 + n, float(n)) for n in range(600)]
    [panel] = (await read(outside, *points, alert_at=NOW)).panels

    assert len(panel.series) <= 150
    assert (NOW - 1, 599.0) == panel.series[-1]


async def test_a_flag_tells_when_it_changed(outside: Outside) -> None:
    """In seconds before the alert, which is what a person asks first."""
    found = await read(outside, alert_at=1_700_000_030.0)

    assert [(FLAG, 50, 5, 30.0)] == [
        (
            one.key,
            one.rollout_percent,
            one.previous_rollout_percent,
            one.seconds_before_alert,
        )
        for one in found.flags
    ]


@pytest.mark.parametrize("name", ["overview", "x", "X-overview", "a b-overview", "-x"])
def test_a_dashboard_is_named_by_its_service(name: str) -> None:
    """``<service>-overview`` and nothing else."""
    with pytest.raises(ValueError, match="dashboard_id"):
        DashboardParams(dashboard_id=name)
