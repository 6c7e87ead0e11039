"""A trace out of its spans, whatever system recorded them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.subjects import Span, Trace

_ERROR_TYPES = ("error.type", "exception.type")
_MESSAGES = ("exception.message", "otel.status_description", "message")
_MOST_SPANS = 100


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """Instants are Unix seconds; ``message`` is the status's own, if it has one."""

    service: str
    operation: str
    started_at: float
    ended_at: float
    failed: bool
    message: str
    attributes: Mapping[str, str]


def make_trace(
    trace_id: str, spans: Sequence[RecordedSpan], *, correlation_key: str
) -> Trace:
    """Give at most a hundred spans, in the order in which they began."""
    ordered = sorted(spans, key=lambda one: one.started_at)
    begun = ordered[0].started_at if ordered else 0.0
    ended = max((begun, *(one.ended_at for one in ordered)))
    carried = (one.attributes.get(correlation_key, "") for one in ordered)
    return Trace(
        trace_id=trace_id,
        correlation_id=next(filter(None, carried), ""),
        status="error" if any(one.failed for one in ordered) else "ok",
        started_at=begun,
        duration_ms=round((ended - begun) * 1000, 3),
        spans=tuple(_span(one) for one in ordered[:_MOST_SPANS]),
    )


def _span(recorded: RecordedSpan) -> Span:
    told = recorded.attributes
    shown = {
        key: value
        for key, value in told.items()
        if key not in _ERROR_TYPES and key not in _MESSAGES
    }
    return Span(
        service=recorded.service,
        operation=recorded.operation,
        status="error" if recorded.failed else "ok",
        duration_ms=_duration_ms(recorded),
        error_type=next((told[key] for key in _ERROR_TYPES if key in told), ""),
        attributes=tuple(sorted(shown.items())),
        message=recorded.message
        or next((told[key] for key in _MESSAGES if key in told), ""),
    )


def _duration_ms(recorded: RecordedSpan) -> float | None:
    """Give how long it took; None if it ends before it begins, as by another clock."""
    seconds = recorded.ended_at - recorded.started_at
    return round(seconds * 1000, 3) if seconds >= 0 else None
