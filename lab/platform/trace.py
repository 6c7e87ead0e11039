"""Make the traces that a distributed tracer would have kept."""

import random
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.breakage import BAD_FLAG, Breakage
from lab.platform.service import Service

KEPT_PER_SERVICE = 300
OK_PER_SECOND = 2.0
ERRORS_PER_SECOND_AND_RATIO = 20.0


@dataclass
class TraceLog:
    """Tail sampled: failing requests are kept ten times as often as good ones."""

    dice: random.Random
    kept: dict[str, deque[JsonObject]] = field(default_factory=dict)
    owed: dict[tuple[str, str], float] = field(default_factory=dict)

    def advance(
        self,
        service: Service,
        dt_seconds: float,
        *,
        broken: Collection[Breakage],
        now: float,
    ) -> None:
        wrong = service.error_ratio * ERRORS_PER_SECOND_AND_RATIO
        for status, rate in (("ok", OK_PER_SECOND), ("error", wrong)):
            owed = self.owed.get((service.name, status), 0.0) + rate * dt_seconds
            while owed >= 1:
                owed -= 1
                self._keep(service, status, broken=broken, now=now)
            self.owed[service.name, status] = owed

    def find(
        self,
        *,
        correlation_id: str | None = None,
        trace_id: str | None = None,
        service: str | None = None,
        status: str | None = None,
        limit: int = 20,
    ) -> list[JsonObject]:
        """Newest first."""
        found = [
            trace
            for name, traces in self.kept.items()
            if service in (None, name)
            for trace in traces
            if correlation_id in (None, trace["correlation_id"])
            and trace_id in (None, trace["id"])
            and status in (None, trace["status"])
        ]
        found.sort(key=lambda trace: str(trace["started_at"]), reverse=True)
        return found[:limit]

    def _keep(
        self,
        service: Service,
        status: str,
        *,
        broken: Collection[Breakage],
        now: float,
    ) -> None:
        traces = self.kept.setdefault(service.name, deque(maxlen=KEPT_PER_SERVICE))
        traces.append(make_trace(service, status, self.dice, broken=broken, now=now))


def make_trace(
    service: Service,
    status: str,
    dice: random.Random,
    *,
    broken: Collection[Breakage],
    now: float,
) -> JsonObject:
    weights = [
        route.admitted_rps * (route.error_ratio if status == "error" else 1.0) + 1e-9
        for route in service.routes
    ]
    route = dice.choices(service.routes, weights=weights)[0]
    cause = cause_of(service, route.overload, broken) if status == "error" else None
    duration = service.p99_ms if cause else service.p50_ms * dice.uniform(0.6, 2.4)
    correlation_id = f"{dice.getrandbits(64):016x}"
    return {
        "id": f"{dice.getrandbits(128):032x}",
        "correlation_id": correlation_id,
        "service": service.name,
        "environment": "prod",
        "route": route.name,
        "status": status,
        "started_at": iso(now - dice.uniform(0, 0.5)),
        "duration_ms": round(duration, 1),
        "spans": spans(service.name, route.name, duration, cause),
    }


@dataclass(frozen=True)
class Cause:
    service: str
    operation: str
    message: str
    attributes: dict[str, str]


def spans(
    service: str, route: str, duration_ms: float, cause: Cause | None
) -> list[JsonObject]:
    code = "500" if cause else "200"
    root = span(service, route, duration_ms, cause, {"http.status_code": code})
    inner = [span("postgres", "select", duration_ms * 0.12, None, {})]
    if cause:
        inner.append(
            span(
                cause.service,
                cause.operation,
                duration_ms * 0.85,
                cause,
                cause.attributes,
            )
        )
    else:
        inner.append(span(service, "render", duration_ms * 0.3, None, {}))
    return [root, *inner]


def span(
    service: str,
    operation: str,
    duration_ms: float,
    cause: Cause | None,
    attributes: dict[str, str],
) -> JsonObject:
    return {
        "service": service,
        "operation": operation,
        "duration_ms": round(duration_ms, 1),
        "status": "error" if cause else "ok",
        "message": cause.message if cause else "",
        "attributes": attributes,
    }


def cause_of(service: Service, overload: float, broken: Collection[Breakage]) -> Cause:
    """Name what most failing requests of the moment fail of."""
    if overload > 0:
        return Cause(
            service.name,
            "admit",
            "worker pool exhausted: no free worker within 1000 ms",
            {"error.type": "Overloaded"},
        )
    if service.name == "identity" and Breakage.IDENTITY_ERRORS in broken:
        return Cause(
            "keystore",
            "sign",
            "signing key store refused the connection (3 of 5 replicas unreachable)",
            {"error.type": "KeyStoreUnavailable", "net.peer.name": "keystore.prod"},
        )
    if service.name == "discourse" and service.p99_ms > 2 * service.usual_p99_ms:
        return Cause(
            "discourse",
            "ranker.score",
            "new ranker: scoring timed out after 1500 ms",
            {
                "error.type": "RankerTimeout",
                "feature_flag.key": BAD_FLAG,
                "feature_flag.variant": "on",
            },
        )
    return Cause(
        service.name, "upstream", "connection reset by peer", {"error.type": "Reset"}
    )
