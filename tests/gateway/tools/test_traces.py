"""trace_lookup: the worst traces whole, and what the failing ones share."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.ports import NotThere
from gateway.registry import Occasion
from gateway.subjects import Span, Trace
from gateway.tools.traces import TRACE_LOOKUP, TraceAnswer, TraceParams, read_traces
from tests.gateway.outside import SCOPE, SERVICE, Outside

ALERT_AT = 1000.0


class Found:
    def __init__(self, *traces: Trace) -> None:
        self._traces = traces

    async def search(
        self, *, service: str | None, correlation_id: str | None, most: int
    ) -> Sequence[Trace]:
        assert service or correlation_id
        return self._traces[:most]


def trace(number: int, *, value: str = "a", **changes: object) -> Trace:
    span = Span("s", "op", "error", 1.0, "E", (("flag", value),), "m")
    made = Trace(f"t{number}", "c", "error", ALERT_AT, float(number), (span,))
    return replace(made, **changes)  # type: ignore[arg-type]


async def read(outside: Outside, *traces: Trace) -> TraceAnswer:
    outside.traces = Found(*traces)  # type: ignore[assignment]
    occasion = Occasion(SCOPE, ALERT_AT + 60, SERVICE, ALERT_AT)
    return await read_traces(TraceParams(service=SERVICE), outside.ports, occasion)


async def test_the_failed_ones_are_given_whole(outside: Outside) -> None:
    """The longest first; how many were looked at is said beside them."""
    healthy = trace(99, status="ok")
    found = await read(outside, healthy, *(trace(number) for number in range(9)))

    assert [f"t{n}" for n in range(8, -1, -1)] == [one.trace_id for one in found.traces]
    assert (10, 9) == (found.looked_at, found.failing)


async def test_where_none_failed_all_are_given(outside: Outside) -> None:
    """A slow service has traces worth reading, too."""
    found = await read(outside, *(trace(n, status="ok") for n in range(3)))

    assert (3, 0, 3) == (found.looked_at, found.failing, len(found.traces))


async def test_one_trace_is_found_by_its_id(outside: Outside) -> None:
    """Whole, whatever became of it."""
    occasion = Occasion(SCOPE, ALERT_AT + 60, SERVICE, ALERT_AT)
    asked = TraceParams(trace_id="a" * 32)
    found = await read_traces(asked, outside.ports, occasion)

    assert ["a" * 32] == [one.trace_id for one in found.traces]
    with pytest.raises(NotThere):
        await read_traces(TraceParams(trace_id="b" * 32), outside.ports, occasion)


async def test_a_suspect_is_shared_by_half(outside: Outside) -> None:
    """What fewer carry is left out; shares are of the failing traces."""
    shared = [trace(number) for number in range(3)]
    found = await read(outside, *shared, trace(3, value="b"))

    assert [("flag", "a", 0.75)] == [
        (one.attribute, one.value, one.share) for one in found.suspects
    ]


async def test_what_failed_before_the_incident_is_noise(outside: Outside) -> None:
    """Older failures count for nothing."""
    found = await read(outside, trace(1, started_at=ALERT_AT - 60), trace(2))

    assert 1 == found.failing


async def test_no_traces_are_an_answer(outside: Outside) -> None:
    """Nothing fails, nothing is suspected."""
    found = await read(outside)

    assert (0, [], []) == (found.failing, found.traces, found.suspects)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"service": "a", "correlation_id": "0" * 8},
        {"service": "a", "trace_id": "0" * 32},
        {"service": "a", "limit": 51},
    ],
)
def test_one_of_service_and_correlation_is_asked(fields: dict[str, object]) -> None:
    """Neither, both, or too many are refused."""
    with pytest.raises(ValueError, match="TraceParams"):
        TraceParams.model_validate(fields)


def test_spans_are_what_anybody_may_write() -> None:
    """Messages and attributes, and what was asked for: alone they taint a target."""
    assert {
        "service",
        "message",
        "attributes",
        "value",
    } == TRACE_LOOKUP.tainted_fields


async def test_a_span_says_whose_it_is_and_how_long_it_took(outside: Outside) -> None:
    """Which service is slow stands in its spans; None where no clock can tell."""
    found = await read(outside, trace(1))
    [span] = found.traces[0].spans

    assert ("s", 1.0) == (span.service, span.duration_ms)

    odd = replace(trace(1).spans[0], duration_ms=None)
    found = await read(outside, trace(1, spans=(odd,)))

    assert found.traces[0].spans[0].duration_ms is None
