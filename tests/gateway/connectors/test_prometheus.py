"""Prometheus: matrices as it really answers them."""

from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.prometheus import Prometheus
from gateway.ports import Unreadable
from gateway.subjects import Series

URL = "http://prometheus.test"


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def metrics() -> AsyncIterator[Prometheus]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Prometheus(Api("prometheus", client))


def matrix(*results: tuple[dict[str, str], list[tuple[float, str]]]) -> httpx.Response:
    rows = [{"metric": metric, "values": values} for metric, values in results]
    data = {"resultType": "matrix", "result": rows}
    return httpx.Response(200, json={"status": "success", "data": data})


async def read(metrics: Prometheus) -> dict[str, Series]:
    found: Sequence[Series] = await metrics.service_series(
        "discourse", start_at=0.0, end_at=600.0
    )
    return {one.name: one for one in found}


async def test_series_are_named_and_scaled(
    metrics: Prometheus, system: respx.MockRouter
) -> None:
    """Rates by route and in total, a ratio, and seconds given as milliseconds."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        if "per_second" in query:
            return matrix(
                ({"route": "GET /a"}, [(1.0, "10"), (2.0, "20")]),
                ({"route": "GET /b"}, [(1.0, "1"), (2.0, "2")]),
            )
        if "p99" in query:
            return matrix(({}, [(1.0, "0.2")]))
        return matrix(({}, [(1.0, "0.01")]))

    system.get("/api/v1/query_range").mock(side_effect=answer)
    found = await read(metrics)

    assert ((1.0, 11.0), (2.0, 22.0)) == found["requests_per_second"].points
    assert ((1.0, 10.0), (2.0, 20.0)) == found["route_rps:GET /a"].points
    assert ((1.0, 200.0),) == found["p99_ms"].points
    assert ((1.0, 0.01),) == found["error_ratio"].points


@pytest.mark.parametrize("word", ["NaN", "+Inf", "-Inf", "Inf"])
async def test_what_is_no_number_is_left_out(
    metrics: Prometheus, system: respx.MockRouter, word: str
) -> None:
    """A division by zero is no measurement, and stops no snapshot."""
    system.get("/api/v1/query_range").mock(
        return_value=matrix(({}, [(1.0, word), (2.0, "0.5")]))
    )
    found = await read(metrics)

    assert ((2.0, 0.5),) == found["error_ratio"].points


async def test_nothing_measured_is_no_series(
    metrics: Prometheus, system: respx.MockRouter
) -> None:
    """An empty result is an answer."""
    system.get("/api/v1/query_range").mock(return_value=matrix())

    assert {} == await read(metrics)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"status": "error", "error": "parse error"}),
        httpx.Response(400, json={"status": "error", "error": "parse error"}),
        httpx.Response(200, json={"status": "success", "data": {"result": []}}),
        httpx.Response(200, json=[1]),
        httpx.Response(200, text="<html>"),
        matrix(({}, [(1.0, "many")])),
    ],
)
async def test_an_error_is_unreadable(
    metrics: Prometheus, system: respx.MockRouter, answer: httpx.Response
) -> None:
    """Its own errors and another shape alike."""
    system.get("/api/v1/query_range").mock(return_value=answer)

    with pytest.raises(Unreadable):
        await read(metrics)
