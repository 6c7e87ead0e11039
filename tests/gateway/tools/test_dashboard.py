"""get_dashboard_snapshot: what is now beside what is usual."""

from dataclasses import replace

import pytest

from gateway.absent import absent_ports
from gateway.dashboard import Dashboard, DashboardPanel
from gateway.ports import NotConfigured
from gateway.registry import Occasion, Picture
from gateway.subjects import Series
from gateway.tools.dashboard import (
    DashboardParams,
    DashboardSnapshot,
    draw_dashboard,
    read_dashboard,
)
from tests.gateway.outside import FLAG, ROUTE, SCOPE, SERVICE, Outside

NOW = 1_700_000_600.0
PARAMS = DashboardParams(dashboard_id=f"{SERVICE}-overview")


class Measured:
    """Gives one series, whatever is asked."""

    def __init__(
        self, *points: tuple[float, float], name: str = f"route_rps:{ROUTE}"
    ) -> None:
        self._points = points
        self._name = name

    async def service_series(
        self, _service: str, *, start_at: float, end_at: float
    ) -> list[Series]:
        assert start_at < end_at
        return [Series(self._name, "requests/s", self._points)]


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
    """No measurement is no baseline, no error and no zero."""
    [panel] = (await read(outside, alert_at=NOW)).panels

    assert (None, None) == (panel.current, panel.baseline)


@pytest.mark.parametrize(("age", "current"), [(110, 0.5), (130, None)])
async def test_what_has_no_value_any_more_has_none_now(
    outside: Outside, age: int, current: float | None
) -> None:
    """A ratio of no requests is none: its last one was before they stopped."""
    [panel] = (await read(outside, (NOW - age, 0.5), alert_at=NOW)).panels

    assert current == panel.current
    assert [(NOW - age, 0.5)] == panel.series


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


async def test_flags_that_do_not_answer_are_missing(outside: Outside) -> None:
    """That none is shown says nothing; series and routes are told all the same."""
    ports = replace(outside.ports, flags=absent_ports().flags)
    occasion = Occasion(SCOPE, NOW, SERVICE, NOW)
    found = await read_dashboard(PARAMS, ports, occasion)

    assert ["flags: no connector serves it here"] == found.missing
    assert ([], [ROUTE]) == (found.flags, [one.route for one in found.routes])
    assert found.panels


async def test_a_load_that_makes_no_sense_is_missing(outside: Outside) -> None:
    """A percentage told as a ratio: neither users nor routes are made of it."""
    load = outside.services.load
    outside.services.load = replace(load, error_ratio=18.2)
    found = await read(outside, (NOW, 1.0), alert_at=NOW)
    [missing] = found.missing

    assert missing.startswith("load: its answer makes no sense: error_ratio: ")
    assert (None, [], 1) == (found.active_users, found.routes, len(found.flags))


async def test_a_flag_out_of_bounds_makes_the_flags_missing(outside: Outside) -> None:
    """Which of them is right, nobody can tell by that."""
    flags = outside.flags.flags
    flags[FLAG] = replace(flags[FLAG], rollout_percent=5000)
    found = await read(outside, (NOW, 1.0), alert_at=NOW)
    [missing] = found.missing

    assert missing.startswith("flags: its answer makes no sense: rollout_percent: ")
    assert ([], [ROUTE]) == (found.flags, [one.route for one in found.routes])


async def test_routes_whose_requests_are_no_number_are_missing(
    outside: Outside,
) -> None:
    """By name, the first ten; the rest of the load is given."""
    unread = tuple(f"GET /{number}" for number in range(12))
    outside.services.load = replace(outside.services.load, unread_routes=unread)
    found = await read(outside, (NOW, 1.0), alert_at=NOW)
    [missing] = found.missing

    assert missing.startswith("routes: the requests of GET /0, GET /1, ")
    assert missing.endswith("GET /9 and 2 more are no number")
    assert 1 == len(found.routes)


async def test_where_all_answers_nothing_is_missing(outside: Outside) -> None:
    """And without the series there is no dashboard."""
    found = await read(outside, (NOW, 1.0), alert_at=NOW)
    ports = replace(outside.ports, metrics=absent_ports().metrics)

    assert [] == found.missing
    with pytest.raises(NotConfigured):
        await read_dashboard(PARAMS, ports, Occasion(SCOPE, NOW, SERVICE, NOW))


@pytest.mark.parametrize("name", ["", "a b-overview", "-x", "../x", "x" * 122, "a/b"])
def test_a_dashboard_has_a_plain_name(name: str) -> None:
    """``<service>-overview``, or what Grafana gives as a uid."""
    with pytest.raises(ValueError, match="dashboard_id"):
        DashboardParams(dashboard_id=name)


async def picture(outside: Outside, *points: tuple[float, float]) -> Picture | None:
    measured = Measured(*points, name="requests_per_second")
    outside.metrics = measured  # type: ignore[assignment]
    occasion = Occasion(SCOPE, NOW, SERVICE, NOW - 80)
    found = await read_dashboard(PARAMS, outside.ports, occasion)
    return await draw_dashboard(PARAMS, found, outside.ports, occasion)


async def test_a_service_is_drawn_with_its_alert(outside: Outside) -> None:
    """And with the flag that changed before it."""
    outside.flags.flags[FLAG] = replace(outside.flags.flags[FLAG], changed_at=NOW - 120)
    drawn = await picture(outside, (NOW - 600, 1.0), (NOW, 2.0))

    assert drawn is not None
    assert drawn.png.startswith(b"\x89PNG")
    assert f"{SERVICE}. Requests: now 2/s" in drawn.alt
    assert f"{FLAG} 5 % to 50 % at 22:21 UTC. alert at 22:22 UTC." in drawn.alt


async def test_without_measures_nothing_is_drawn(outside: Outside) -> None:
    assert await picture(outside) is None


class FakeGrafana:
    """One dashboard of two panels, the second a graph."""

    def __init__(self, *kinds: str) -> None:
        self._kinds = kinds
        self.drawn: list[tuple[str, int, float, float]] = []

    async def get(self, uid: str) -> Dashboard:
        panels = [
            DashboardPanel(number, f"panel {number}", kind)
            for number, kind in enumerate(self._kinds)
        ]
        return Dashboard(uid, "Ranking", tuple(panels))

    async def render(
        self, uid: str, panel_id: int, *, start_at: float, end_at: float
    ) -> bytes:
        self.drawn.append((uid, panel_id, start_at, end_at))
        return b"png"


async def grafana(
    outside: Outside, *kinds: str
) -> tuple[DashboardSnapshot, Picture | None, FakeGrafana]:
    fake = FakeGrafana(*kinds)
    ports = replace(outside.ports, dashboards=fake)
    params = DashboardParams(dashboard_id="aBc_12-x", window_seconds=300)
    occasion = Occasion(SCOPE, NOW, SERVICE, None)
    found = await read_dashboard(params, ports, occasion)
    return found, await draw_dashboard(params, found, ports, occasion), fake


async def test_another_dashboard_is_grafanas(outside: Outside) -> None:
    """Its panels are named, and its first graph is drawn by Grafana."""
    found, drawn, fake = await grafana(outside, "table", "timeseries", "graph")

    assert ("Ranking", [0, 1, 2]) == (found.title, [one.id for one in found.graphs])
    assert [("aBc_12-x", 1, NOW - 300, NOW)] == fake.drawn
    assert (
        Picture(b"png", "Ranking: panel 1, as Grafana drew the last 5 minutes") == drawn
    )


async def test_a_dashboard_without_a_graph_has_no_picture(outside: Outside) -> None:
    _, drawn, fake = await grafana(outside, "table", "text")

    assert (None, []) == (drawn, fake.drawn)
