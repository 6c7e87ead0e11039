"""Jaeger: traces by service and tag."""

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.jaeger import Jaeger
from gateway.ports import Unreadable
from gateway.subjects import Span, Trace
from tests.gateway.connectors.cases import HOST, JAEGER

NOW = 1_700_000_100.0
TRACE = Trace(
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
            error_type="Timeout",
            attributes=(
                ("correlation_id", "corr-1"),
                ("error", "true"),
                ("http.status_code", "504"),
            ),
            message="too slow",
        ),
    ),
)


async def search(
    service: str | None, correlation_id: str | None, most: int = 5
) -> list[Trace]:
    async with httpx.AsyncClient(base_url=HOST) as client:
        port = Jaeger(
            Api("jaeger", client),
            correlation_tag="correlation_id",
            lookback_seconds=3600,
            now=lambda: NOW,
        )
        return list(
            await port.search(service=service, correlation_id=correlation_id, most=most)
        )


async def test_a_trace_is_found_by_its_correlation_id(
    outside: respx.MockRouter,
) -> None:
    """Tags as JSON, instants in microseconds."""
    route = outside.get("/api/traces").respond(json={"data": [JAEGER], "errors": None})

    assert [TRACE] == await search("discourse", "corr-1")
    assert {
        "service": "discourse",
        "tags": '{"correlation_id": "corr-1"}',
        "limit": "5",
        "start": "1699996500000000",
        "end": "1700000100000000",
    } == dict(route.calls.last.request.url.params)


async def test_without_an_id_the_failed_ones_are_meant(
    outside: respx.MockRouter,
) -> None:
    route = outside.get("/api/traces").respond(json={"data": []})
    await search("discourse", None)

    assert '{"error": "true"}' == route.calls.last.request.url.params["tags"]


async def test_without_a_service_each_is_asked(outside: respx.MockRouter) -> None:
    """One trace through two services is one trace; the newest come first."""
    later = JAEGER | {
        "traceID": "def",
        "spans": [
            {"operationName": "x", "startTime": 1_700_000_050_000_000, "duration": 1}
        ],
    }
    outside.get("/api/services").respond(json={"data": ["b", "a"]})
    route = outside.get("/api/traces")
    route.side_effect = [
        httpx.Response(200, json={"data": [JAEGER]}),
        httpx.Response(200, json={"data": [JAEGER, later]}),
    ]
    found = await search(None, "corr-1")

    assert ["def", "abc"] == [one.trace_id for one in found]
    assert ["a", "b"] == [c.request.url.params["service"] for c in route.calls]


async def test_an_error_inside_is_told(outside: respx.MockRouter) -> None:
    """Jaeger's own words, out of a 200."""
    outside.get("/api/traces").respond(
        json={"data": None, "errors": [{"code": 500, "msg": "storage is away"}]}
    )

    with pytest.raises(Unreadable, match="storage is away"):
        await search("discourse", None)


@pytest.mark.parametrize("key", ["startTime", "duration"])
@pytest.mark.parametrize("number", [-1, 2**53, 10**400])
async def test_a_span_has_an_instant(
    outside: respx.MockRouter, key: str, number: int
) -> None:
    """A number that no instant has is named, and stops at the connector."""
    span = {"operationName": "n", "startTime": 1, "duration": 1, key: number}
    trace = {"traceID": "t", "spans": [span]}
    outside.get("/api/traces").respond(json={"data": [trace]})

    with pytest.raises(Unreadable, match=key):
        await search("discourse", "corr-1")
