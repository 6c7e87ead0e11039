"""Serve the platform's own HTTP API: read everything, write flags and throttles."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from lab.changes import ChangeFeed
from lab.clock import Clock
from lab.json_object import JsonObject
from lab.platform.access import BearerRequired
from lab.platform.flag import Flag
from lab.platform.model import Platform
from lab.platform.service import Service
from lab.platform.throttle import Throttle
from lab.platform.writes import Answer, Request, WriteLog

IfMatch = Annotated[str | None, Header(alias="If-Match")]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)
]


class FlagChange(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    enabled: bool
    rollout_percent: int = Field(ge=0, le=100)
    changed_by: str = Field(min_length=1, max_length=200)


class ThrottleChange(BaseModel):
    """`limit_rps: null` takes the limit away; it may not be left out."""

    model_config = ConfigDict(strict=True, extra="forbid")

    limit_rps: int | None = Field(ge=0, le=1_000_000)
    changed_by: str = Field(min_length=1, max_length=200)


class PlatformApi:
    def __init__(
        self, platform: Platform, writes: WriteLog, clock: Clock, changes: ChangeFeed
    ) -> None:
        self._platform = platform
        self._writes = writes
        self._clock = clock
        self._changes = changes

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
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        flag, now = self._flag(key), self._clock()

        def apply() -> JsonObject:
            flag.change(**change.model_dump(), now=now)
            return flag.rendered()

        path = f"/platform/flags/{key}"
        request = Request(path, change.model_dump(), if_match, idempotency_key)
        return self._answered(
            self._writes.accept(request, flag.rendered(), apply, now=now)
        )

    async def throttle(self, service: str, route: str) -> JSONResponse:
        return with_version(self._throttle(service, route).rendered())

    async def change_throttle(
        self,
        service: str,
        route: Annotated[str, Query()],
        change: ThrottleChange,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        throttle, now = self._throttle(service, route), self._clock()

        def apply() -> JsonObject:
            throttle.change(**change.model_dump(), now=now)
            return throttle.rendered()

        path = f"/platform/throttles/{service}?route={route}"
        request = Request(path, change.model_dump(), if_match, idempotency_key)
        return self._answered(
            self._writes.accept(request, throttle.rendered(), apply, now=now)
        )

    async def queues(self) -> JsonObject:
        return {"queues": [q.rendered() for q in self._platform.queues.values()]}

    async def queue(self, name: str) -> JsonObject:
        if name not in self._platform.queues:
            raise unknown("queue", name, list(self._platform.queues))
        return self._platform.queues[name].rendered()

    async def traces(
        self,
        correlation_id: str | None = None,
        service: str | None = None,
        status: Annotated[str | None, Query(pattern="^(ok|error)$")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> JsonObject:
        found = self._platform.traces.find(
            correlation_id=correlation_id, service=service, status=status, limit=limit
        )
        return {"traces": found}

    async def writes(self) -> JsonObject:
        return {"writes": self._writes.listed()}

    def _answered(self, answer: Answer) -> JSONResponse:
        self._changes.announce()
        return JSONResponse(answer.body, answer.status, answer.headers)

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


def unknown(kind: str, name: str, known: list[str]) -> HTTPException:
    return HTTPException(
        404, detail=f"no {kind} {name!r}; there are: {', '.join(known)}"
    )


def with_version(state: JsonObject) -> JSONResponse:
    return JSONResponse(state, headers={"ETag": f'"{state["version"]}"'})


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
