"""trace_lookup: failing traces of a service or correlation id, and what they share."""

from collections import Counter
from collections.abc import Sequence
from typing import Self

from pydantic import Field, model_validator

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.subjects import Trace
from gateway.tools.quantity import Count, Milliseconds, Ratio
from policy.names import NAME

_LEAST_SHARE = 0.5
# An alert fires some seconds into its incident; what failed earlier is the usual noise.
_LEAD_SECONDS = 10.0


class TraceParams(Strict):
    """Exactly one of ``correlation_id``, ``trace_id`` and ``service``."""

    correlation_id: str | None = Field(default=None, pattern=r"^[0-9a-fA-F-]{8,64}$")
    trace_id: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{16,32}$")
    service: str | None = Field(default=None, pattern=NAME)
    limit: int = Field(default=20, ge=1, le=50, json_schema_extra={"x-unit": "traces"})

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        given = (self.correlation_id, self.trace_id, self.service)
        if sum(one is not None for one in given) != 1:
            raise ValueError("give one of correlation_id, trace_id and service")
        return self


class SpanRow(Strict):
    """``duration_ms`` None where it ends before it begins."""

    service: str
    operation: str
    status: str
    duration_ms: Milliseconds | None
    error_type: str
    attributes: dict[str, str]
    message: str


class TraceRow(Strict):
    trace_id: str
    correlation_id: str
    status: str
    duration_ms: Milliseconds
    spans: list[SpanRow]


class Suspect(Strict):
    """``share`` of the failing traces carry this attribute with this value."""

    attribute: str
    value: str
    share: Ratio


class TraceAnswer(Strict):
    """
    ``failing`` counts the failed traces since the incident began.

    ``traces`` are those, or where none failed all, the longest first; ``looked_at``
    counts what was found.
    """

    service: str | None
    looked_at: Count
    failing: Count
    traces: list[TraceRow]
    suspects: list[Suspect]


async def read_traces(
    params: TraceParams, ports: Ports, occasion: Occasion
) -> TraceAnswer:
    """Read traces; the failed ones of this incident count for the suspects."""
    traces = await _find(params, ports)
    since = (occasion.alert_started_at or 0.0) - _LEAD_SECONDS
    failing = [
        trace
        for trace in traces
        if trace.status == "error" and trace.started_at >= since
    ]
    worst = sorted(failing or traces, key=lambda one: -one.duration_ms)
    return TraceAnswer(
        service=params.service,
        looked_at=len(traces),
        failing=len(failing),
        traces=[_row(trace) for trace in worst],
        suspects=_suspects(failing),
    )


async def _find(params: TraceParams, ports: Ports) -> Sequence[Trace]:
    if params.trace_id is not None:
        return [await ports.traces.get(params.trace_id)]
    return await ports.traces.search(
        service=params.service, correlation_id=params.correlation_id, most=params.limit
    )


def _row(trace: Trace) -> TraceRow:
    return TraceRow(
        trace_id=trace.trace_id,
        correlation_id=trace.correlation_id,
        status=trace.status,
        duration_ms=round(trace.duration_ms, 1),
        spans=[
            SpanRow(
                service=span.service,
                operation=span.operation,
                status=span.status,
                duration_ms=_rounded(span.duration_ms),
                error_type=span.error_type,
                attributes=dict(span.attributes),
                message=span.message,
            )
            for span in trace.spans
        ],
    )


def _rounded(duration_ms: float | None) -> float | None:
    return None if duration_ms is None else round(duration_ms, 1)


def _suspects(failing: Sequence[Trace]) -> list[Suspect]:
    carried: Counter[tuple[str, str]] = Counter()
    for trace in failing:
        carried.update({pair for span in trace.spans for pair in span.attributes})
    return [
        Suspect(attribute=name, value=value, share=round(count / len(failing), 3))
        for (name, value), count in carried.most_common(8)
        if count / len(failing) >= _LEAST_SHARE
    ]


TRACE_LOOKUP = ReadTool(
    name="trace_lookup",
    version=3,
    params=TraceParams,
    result=TraceAnswer,
    read=read_traces,
    # What was asked for comes back as it was asked; spans carry what clients send.
    tainted_fields=frozenset({"service", "message", "attributes", "value"}),
)
