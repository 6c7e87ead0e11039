"""Alerts taken in: one uvicorn worker each, a fresh alert a request, c = 1 and 64."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count

import yaml

from bench.load import Requests, Target, load, post
from bench.measure import P50, P99, RATE, Case, Goal, Sample, Side, WrongAnswer
from bench.world import Bench, product_web, served
from cli.local_world import WEBHOOK_SLUG
from storage import setup
from storage.setup import Endpoint
from storage.steps import Step

# As many groups as the measured Alertmanager payloads had (docs/benchmarks.md).
_KEYS = 2_000
_FIRST_START = 1_780_000_000
_SLUG = f"{WEBHOOK_SLUG}-bench"
_PATH = f"/webhooks/alertmanager/{_SLUG}"
_TOKEN = "of-the-bench"  # noqa: S105 - a fresh database's own


@asynccontextmanager
async def ingestion(bench: Bench) -> AsyncIterator[list[Case]]:
    """Alertmanager's deliveries, spread over groups, and all of one group."""
    await _let_in(bench)
    async with (
        product_web(
            bench,
            {
                "ROUTES_FILE": _routes(bench),
                "WEBHOOK_DELIVERIES_PER_SECOND": "1000000",
                "WEBHOOK_BURST_DELIVERIES": "1000000",
            },
        ) as web,
        served(bench, "batcher") as batcher,
        served(bench, "naive") as naive,
    ):
        numbers = count()
        product = _Product(bench, web, numbers)
        yield [
            Case(
                "ingestion c=1",
                product.side(connections=1, hot=False),
                {
                    "batcher": (
                        _floor(bench, batcher, numbers, connections=1, hot=False),
                        (Goal(P50, 1.5),),
                    ),
                },
            ),
            *(
                Case(
                    f"ingestion c=64{', one group' if hot else ''}",
                    product.side(connections=64, hot=hot),
                    {
                        "batcher": (
                            _floor(bench, batcher, numbers, connections=64, hot=hot),
                            (Goal(RATE, 0.5), Goal(P99, 2)),
                        ),
                        "naive": (
                            _floor(bench, naive, numbers, connections=64, hot=hot),
                            (Goal(RATE, 4 if hot else 2.5), Goal(P99, 0.5)),
                        ),
                    },
                )
                for hot in (False, True)
            ),
        ]


def _floor(
    bench: Bench, port: int, numbers: "count[int]", *, connections: int, hot: bool
) -> Side:
    async def side() -> Sample:
        return await load(
            Target(port),
            _requests("/", numbers, hot=hot),
            connections=connections,
            seconds=bench.seconds,
            status=202,
        )

    return side


class _Product:
    """The product's web process; after each load its rows are counted."""

    def __init__(self, bench: Bench, port: int, numbers: "count[int]") -> None:
        self._bench = bench
        self._port = port
        self._numbers = numbers

    def side(self, *, connections: int, hot: bool) -> Side:
        async def side() -> Sample:
            before = self._stored()
            sample = await load(
                Target(self._port),
                _requests(
                    _PATH,
                    self._numbers,
                    hot=hot,
                ),
                connections=connections,
                seconds=self._bench.seconds,
                status=202,
            )
            stored = self._stored() - before
            if stored != sample.count:
                raise WrongAnswer(f"{sample.count} answers of 202, {stored} rows")
            return sample

        return side

    def _stored(self) -> int:
        return self._bench.count("SELECT coalesce(sum(count), 0) FROM alerts")


def _requests(path: str, numbers: "count[int]", *, hot: bool) -> Requests:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {_TOKEN}",
    }

    def of_connection(_number: int) -> Iterator[bytes]:
        while True:
            yield post(path, _body(next(numbers), hot=hot), headers)

    return of_connection


def _body(number: int, *, hot: bool) -> bytes:
    """Give a delivery of one alert that never came before: about 1.1 kB."""
    key = number % _KEYS
    starts = datetime.fromtimestamp(_FIRST_START + number, UTC).isoformat()
    service = "feed" if hot else f"service-{key}"
    labels = {
        "alertname": "HighErrorRatio",
        "service": service,
        "team": "hot" if hot else "reliability",
        "severity": "critical",
        "instance": f"10.0.{key // 250}.{key % 250}:9090",
        "job": "edge",
        "cluster": "west-2",
    }
    annotations = {
        "summary": f"{service}: 5xx above two percent for five minutes",
        "description": "The share of requests that ended with a 5xx is above its bound "
        "over five minutes and above three times the usual of this hour of the week.",
        "runbook": "runbooks/high-error-ratio",
    }
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": starts,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.bench/graph?g0.expr=ratio",
        "fingerprint": f"{'h' if hot else 'f'}{key:015x}",
    }
    return json.dumps(
        {
            "version": "4",
            "groupKey": '{}:{alertname="HighErrorRatio"}',
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "autopilot",
            "groupLabels": {"alertname": "HighErrorRatio"},
            "commonLabels": {},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.bench",
            "alerts": [alert],
        }
    ).encode()


def _routes(bench: Bench) -> str:
    """Write routes: the hot team's alerts share a task, all others have their own."""
    route = {
        "kind": "reliability",
        "agent": "reliability-triage/1",
        "channel": "C0RELIABILITY",
        "quiet_seconds": 60,
    }
    routes = [
        {
            **route,
            "id": "hot",
            "match": {"labels": {"team": "hot"}},
            "group_by": ["service"],
        },
        {**route, "id": "rest", "match": {}},
    ]
    path = bench.world.folder / "routes.yaml"
    path.write_text(yaml.safe_dump({"routes": routes}), encoding="utf-8")
    return str(path)


async def _let_in(bench: Bench) -> None:
    database = bench.database("release")
    try:
        async with database.dispatch(Step.set_up) as tx:
            await tx.enter(bench.scope)
            await setup.add_endpoint(tx, Endpoint("alertmanager", _SLUG, _TOKEN))
    finally:
        await database.close()
