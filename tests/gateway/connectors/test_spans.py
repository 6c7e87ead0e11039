"""A trace out of spans."""

from gateway.connectors.spans import RecordedSpan, make_trace
from gateway.subjects import Span


def recorded(at: float, **attributes: str) -> RecordedSpan:
    failed = "error" in attributes
    return RecordedSpan("discourse", "GET", at, at + 0.25, failed, "", attributes)


def test_a_trace_spans_its_spans() -> None:
    """From the first's start to the last's end; wrong where one of them is."""
    spans = [recorded(11.0, error="true"), recorded(10.0, request="corr-1")]
    trace = make_trace("t", spans, correlation_key="request")

    assert ("t", "corr-1", "error", 10.0, 1250.0) == (
        trace.trace_id,
        trace.correlation_id,
        trace.status,
        trace.started_at,
        trace.duration_ms,
    )
    assert ["ok", "error"] == [one.status for one in trace.spans]


def test_a_span_tells_its_error_apart() -> None:
    """Type and message have fields of their own; the rest is sorted."""
    given = {
        "exception.type": "Timeout",
        "exception.message": "slow",
        "b": "2",
        "a": "1",
    }
    trace = make_trace("t", [recorded(1.0, **given)], correlation_key="x")

    assert (
        Span(
            "discourse", "GET", "ok", 250.0, "Timeout", (("a", "1"), ("b", "2")), "slow"
        ),
    ) == trace.spans


def test_without_spans_nothing_is_known() -> None:
    trace = make_trace("t", [], correlation_key="x")

    assert ("", "ok", 0.0, 0.0, ()) == (
        trace.correlation_id,
        trace.status,
        trace.started_at,
        trace.duration_ms,
        trace.spans,
    )


def test_a_long_trace_is_cut() -> None:
    spans = [recorded(float(number)) for number in range(500)]

    assert 100 == len(make_trace("t", spans, correlation_key="x").spans)


def test_a_span_that_ends_before_it_begins_took_nobody_knows_how_long() -> None:
    """One that is not over yet, or that another clock has timed."""
    odd = RecordedSpan(
        "discourse", "GET", 10.0, 0.0, failed=False, message="", attributes={}
    )
    trace = make_trace("t", [odd], correlation_key="x")

    assert (0.0, None) == (trace.duration_ms, trace.spans[0].duration_ms)
