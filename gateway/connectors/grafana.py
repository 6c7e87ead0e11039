"""Grafana HTTP API: a dashboard by its uid, and one of its panels as a picture."""

from pydantic import BaseModel

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.dashboard import Dashboard, DashboardPanel
from gateway.ports import Unreadable

_PNG = b"\x89PNG\r\n\x1a\n"
_ROW = "row"


class _Panel(BaseModel):
    id: int | None = None
    title: str = ""
    type: str = ""
    panels: list["_Panel"] = []


class _Model(BaseModel):
    uid: str
    title: str
    panels: list[_Panel] = []


class _Answer(BaseModel):
    dashboard: _Model


class Grafana:
    """Fulfils ``Dashboards``; a picture is ``width`` by ``height`` pixels."""

    def __init__(self, api: Api, *, width: int, height: int) -> None:
        self._api = api
        self._width = width
        self._height = height

    async def get(self, uid: str) -> Dashboard:
        """Give the dashboard; panels of a folded row stand beside the others."""
        raw = await self._api.read(f"/api/dashboards/uid/{segment(uid)}")
        found = fit(_Answer, raw, what=f"{self._api.name}: dashboard {uid}").dashboard
        return Dashboard(found.uid, found.title, _flat(found.panels))

    async def render(
        self, uid: str, panel_id: int, *, start_at: float, end_at: float
    ) -> bytes:
        """
        Give a panel as PNG; Grafana needs its image renderer for it.

        Raises:
            Unreadable: no picture came, or one that is too large.
        """
        png = await self._api.read_bytes(
            f"/render/d-solo/{segment(uid)}/_",
            {
                "panelId": panel_id,
                "from": round(start_at * 1000),
                "to": round(end_at * 1000),
                "width": self._width,
                "height": self._height,
                "tz": "UTC",
            },
            media_type="image/png",
        )
        if not png.startswith(_PNG):
            raise Unreadable(f"{self._api.name}: panel {panel_id} of {uid} is no PNG")
        return png


def _flat(panels: list[_Panel]) -> tuple[DashboardPanel, ...]:
    found: list[DashboardPanel] = []
    for one in panels:
        if one.type != _ROW and one.id is not None:
            found.append(DashboardPanel(one.id, one.title, one.type))
        found.extend(_flat(one.panels))
    return tuple(found)
