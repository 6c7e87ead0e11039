"""Jaeger's query API, the one that its own page uses: traces by service and tag."""

import json
from collections.abc import Callable, Sequence

from pydantic import BaseModel, Field, JsonValue

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.connectors.spans import RecordedSpan, make_trace
from gateway.ports import NotThere, Unreadable
from gateway.subjects import Trace

_MICROSECONDS = 1_000_000
_MOST_SERVICES = 30


class _Tag(BaseModel):
    key: str
    value: JsonValue = None


class _Log(BaseModel):
    fields: list[_Tag] = []


class _Span(BaseModel):
    operationName: str  # noqa: N815 - Jaeger's own name
    startTime: int = Field(ge=0, lt=2**53)  # noqa: N815 - Jaeger's own name
    duration: int = Field(ge=0, lt=2**53)
    processID: str = ""  # noqa: N815 - Jaeger's own name
    tags: list[_Tag] = []
    logs: list[_Log] = []


class _Process(BaseModel):
    serviceName: str  # noqa: N815 - Jaeger's own name


class _Trace(BaseModel):
    traceID: str  # noqa: N815 - Jaeger's own name
    spans: list[_Span]
    processes: dict[str, _Process] = {}


class _Problem(BaseModel):
    msg: str = ""


class _Traces(BaseModel):
    data: list[_Trace] | None
    errors: list[_Problem] | None = None


class _Services(BaseModel):
    data: list[str] | None
    errors: list[_Problem] | None = None


class Jaeger:
    """
    Fulfils ``Traces``; ``now`` gives Unix seconds.

    Jaeger searches within a service: without one, each of the first thirty is asked.
    """

    def __init__(
        self,
        api: Api,
        *,
        correlation_tag: str,
        lookback_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._api = api
        self._tag = correlation_tag
        self._lookback_seconds = lookback_seconds
        self._now = now

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]:
        """Give traces with the id, or the service's failed ones, newest first."""
        services = [service] if service is not None else await self._services()
        tags = (
            {self._tag: correlation_id}
            if correlation_id is not None
            else {"error": "true"}
        )
        found: dict[str, Trace] = {}
        for one in services:
            for trace in await self._of(one, tags, most):
                found[trace.trace_id] = trace
        newest = sorted(found.values(), key=lambda one: one.started_at, reverse=True)
        return newest[:most]

    async def get(self, trace_id: str) -> Trace:
        raw = await self._api.read(f"/api/traces/{segment(trace_id)}")
        what = f"{self._api.name}: trace {trace_id}"
        answer = fit(_Traces, raw, what=what, exact=False)
        self._check(answer.errors)
        if not answer.data:
            raise NotThere(f"{what} is not kept")
        return self._trace(answer.data[0])

    async def _of(self, service: str, tags: dict[str, str], most: int) -> list[Trace]:
        end = round(self._now() * _MICROSECONDS)
        raw = await self._api.read(
            "/api/traces",
            {
                "service": service,
                "tags": json.dumps(tags),
                "limit": most,
                "start": end - round(self._lookback_seconds * _MICROSECONDS),
                "end": end,
            },
        )
        answer = fit(
            _Traces, raw, what=f"{self._api.name}: traces of {service}", exact=False
        )
        self._check(answer.errors)
        return [self._trace(one) for one in answer.data or []]

    async def _services(self) -> list[str]:
        raw = await self._api.read("/api/services")
        answer = fit(_Services, raw, what=f"{self._api.name}: services")
        self._check(answer.errors)
        return sorted(answer.data or [])[:_MOST_SERVICES]

    def _check(self, errors: list[_Problem] | None) -> None:
        if errors:
            raise Unreadable(f"{self._api.name}: {errors[0].msg[:200]}")

    def _trace(self, found: _Trace) -> Trace:
        spans = [_recorded(one, found.processes) for one in found.spans]
        return make_trace(found.traceID, spans, correlation_key=self._tag)


def _recorded(span: _Span, processes: dict[str, _Process]) -> RecordedSpan:
    told = {one.key: _text(one.value) for one in span.tags}
    for log in span.logs:
        for one in log.fields:
            told.setdefault(one.key, _text(one.value))
    process = processes.get(span.processID)
    return RecordedSpan(
        service=process.serviceName if process else "",
        operation=span.operationName,
        started_at=span.startTime / _MICROSECONDS,
        ended_at=(span.startTime + span.duration) / _MICROSECONDS,
        failed=told.get("error") == "true" or told.get("otel.status_code") == "ERROR",
        message=told.get("otel.status_description", ""),
        attributes=told,
    )


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)
