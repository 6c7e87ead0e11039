"""Prometheus: several series of what is one, as several pods give them."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
import respx

from gateway.connectors.http import Api
from gateway.connectors.prometheus import LoadQueries, Prometheus, PrometheusCatalogue
from gateway.ports import Unreadable
from gateway.subjects import RouteLoad, ServiceLoad
from tests.gateway.connectors.test_prometheus import URL, matrix, vector


@pytest.fixture
def system() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


async def load_of(
    system: respx.MockRouter,
    wanted: LoadQueries,
    answers: dict[str, list[tuple[dict[str, str], str]]],
) -> ServiceLoad:
    """Read a load where each query is answered by its own name."""
    system.get("/api/v1/query").mock(
        side_effect=lambda request: httpx.Response(
            200, json=vector(*answers.get(request.url.params["query"], []))
        )
    )
    async with httpx.AsyncClient(base_url=URL) as client:
        asked = PrometheusCatalogue(Api("prometheus", client), wanted)
        return await asked.service("discourse")


def pods(
    first: str, second: str, route: str = "GET /a"
) -> list[tuple[dict[str, str], str]]:
    of = {"route": route}
    return [({**of, "pod": "1"}, first), ({**of, "pod": "2"}, second)]


BY_ROUTE = LoadQueries(
    "rps",
    "errors",
    "p99",
    "users",
    routes={
        "requests_per_second": "rps",
        "capacity_rps": "capacity",
        "rejected_per_second": "rejected",
    },
)


async def test_the_series_of_one_route_are_added_up(system: respx.MockRouter) -> None:
    """Each pod counts its own; the last one is not all of them."""
    answers = {
        "rps": pods("10", "5"),
        "capacity": pods("40", "40"),
        "rejected": pods("2", "1"),
        "users": pods("7", "4"),
    }
    found = await load_of(system, BY_ROUTE, answers)

    assert (RouteLoad("GET /a", 15.0, 80.0, None, 3.0),) == found.routes
    assert (15.0, 11) == (found.requests_per_second, found.active_users)


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
async def test_refusals_that_are_no_number_are_unknown(
    system: respx.MockRouter, value: str
) -> None:
    """Without a series there are none; a part that is no number leaves no sum."""
    one = {
        "rps": pods("10", "5"),
        "rejected": pods("2", value),
        "users": pods("1", "1"),
    }
    found = await load_of(system, BY_ROUTE, one)
    none = await load_of(system, BY_ROUTE, {**one, "rejected": []})

    assert [None] == [route.rejected_per_second for route in found.routes]
    assert [0.0] == [route.rejected_per_second for route in none.routes]


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
async def test_a_route_whose_requests_are_no_number_is_named(
    system: respx.MockRouter, value: str
) -> None:
    """It is requested, and may be the busiest; what has no series is no route."""
    rates = [*pods("10", "5"), *pods("7", value, "GET /b")]
    answers = {"rps": rates, "capacity": pods("1", "1", "GET /c")}
    wanted = replace(BY_ROUTE, requests_per_second="total", active_users="")
    found = await load_of(system, wanted, {**answers, "total": [({}, "30")]})

    assert ["GET /a"] == [one.route for one in found.routes]
    assert ("GET /b",) == found.unread_routes


async def test_users_of_whom_a_part_is_no_number_are_not_counted(
    system: respx.MockRouter,
) -> None:
    """Fewer would be told than are touched."""
    answers = {"rps": pods("10", "5"), "users": pods("7", "NaN")}

    with pytest.raises(Unreadable, match="active users have no value"):
        await load_of(system, BY_ROUTE, answers)


@pytest.mark.parametrize("several", ["errors", "p99", "route_errors"])
async def test_what_can_not_be_added_up_is_refused(
    system: respx.MockRouter, several: str
) -> None:
    """The sum of two ratios, or of two latencies, is none; the words say what to do."""
    wanted = LoadQueries(
        "rps",
        "errors",
        "p99",
        routes={"requests_per_second": "rps", "error_ratio": "route_errors"},
    )
    answers = {"rps": pods("10", "5"), several: pods("0.1", "0.2")}

    with pytest.raises(Unreadable, match=r"gives 2 series.*have its query give one"):
        await load_of(system, wanted, answers)


async def test_a_route_of_several_pods_is_one_series(
    system: respx.MockRouter,
) -> None:
    """Its points are added up, and so is the total."""
    system.get("/api/v1/query_range").mock(
        side_effect=lambda request: (
            matrix(
                ({"route": "GET /a", "pod": "1"}, [(1.0, "10"), (2.0, "20")]),
                ({"route": "GET /a", "pod": "2"}, [(2.0, "2")]),
            )
            if "per_second" in request.url.params["query"]
            else matrix()
        )
    )
    async with httpx.AsyncClient(base_url=URL) as client:
        metrics = Prometheus(Api("prometheus", client))
        found = await metrics.service_series("discourse", start_at=0.0, end_at=600.0)
    points = ((1.0, 10.0), (2.0, 22.0))

    assert [("requests_per_second", points), ("route_rps:GET /a", points)] == [
        (one.name, one.points) for one in found
    ]
