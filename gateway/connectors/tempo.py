"""Grafana Tempo: traces found by TraceQL, each then read as OTLP JSON."""

import json
from collections.abc import Callable, Sequence

from pydantic import BaseModel, Field, JsonValue

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.connectors.spans import RecordedSpan, make_trace
from gateway.ports import Unreadable
from gateway.subjects import Trace

_NANOSECONDS = 1_000_000_000
_SERVICE_NAME = "service.name"
_FAILED = ("STATUS_CODE_ERROR", 2)


class _Attribute(BaseModel):
    key: str
    value: dict[str, JsonValue] = {}

    @property
    def text(self) -> str:
        """The value of whichever type; 64-bit integers come as text."""
        value = next(iter(self.value.values()), "")
        return value if isinstance(value, str) else json.dumps(value)


class _Status(BaseModel):
    code: str | int = 0
    message: str = ""


class _Event(BaseModel):
    attributes: list[_Attribute] = []


class _Span(BaseModel):
    name: str
    startTimeUnixNano: int = Field(ge=0, lt=2**64)  # noqa: N815 - OTLP's own name
    endTimeUnixNano: int = Field(ge=0, lt=2**64)  # noqa: N815 - OTLP's own name
    attributes: list[_Attribute] = []
    status: _Status = Field(default_factory=_Status)
    events: list[_Event] = []


class _Scope(BaseModel):
    spans: list[_Span] = []


class _Resource(BaseModel):
    attributes: list[_Attribute] = []


class _Batch(BaseModel):
    resource: _Resource = Field(default_factory=_Resource)
    scopeSpans: list[_Scope] = []  # noqa: N815 - OTLP's own name


class _Trace(BaseModel):
    """``batches`` is Tempo's name of what OTLP calls ``resourceSpans``."""

    batches: list[_Batch] = []
    resourceSpans: list[_Batch] = []  # noqa: N815 - OTLP's own name


class _Hit(BaseModel):
    traceID: str  # noqa: N815 - Tempo's own name


class _Hits(BaseModel):
    """``traces`` is left out where nothing was found; ``metrics`` never is."""

    traces: list[_Hit] = []
    metrics: dict[str, JsonValue] | None = None


class Tempo:
    """Fulfils ``Traces``; ``now`` gives Unix seconds."""

    def __init__(
        self,
        api: Api,
        *,
        correlation_attribute: str,
        lookback_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._api = api
        self._attribute = correlation_attribute
        self._lookback_seconds = lookback_seconds
        self._now = now

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]:
        """Give traces with the id, or the service's failed ones, newest first."""
        now = self._now()
        raw = await self._api.read(
            "/api/search",
            {
                "q": self._query(service, correlation_id),
                "limit": most,
                "start": round(now - self._lookback_seconds),
                "end": round(now),
            },
        )
        hits = fit(_Hits, raw, what=f"{self._api.name}: search")
        if not hits.traces and hits.metrics is None:
            raise Unreadable(f"{self._api.name}: search: no answer of Tempo's")
        found = [await self.get(one.traceID) for one in hits.traces[:most]]
        return sorted(found, key=lambda one: one.started_at, reverse=True)

    def _query(self, service: str | None, correlation_id: str | None) -> str:
        wanted = []
        if service is not None:
            wanted.append(f"resource.{_SERVICE_NAME} = {_quoted(service)}")
        if correlation_id is not None:
            wanted.append(f".{self._attribute} = {_quoted(correlation_id)}")
        else:
            wanted.append("status = error")
        return "{ " + " && ".join(wanted) + " }"

    async def get(self, trace_id: str) -> Trace:
        raw = await self._api.read(f"/api/traces/{segment(trace_id)}")
        found = fit(
            _Trace, raw, what=f"{self._api.name}: trace {trace_id}", exact=False
        )
        spans = [
            _recorded(span, batch.resource)
            for batch in found.batches or found.resourceSpans
            for scope in batch.scopeSpans
            for span in scope.spans
        ]
        if not spans:
            raise Unreadable(f"{self._api.name}: trace {trace_id} holds no spans")
        return make_trace(trace_id, spans, correlation_key=self._attribute)


def _recorded(span: _Span, resource: _Resource) -> RecordedSpan:
    told = {one.key: one.text for one in span.attributes}
    for event in span.events:
        for one in event.attributes:
            told.setdefault(one.key, one.text)
    of_resource = {one.key: one.text for one in resource.attributes}
    return RecordedSpan(
        service=of_resource.get(_SERVICE_NAME, ""),
        operation=span.name,
        started_at=span.startTimeUnixNano / _NANOSECONDS,
        ended_at=span.endTimeUnixNano / _NANOSECONDS,
        failed=span.status.code in _FAILED,
        message=span.status.message,
        attributes=told,
    )


def _quoted(text: str) -> str:
    """Quote a TraceQL string, which nothing in it can end."""
    return json.dumps(text, ensure_ascii=False)
