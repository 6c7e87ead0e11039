"""The platform's own API: flags, throttles, queues, traces and services."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from gateway.connectors.http import Api, Params
from gateway.connectors.paths import segment
from gateway.connectors.platform_call import part
from gateway.connectors.shape import fit, fit_written
from gateway.ports import NotThere
from gateway.subjects import (
    FlagList,
    FlagState,
    QueueLoad,
    RouteLoad,
    ServiceLoad,
    Span,
    ThrottleState,
    Trace,
)


class _Route(BaseModel):
    route: str
    requests_per_second: float
    capacity_rps: float
    error_ratio: float
    rejected_per_second: float


class _Service(BaseModel):
    service: str
    requests_per_second: float
    error_ratio: float
    p99_ms: float
    active_users: int
    routes: list[_Route]


class _FlagVersion(BaseModel):
    version: int
    rollout_percent: int


class _Flag(BaseModel):
    key: str
    service: str
    enabled: bool
    rollout_percent: int
    version: int
    changed_at: datetime
    changed_by: str
    history: list[_FlagVersion] = []


class _FlagList(BaseModel):
    flags: list[_Flag]


class _Throttle(BaseModel):
    service: str
    route: str
    limit_rps: int | None
    version: int


class _Queue(BaseModel):
    name: str
    depth: int
    oldest_age_seconds: float
    in_per_second: float
    out_per_second: float
    consumers: int


class _Span(BaseModel):
    service: str = ""
    operation: str
    duration_ms: float
    status: str
    message: str = ""
    attributes: dict[str, str] = {}


class _Trace(BaseModel):
    id: str
    correlation_id: str
    status: str
    started_at: datetime
    duration_ms: float
    spans: list[_Span]


class _Traces(BaseModel):
    traces: list[_Trace]


class PlatformServices:
    """Fulfils ``Catalogue``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def service(self, name: str) -> ServiceLoad:
        raw = await self._api.read(f"/services/{part(name)}")
        found = fit(_Service, raw, what=f"platform service {name}")
        return ServiceLoad(
            service=found.service,
            requests_per_second=found.requests_per_second,
            error_ratio=found.error_ratio,
            p99_ms=found.p99_ms,
            active_users=found.active_users,
            routes=tuple(RouteLoad(**one.model_dump()) for one in found.routes),
        )


class PlatformFlags:
    """Fulfils ``Flags``; ``former`` is not needed, two numbers say everything."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, key: str) -> FlagState:
        raw = await self._api.read(f"/flags/{part(key)}")
        return _flag(fit(_Flag, raw, what=f"platform flag {key}"))

    async def list_of(self, service: str) -> FlagList:
        raw = await self._api.read("/flags", {"service": service})
        found = fit(_FlagList, raw, what=f"platform flags of {service}")
        return FlagList([_flag(one) for one in found.flags])

    async def set(
        self,
        key: str,
        *,
        enabled: bool,
        rollout_percent: int,
        former: str,  # noqa: ARG002 - see the class
        seen_version: int,
        idempotency_key: str,
    ) -> FlagState:
        raw = await self._api.write(
            f"/flags/{part(key)}",
            {
                "enabled": enabled,
                "rollout_percent": rollout_percent,
                "changed_by": "ops-autopilot",
            },
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        return _flag(fit_written(_Flag, raw, what=f"platform flag {key}"))

    def after(
        self, key: str, former: str, *, enabled: bool, rollout_percent: int
    ) -> str:
        del key, former, enabled, rollout_percent  # see the class
        return ""


class PlatformThrottles:
    """Fulfils ``Throttles``."""

    repeatable = True

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, service: str, route: str) -> ThrottleState:
        raw = await self._api.read(f"/throttles/{part(service)}", {"route": route})
        found = fit(_Throttle, raw, what=f"platform throttle {service} {route}")
        return ThrottleState(**found.model_dump())

    async def set(
        self,
        service: str,
        route: str,
        *,
        limit_rps: int | None,
        seen_version: int,
        idempotency_key: str,
    ) -> ThrottleState:
        raw = await self._api.write(
            f"/throttles/{part(service)}?route={segment(route)}",
            {"limit_rps": limit_rps, "changed_by": "ops-autopilot"},
            seen_version=seen_version,
            idempotency_key=idempotency_key,
        )
        found = fit_written(_Throttle, raw, what=f"platform throttle {service} {route}")
        return ThrottleState(**found.model_dump())


class PlatformQueues:
    """Fulfils ``Queues``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, name: str) -> QueueLoad:
        raw = await self._api.read(f"/queues/{part(name)}")
        found = fit(_Queue, raw, what=f"platform queue {name}")
        return QueueLoad(
            queue=found.name,
            depth=found.depth,
            oldest_age_seconds=found.oldest_age_seconds,
            in_rate=found.in_per_second,
            out_rate=found.out_per_second,
            consumers=found.consumers,
        )


class PlatformTraces:
    """Fulfils ``Traces``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, trace_id: str) -> Trace:
        found = await self._read({"trace_id": trace_id, "limit": 1})
        if not found:
            raise NotThere(f"platform: trace {trace_id} is not kept")
        return found[0]

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]:
        wanted: dict[str, str | int | float] = {"limit": most}
        if service is not None:
            wanted |= {"service": service, "status": "error"}
        if correlation_id is not None:
            wanted["correlation_id"] = correlation_id
        return await self._read(wanted)

    async def _read(self, wanted: Params) -> list[Trace]:
        raw = await self._api.read("/traces", wanted)
        return [_trace(one) for one in fit(_Traces, raw, what="platform traces").traces]


def _flag(found: _Flag) -> FlagState:
    earlier = [one for one in found.history if one.version < found.version]
    last = max(earlier, key=lambda one: one.version, default=None)
    return FlagState(
        **found.model_dump(exclude={"history", "changed_at"}),
        changed_at=found.changed_at.timestamp(),
        previous_rollout_percent=last.rollout_percent if last else None,
    )


def _trace(found: _Trace) -> Trace:
    return Trace(
        trace_id=found.id,
        correlation_id=found.correlation_id,
        status=found.status,
        started_at=found.started_at.timestamp(),
        duration_ms=found.duration_ms,
        spans=tuple(
            Span(
                service=one.service,
                operation=one.operation,
                status=one.status,
                duration_ms=one.duration_ms,
                error_type=one.attributes.get("error.type", ""),
                attributes=tuple(
                    (key, value)
                    for key, value in sorted(one.attributes.items())
                    if key != "error.type"
                ),
                message=one.message,
            )
            for one in found.spans
        ),
    )
