"""Serve the lab's panel: break, heal, look, and make the API misbehave."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from lab.changes import ChangeFeed
from lab.clock import Clock
from lab.fault import ANY, Fault, FaultKind, FaultPlan
from lab.json_object import JsonObject
from lab.overlay import Overlay, OverlayPlan
from lab.platform.alert_courier import AlertCourier
from lab.platform.alerting import AlertBook
from lab.platform.api import render_service
from lab.platform.breakage import Breakage
from lab.platform.history import series
from lab.platform.measure import ERRORS, P99
from lab.platform.model import Platform

CHART_POINTS = 180


class Break(BaseModel):
    kind: Breakage


class PlatformFault(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    path_prefix: str = "/platform"
    method: str = ANY
    count: int = Field(default=1, ge=1, le=10_000)
    seconds: float = Field(default=5.0, ge=0, le=120)

    def armed(self) -> Fault:
        path = self.path_prefix
        inside = path.startswith(("/platform", "/prometheus"))
        return Fault(
            kind=self.kind,
            http_method=self.method.upper(),
            path_prefix=path if inside else f"/platform/{path.lstrip('/')}",
            left=self.count,
            label=path,
            seconds=self.seconds,
        )


class PlatformControl:
    def __init__(
        self,
        platform: Platform,
        alerts: tuple[AlertBook, AlertCourier],
        misbehaviour: tuple[FaultPlan, OverlayPlan],
        *,
        clock: Clock,
        changes: ChangeFeed,
    ) -> None:
        self._platform = platform
        self._book, self._courier = alerts
        self._faults, self._overlays = misbehaviour
        self._clock = clock
        self._changes = changes

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/lab")
        get, post = ["GET"], ["POST"]
        for path, endpoint, methods in (
            ("/break", self.break_platform, post),
            ("/heal", self.heal, post),
            ("/platform", self.platform, get),
            ("/platform-faults", self.arm, post),
            ("/platform-faults", self.armed, get),
            ("/overlays", self.overlay, post),
            ("/overlays", self.overlaid, get),
            ("/alerts", self.alerts, get),
        ):
            router.add_api_route(path, endpoint, methods=methods)
        return router

    async def break_platform(self, wanted: Break) -> JsonObject:
        self._platform.break_by(wanted.kind, now=self._clock())
        self._changes.announce()
        return {"broken": self._platform.active_breakages}

    async def heal(self) -> JsonObject:
        """Also take back what the platform's API was armed and overlaid with."""
        self._platform.heal(now=self._clock())
        for prefix in ("/platform", "/prometheus"):
            self._faults.clear(prefix)
        self._overlays.clear()
        self._changes.announce()
        return {"broken": self._platform.active_breakages}

    async def platform(self) -> JsonObject:
        platform = self._platform
        limits = platform.throttles.values()
        return {
            "broken": platform.active_breakages,
            "elapsed_seconds": round(platform.elapsed_seconds, 2),
            "services": [render_service(s) for s in platform.services.values()],
            "flags": [flag.rendered() for flag in platform.flags.values()],
            "throttles": [t.rendered() for t in limits if t.limit_rps is not None],
            "queues": [queue.rendered() for queue in platform.queues.values()],
            "history": {name: self._lines(name) for name in platform.services},
        }

    async def arm(self, fault: PlatformFault) -> JsonObject:
        self._faults.arm(fault.armed())
        return await self.armed()

    async def armed(self) -> JsonObject:
        listed = [
            fault
            for prefix in ("/platform", "/prometheus")
            for fault in self._faults.listed(prefix)
        ]
        return {"faults": listed}

    async def overlay(self, wanted: Overlay) -> JsonObject:
        self._overlays.overlays.append(wanted)
        return await self.overlaid()

    async def overlaid(self) -> JsonObject:
        """Say by path how many answers were laid over."""
        paths = [one.path for one in self._overlays.overlays]
        return {"overlays": {path: self._overlays.met[path] for path in paths}}

    async def alerts(self) -> JsonObject:
        return {
            "alerts": self._book.rendered(),
            "attempts": list(self._courier.attempts),
            "waiting": self._courier.waiting,
        }

    def _lines(self, service: str) -> JsonObject:
        history = self._platform.history
        errors = series(ERRORS, service=service)
        latency = series(P99, service=service)
        return {
            "error_ratio": history.line(errors, last=CHART_POINTS),
            "p99_seconds": history.line(latency, last=CHART_POINTS),
        }
