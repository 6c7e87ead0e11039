"""Tempo: TraceQL finds, OTLP tells."""

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.tempo import Tempo
from gateway.ports import Unreadable
from gateway.subjects import Span, Trace
from tests.gateway.connectors.cases import HOST, OTLP

FOUND = {"traces": [{"traceID": "abc"}], "metrics": {}}


async def search(
    service: str | None, correlation_id: str | None, most: int = 5
) -> list[Trace]:
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = Tempo(
            Api("tempo", client),
            correlation_attribute="correlation_id",
            lookback_seconds=3600,
            now=lambda: 1_700_000_100.0,
        )
        return list(
            await port.search(service=service, correlation_id=correlation_id, most=most)
        )


@pytest.mark.parametrize("name", ["batches", "resourceSpans"])
async def test_a_trace_is_read_as_otlp(outside: respx.MockRouter, name: str) -> None:
    """Under Tempo's name of the list, and under OTLP's."""
    route = outside.get("/api/search").respond(json=FOUND)
    outside.get("/api/traces/abc").respond(json={name: OTLP["batches"]})

    assert [
        Trace(
            trace_id="abc",
            correlation_id="corr-1",
            status="error",
            started_at=1_700_000_000.0,
            duration_ms=250.0,
            spans=(
                Span(
                    service="discourse",
                    operation="GET /feed",
                    status="error",
                    duration_ms=250.0,
                    error_type="",
                    attributes=(("code", "504"), ("correlation_id", "corr-1")),
                    message="too slow",
                ),
            ),
        )
    ] == await search("discourse", "corr-1")
    assert {
        "q": '{ resource.service.name = "discourse" && .correlation_id = "corr-1" }',
        "limit": "5",
        "start": "1699996500",
        "end": "1700000100",
    } == dict(route.calls.last.request.url.params)


@pytest.mark.parametrize(
    ("service", "correlation_id", "query"),
    [
        ("s", None, '{ resource.service.name = "s" && status = error }'),
        (None, "c", '{ .correlation_id = "c" }'),
        (None, 'c" } || { "', '{ .correlation_id = "c\\" } || { \\"" }'),
    ],
)
async def test_a_query_can_not_be_broken_out_of(
    outside: respx.MockRouter,
    service: str | None,
    correlation_id: str | None,
    query: str,
) -> None:
    """An id is a string, whatever is in it."""
    route = outside.get("/api/search").respond(json={"metrics": {}})

    assert [] == await search(service, correlation_id)
    assert query == route.calls.last.request.url.params["q"]


async def test_a_trace_without_spans_makes_no_sense(outside: respx.MockRouter) -> None:
    outside.get("/api/search").respond(json=FOUND)
    outside.get("/api/traces/abc").respond(json={})

    with pytest.raises(Unreadable, match="no spans"):
        await search("s", None)


@pytest.mark.parametrize("number", ["-1", str(2**64), str(10**400)])
async def test_a_span_has_an_instant(outside: respx.MockRouter, number: str) -> None:
    """A number that no instant has is named, and stops at the connector."""
    span = {"name": "n", "startTimeUnixNano": number, "endTimeUnixNano": "1"}
    batches = [{"scopeSpans": [{"spans": [span]}]}]
    outside.get("/api/search").respond(json=FOUND)
    outside.get("/api/traces/abc").respond(json={"batches": batches})

    with pytest.raises(Unreadable, match="startTimeUnixNano"):
        await search("discourse", "corr-1")
