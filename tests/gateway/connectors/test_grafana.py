"""Grafana: a dashboard's panels, and one of them as a picture."""

import httpx
import pytest
import respx

from gateway.dashboard import Dashboard, DashboardPanel
from gateway.ports import Unreadable
from tests.gateway.connectors.asking import port_of
from tests.gateway.connectors.cases import PNG


async def test_a_dashboard_names_its_panels(outside: respx.MockRouter) -> None:
    """Those of a folded row too; the row itself shows nothing."""
    async with port_of("grafana", outside) as port:
        found = await port.get("d1")

    assert (
        Dashboard(
            "d1",
            "Service",
            (
                DashboardPanel(4, "", "table"),
                DashboardPanel(2, "Requests", "timeseries"),
            ),
        )
        == found
    )


async def test_a_panel_is_drawn_by_grafana(outside: respx.MockRouter) -> None:
    """In milliseconds and in UTC."""
    async with port_of("grafana-render", outside) as port:
        png = await port.render("d1", 2, start_at=1.5, end_at=61.0)

    assert png == PNG
    [asking] = outside.calls
    assert "/render/d-solo/d1/_" == asking.request.url.path
    assert {
        "panelId": "2",
        "from": "1500",
        "to": "61000",
        "width": "1000",
        "height": "500",
        "tz": "UTC",
    } == dict(asking.request.url.params)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=PNG, headers={"content-type": "text/html"}),
        httpx.Response(200, content=b"GIF89a", headers={"content-type": "image/png"}),
        httpx.Response(200, content=b"", headers={"content-type": "image/png"}),
    ],
)
async def test_what_is_no_picture_is_none(
    outside: respx.MockRouter, answer: httpx.Response
) -> None:
    """Of another type, or with another beginning."""
    outside.get(path="/render/d-solo/d2/_").mock(return_value=answer)
    async with port_of("grafana-render", outside) as port:
        with pytest.raises(Unreadable):
            await port.render("d2", 2, start_at=1, end_at=2)
