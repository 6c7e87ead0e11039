"""
The protocols that connectors fulfil, and the ways in which a system may answer.

Rates are per second, ratios 0..1, latencies milliseconds, instants Unix seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class ConnectorError(Exception):
    """Base: what an outside system did instead of answering."""


class NothingSent(ConnectorError):
    """The request did not leave, or was refused before any effect: safe to repeat."""


class Refused(ConnectorError):
    """The system understood and refused; nothing changed."""


class StateMoved(Refused):
    """The target is no longer in the state that was approved."""


class OutcomeUnknown(ConnectorError):
    """The request left and no answer came: it may have been applied."""


class Unreadable(ConnectorError):
    """A read failed, or its answer made no sense."""


@dataclass(frozen=True, slots=True)
class Series:
    """``points`` are (Unix seconds, value), oldest first."""

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RouteLoad:
    route: str
    requests_per_second: float
    capacity_rps: float
    error_ratio: float
    rejected_per_second: float


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    service: str
    requests_per_second: float
    error_ratio: float
    p99_ms: float
    active_users: int
    routes: tuple[RouteLoad, ...]


@dataclass(frozen=True, slots=True)
class FlagState:
    """``version`` changes with every write; a write names the one it saw."""

    key: str
    service: str
    enabled: bool
    rollout_percent: int
    version: int
    changed_at: float
    changed_by: str
    previous_rollout_percent: int | None


@dataclass(frozen=True, slots=True)
class ThrottleState:
    service: str
    route: str
    limit_rps: int | None
    version: int


@dataclass(frozen=True, slots=True)
class QueueLoad:
    queue: str
    depth: int
    oldest_age_seconds: float
    in_rate: float
    out_rate: float
    consumers: int


@dataclass(frozen=True, slots=True)
class Span:
    """``message`` is text that anybody may have written."""

    service: str
    operation: str
    status: str
    duration_ms: float
    error_type: str
    attributes: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True, slots=True)
class Trace:
    trace_id: str
    correlation_id: str
    status: str
    started_at: float
    duration_ms: float
    spans: tuple[Span, ...]


class Metrics(Protocol):
    async def service_series(
        self, service: str, *, start_at: float, end_at: float
    ) -> Sequence[Series]:
        """Give requests_per_second, error_ratio, p99_ms and route_rps:<route>."""
        ...


class Catalogue(Protocol):
    async def service(self, name: str) -> ServiceLoad: ...


class Flags(Protocol):
    async def get(self, key: str) -> FlagState: ...

    async def list_of(self, service: str) -> Sequence[FlagState]: ...

    async def set(
        self,
        key: str,
        *,
        enabled: bool,
        rollout_percent: int,
        seen_version: int,
        idempotency_key: str,
    ) -> FlagState:
        """
        Write, if the flag is still at ``seen_version``.

        Raises:
            NothingSent, StateMoved, Refused, OutcomeUnknown: see there.
        """
        ...


class Throttles(Protocol):
    async def get(self, service: str, route: str) -> ThrottleState: ...

    async def set(
        self,
        service: str,
        route: str,
        *,
        limit_rps: int | None,
        seen_version: int,
        idempotency_key: str,
    ) -> ThrottleState:
        """Write, if the throttle is still at ``seen_version``; raises as for flags."""
        ...


class Queues(Protocol):
    async def get(self, name: str) -> QueueLoad: ...


class Traces(Protocol):
    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Every outside system of one environment."""

    metrics: Metrics
    catalogue: Catalogue
    flags: Flags
    throttles: Throttles
    queues: Queues
    traces: Traces
