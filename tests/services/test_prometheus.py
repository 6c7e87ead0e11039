"""The connector against a real Prometheus that scrapes an exporter of ours."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

import pytest

from gateway.assembly import open_client
from gateway.connector_kinds import PrometheusConnector
from gateway.connectors.breaker import CircuitOpen
from gateway.connectors.http import Api
from gateway.connectors.prometheus import LoadQueries, Prometheus, PrometheusCatalogue
from gateway.ports import Unreadable
from gateway.subjects import Series
from tests.services.conftest import StartPrometheus
from tests.services.exporter import Exporter, exporter

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

MEASURED = """
genme_http_requests_per_second{service="discourse",route="GET /feed"} 120
genme_http_requests_per_second{service="discourse",route="GET /post"} 30
genme_http_5xx_ratio{service="discourse"} 0.02
genme_http_5xx_ratio{service="idle"} NaN
genme_http_p99_seconds{service="discourse"} 0.25
genme_http_requests_per_second{service="say \\"hi\\"",route="GET /"} 1
"""
LOAD = LoadQueries(
    requests_per_second='sum(genme_http_requests_per_second{service="$service"})',
    error_ratio='genme_http_5xx_ratio{service="$service"}',
    p99_ms='genme_http_p99_seconds{service="$service"} * 1000',
    routes={
        "requests_per_second": 'genme_http_requests_per_second{service="$service"}'
    },
)


@pytest.fixture
def measured() -> Iterator[Exporter]:
    with exporter(MEASURED) as running:
        yield running


@pytest.fixture
async def api(
    real_prometheus: StartPrometheus, measured: Exporter
) -> AsyncIterator[Api]:
    server = await asyncio.to_thread(real_prometheus, targets=[measured.target])
    async with open_client(described(server.url), {}) as client:
        yield Api("prometheus", client)


def described(url: str, *, private: bool = True) -> PrometheusConnector:
    if private:
        return PrometheusConnector(kind="prometheus", url=url, private=True)
    secure = url.replace("http://", "https://")
    return PrometheusConnector(kind="prometheus", url=secure)


async def read(metrics: Prometheus, service: str) -> dict[str, Series]:
    now = time.time()
    found: Sequence[Series] = await metrics.service_series(
        service, start_at=now - 60, end_at=now
    )
    return {one.name: one for one in found}


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(600):
        if await check():
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("Prometheus shows nothing of it within a minute")


async def test_series_and_load_are_what_was_exported(
    api: Api, measured: Exporter
) -> None:
    """By range and at this instant; a name with quotes is a name; NaN is nothing."""
    metrics = Prometheus(api)
    await until(lambda: _has(metrics, "discourse", "p99_ms"))
    found = await read(metrics, "discourse")
    load = await PrometheusCatalogue(api, LOAD).service("discourse")
    quoted = await read(metrics, 'say "hi"')
    idle = await read(metrics, "idle")

    assert {
        "requests_per_second": 150.0,
        "route_rps:GET /feed": 120.0,
        "route_rps:GET /post": 30.0,
        "error_ratio": 0.02,
        "p99_ms": 250.0,
    } == {name: one.points[-1][1] for name, one in found.items()}
    assert (150.0, 0.02, 250.0, None) == (
        load.requests_per_second,
        load.error_ratio,
        load.p99_ms,
        load.active_users,
    )
    assert ["GET /feed", "GET /post"] == [one.route for one in load.routes]
    assert 1.0 == quoted["requests_per_second"].points[-1][1]
    assert () == idle["error_ratio"].points

    measured.text = MEASURED.replace(" 120\n", " 500\n")
    await until(lambda: _is(metrics, "route_rps:GET /feed", 500.0))


async def test_a_query_that_is_none_is_said(api: Api) -> None:
    """With Prometheus's own words."""
    broken = LoadQueries(requests_per_second="sum(", error_ratio="", p99_ms="")

    with pytest.raises(Unreadable, match=r"HTTP 400.*parse error"):
        await PrometheusCatalogue(api, broken).service("discourse")


async def test_a_server_that_went_away_is_said(
    real_prometheus: StartPrometheus,
) -> None:
    """Nobody listens: each try is refused, then the circuit opens."""
    server = await asyncio.to_thread(real_prometheus, targets=[])
    async with open_client(described(server.url), {}) as client:
        metrics = Prometheus(Api("prometheus", client))
        assert {} == await read(metrics, "discourse")
        await asyncio.to_thread(server.stop)

        with pytest.raises(Unreadable, match="ConnectError"):
            await read(metrics, "discourse")
        with pytest.raises(CircuitOpen):
            await read(metrics, "discourse")


async def test_a_server_on_this_host_must_be_meant(
    real_prometheus: StartPrometheus,
) -> None:
    """It is there, and without ``private: true`` nobody connects."""
    server = await asyncio.to_thread(real_prometheus, targets=[])
    async with open_client(described(server.url, private=False), {}) as client:
        with pytest.raises(Unreadable, match=r"127\.0\.0\.1: not a public address"):
            await read(Prometheus(Api("prometheus", client)), "discourse")


async def _has(metrics: Prometheus, service: str, name: str) -> bool:
    return bool((await read(metrics, service)).get(name))


async def _is(metrics: Prometheus, name: str, value: float) -> bool:
    return (await read(metrics, "discourse"))[name].points[-1][1] == value
