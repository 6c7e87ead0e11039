"""Serve the platform's own HTTP API; here services, flags, throttles and queues."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from lab.json_object import JsonObject
from lab.platform.access import BearerRequired
from lab.platform.api_content import ContentApi
from lab.platform.api_pages import PageApi
from lab.platform.api_people import PeopleApi
from lab.platform.api_pipeline import PipelineApi
from lab.platform.api_support import SupportApi
from lab.platform.flag import Flag
from lab.platform.model import Platform
from lab.platform.service import Service
from lab.platform.throttle import Throttle
from lab.platform.write_desk import (
    Change,
    Deed,
    Given,
    WriteDesk,
    unknown,
    with_version,
)


class FlagChange(Change):
    enabled: bool
    rollout_percent: int = Field(ge=0, le=100)


class ThrottleChange(Change):
    """`limit_rps: null` takes the limit away; it may not be left out."""

    limit_rps: int | None = Field(ge=0, le=1_000_000)


class PlatformApi:
    def __init__(self, platform: Platform, desk: WriteDesk) -> None:
        self._platform = platform
        self._desk = desk

    def router(self, token: str) -> APIRouter:
        router = APIRouter(
            prefix="/platform", dependencies=[Depends(BearerRequired(token))]
        )
        get, put = ["GET"], ["PUT"]
        for path, endpoint, methods in (
            ("/services", self.services, get),
            ("/services/{service}", self.service, get),
            ("/flags", self.flags, get),
            ("/flags/{key}", self.flag, get),
            ("/flags/{key}", self.change_flag, put),
            ("/throttles/{service}", self.throttle, get),
            ("/throttles/{service}", self.change_throttle, put),
            ("/queues", self.queues, get),
            ("/queues/{name}", self.queue, get),
            ("/traces", self.traces, get),
            ("/writes", self.writes, get),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        society = self._platform.society
        for part in (PeopleApi, ContentApi, PipelineApi, SupportApi):
            router.include_router(part(society, self._desk).router())
        router.include_router(PageApi().router())
        return router

    async def services(self) -> JsonObject:
        known = self._platform.services.values()
        return {"services": [render_service(service) for service in known]}

    async def service(self, service: str) -> JsonObject:
        return render_service(self._service(service))

    async def flags(self, service: str | None = None) -> JsonObject:
        return {
            "flags": [
                flag.rendered()
                for flag in self._platform.flags.values()
                if service in (None, flag.service)
            ]
        }

    async def flag(self, key: str) -> JSONResponse:
        return with_version(self._flag(key).rendered())

    async def change_flag(
        self,
        key: str,
        change: FlagChange,
        given: Given,
    ) -> JSONResponse:
        flag = self._flag(key)
        return self._desk.put(
            Deed("flag.changed", key, f"/platform/flags/{key}"),
            change,
            given,
            state=flag.rendered,
            act=lambda now: flag.change(**change.model_dump(), now=now),
        )

    async def throttle(self, service: str, route: str) -> JSONResponse:
        return with_version(self._throttle(service, route).rendered())

    async def change_throttle(
        self,
        service: str,
        route: Annotated[str, Query()],
        change: ThrottleChange,
        given: Given,
    ) -> JSONResponse:
        throttle = self._throttle(service, route)
        path = f"/platform/throttles/{service}?route={route}"
        return self._desk.put(
            Deed("throttle.changed", f"{service} {route}", path),
            change,
            given,
            state=throttle.rendered,
            act=lambda now: throttle.change(**change.model_dump(), now=now),
        )

    async def queues(self) -> JsonObject:
        return {"queues": [q.rendered() for q in self._platform.queues.values()]}

    async def queue(self, name: str) -> JsonObject:
        """Give a queue; a consumer group is the queue of what waits for it."""
        if name in self._platform.society.groups:
            return self._platform.society.groups[name].as_queue()
        if name not in self._platform.queues:
            raise unknown("queue", name, list(self._platform.queues))
        return self._platform.queues[name].rendered()

    async def traces(
        self,
        correlation_id: str | None = None,
        trace_id: str | None = None,
        service: str | None = None,
        status: Annotated[str | None, Query(pattern="^(ok|error)$")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> JsonObject:
        found = self._platform.traces.find(
            correlation_id=correlation_id,
            trace_id=trace_id,
            service=service,
            status=status,
            limit=limit,
        )
        return {"traces": found}

    async def writes(self) -> JsonObject:
        return {"writes": self._desk.writes.listed()}

    def _service(self, name: str) -> Service:
        if name not in self._platform.services:
            raise unknown("service", name, list(self._platform.services))
        return self._platform.services[name]

    def _flag(self, key: str) -> Flag:
        if key not in self._platform.flags:
            raise unknown("flag", key, list(self._platform.flags))
        return self._platform.flags[key]

    def _throttle(self, service: str, route: str) -> Throttle:
        known = [route.name for route in self._service(service).routes]
        if route not in known:
            raise unknown("route", route, known)
        return self._platform.throttles[service, route]


def render_service(service: Service) -> JsonObject:
    return {
        "service": service.name,
        "environment": "prod",
        "requests_per_second": round(service.requests_per_second, 1),
        "error_ratio": round(service.error_ratio, 5),
        "p50_ms": round(service.p50_ms, 1),
        "p99_ms": round(service.p99_ms, 1),
        "active_users": service.active_users,
        "routes": [
            {
                "route": route.name,
                "requests_per_second": round(route.admitted_rps, 1),
                "capacity_rps": route.capacity_rps,
                "error_ratio": round(route.error_ratio, 5),
                "rejected_per_second": round(route.rejected_rps, 1),
            }
            for route in service.routes
        ],
    }
