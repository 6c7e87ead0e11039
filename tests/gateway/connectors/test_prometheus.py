"""Prometheus: matrices as it really answers them."""

from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.prometheus import (
    LoadQueries,
    Prometheus,
    PrometheusCatalogue,
    SeriesQuery,
)
from gateway.ports import Unreadable
from gateway.subjects import RouteLoad, Series, ServiceLoad

URL = "http://prometheus.test"


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


@pytest.fixture
async def metrics() -> AsyncIterator[Prometheus]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield Prometheus(Api("prometheus", client))


def matrix(
    *results: tuple[dict[str, str], list[tuple[float | str, str]]],
) -> httpx.Response:
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
async def test_a_point_without_an_instant_is_left_out(
    metrics: Prometheus, system: respx.MockRouter, word: str
) -> None:
    system.get("/api/v1/query_range").mock(
        return_value=matrix(({}, [(word, "1"), (2.0, "0.5")]))
    )

    assert ((2.0, 0.5),) == (await read(metrics))["error_ratio"].points


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


async def test_a_query_is_the_configured_one(system: respx.MockRouter) -> None:
    """``$service`` stands for the name, which ends no string."""
    route = system.get("/api/v1/query_range").mock(return_value=matrix())
    own = SeriesQuery("p50_ms", "ms", 'up{job="$service"}', factor=2.0)
    async with httpx.AsyncClient(base_url=URL) as client:
        metrics = Prometheus(Api("prometheus", client), [own])
        await metrics.service_series('a"} or up{x="', start_at=0.0, end_at=6000.0)
    [call] = route.calls

    assert {
        "query": 'up{job="a\\"} or up{x=\\""}',
        "start": "0.0",
        "end": "6000.0",
        "step": "10",
    } == dict(call.request.url.params)


async def test_warnings_take_nothing_from_what_came(
    metrics: Prometheus, system: respx.MockRouter
) -> None:
    """A part is missing; the rest is an answer all the same."""
    answer = matrix(({}, [(1.0, "0.5")])).json() | {"warnings": ["partial"]}
    system.get("/api/v1/query_range").respond(json=answer)

    assert ((1.0, 0.5),) == (await read(metrics))["error_ratio"].points


def vector(*results: tuple[dict[str, str], str]) -> dict[str, object]:
    rows = [{"metric": metric, "value": (1.0, value)} for metric, value in results]
    return {"status": "success", "data": {"resultType": "vector", "result": rows}}


LOAD = LoadQueries(
    requests_per_second='rps{s="$service"}',
    error_ratio='errors{s="$service"}',
    p99_ms='p99{s="$service"}',
    active_users='users{s="$service"}',
    routes={
        "requests_per_second": 'route_rps{s="$service"}',
        "capacity_rps": 'route_capacity{s="$service"}',
    },
)


@pytest.fixture
async def catalogue() -> AsyncIterator[PrometheusCatalogue]:
    async with httpx.AsyncClient(base_url=URL) as client:
        yield PrometheusCatalogue(Api("prometheus", client), LOAD)


async def test_a_load_is_measured_at_this_instant(
    catalogue: PrometheusCatalogue, system: respx.MockRouter
) -> None:
    """Sums of what is found, by route where a query has routes."""
    answers = {
        "rps": vector(({"pod": "1"}, "10"), ({"pod": "2"}, "5")),
        "errors": vector(({}, "NaN"), ({}, "0.25")),
        "p99": vector(({}, "120.5")),
        "users": vector(({}, "41.6")),
        "route_rps": vector(({"route": "GET /b"}, "5"), ({"route": "GET /a"}, "10")),
        "route_capacity": vector(({"route": "GET /a"}, "80"), ({}, "1")),
    }
    system.get("/api/v1/query").mock(
        side_effect=lambda request: httpx.Response(
            200, json=answers[request.url.params["query"].partition("{")[0]]
        )
    )

    assert ServiceLoad(
        service="discourse",
        requests_per_second=15.0,
        error_ratio=0.25,
        p99_ms=120.5,
        active_users=42,
        routes=(
            RouteLoad("GET /a", 10.0, 80.0, None, 0.0),
            RouteLoad("GET /b", 5.0, None, None, 0.0),
        ),
    ) == await catalogue.service("discourse")


RIGHT = {"rps": "10", "errors": "0.5", "p99": "120", "users": "7"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"errors": "NaN"}, "error ratio is no number"),
        ({"users": "NaN"}, "active users have no value"),
        ({"users": None}, "active users have no value"),
        ({"rps": "NaN"}, "no service discourse"),
    ],
)
async def test_what_is_not_measured_is_no_zero(
    catalogue: PrometheusCatalogue,
    system: respx.MockRouter,
    changes: dict[str, str | None],
    said: str,
) -> None:
    """A zero would say that all is well, or that nobody is touched."""
    measured(system, **changes)

    with pytest.raises(Unreadable, match=said):
        await catalogue.service("discourse")


@pytest.mark.parametrize(
    ("changes", "ratio"),
    [({"errors": None}, 0.0), ({"rps": "0", "errors": "NaN"}, 0.0)],
)
async def test_no_errors_and_no_requests_are_zero(
    catalogue: PrometheusCatalogue,
    system: respx.MockRouter,
    changes: dict[str, str | None],
    ratio: float,
) -> None:
    """A healthy service has no series of errors; nothing divided by nothing is NaN."""
    measured(system, **changes)

    assert ratio == (await catalogue.service("discourse")).error_ratio


@pytest.mark.parametrize("value", ["NaN", "+Inf", None])
async def test_a_latency_that_nobody_measures_is_none(
    catalogue: PrometheusCatalogue, system: respx.MockRouter, value: str | None
) -> None:
    """0 ms would be the best there is."""
    measured(system, p99=value)

    assert (await catalogue.service("discourse")).p99_ms is None


@pytest.mark.parametrize(
    ("queries", "routes"),
    [
        ({"capacity_rps": "cap"}, ()),
        ({"requests_per_second": "rps"}, (RouteLoad("GET /a", 10.0, None, None, 0.0),)),
        (
            {"requests_per_second": "rps", "error_ratio": "none"},
            (RouteLoad("GET /a", 10.0, None, 0.0, 0.0),),
        ),
        (
            {"requests_per_second": "rps", "error_ratio": "all"},
            (RouteLoad("GET /a", 10.0, None, 1.0, 0.0),),
        ),
        (
            {"requests_per_second": "rps", "error_ratio": "nan"},
            (RouteLoad("GET /a", 10.0, None, None, 0.0),),
        ),
        ({"requests_per_second": "nan"}, ()),
    ],
)
async def test_a_route_tells_what_is_measured_of_it(
    system: respx.MockRouter, queries: dict[str, str], routes: tuple[RouteLoad, ...]
) -> None:
    """Without its requests it is none; no series of errors is no error."""
    of_route = {"rps": "10", "cap": "80", "all": "1.0000000000000002", "nan": "NaN"}

    def answer(request: httpx.Request) -> httpx.Response:
        value = of_route.get(request.url.params["query"].partition("{")[0])
        rows = [({"route": "GET /a"}, value)] if value else []
        return httpx.Response(200, json=vector(*rows))

    system.get("/api/v1/query").mock(side_effect=answer)
    wanted = LoadQueries("rps", "none", "none", routes=queries)
    async with httpx.AsyncClient(base_url=URL) as client:
        asked = PrometheusCatalogue(Api("prometheus", client), wanted)
        found = await asked.service("discourse")

    assert routes == found.routes


def measured(system: respx.MockRouter, **changes: str | None) -> None:
    """Answer each query with one series; None with none."""
    answers = {**RIGHT, **changes}

    def answer(request: httpx.Request) -> httpx.Response:
        value = answers.get(request.url.params["query"].partition("{")[0])
        return httpx.Response(200, json=vector(({}, value)) if value else vector())

    system.get("/api/v1/query").mock(side_effect=answer)


async def test_a_service_that_nobody_measures_is_none(
    catalogue: PrometheusCatalogue, system: respx.MockRouter
) -> None:
    """No rate is no service: 0 would say that it stands still."""
    system.get("/api/v1/query").respond(json=vector())

    with pytest.raises(Unreadable, match="no service discourse"):
        await catalogue.service("discourse")


async def test_a_query_of_another_kind_is_said(
    catalogue: PrometheusCatalogue, system: respx.MockRouter
) -> None:
    data = {"resultType": "scalar", "result": [1.0, "1"]}
    system.get("/api/v1/query").respond(json={"status": "success", "data": data})

    with pytest.raises(Unreadable, match="no vector"):
        await catalogue.service("discourse")
