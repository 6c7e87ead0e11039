"""
Prometheus HTTP API v1: series of a service by query_range, its load by query.

Each query is a template in which ``$service`` stands for the service's name, escaped as
the inside of a PromQL string. What is no number (a division by zero) is no measurement.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import BaseModel

from gateway.connectors.http import Api, Params
from gateway.connectors.shape import fit
from gateway.ports import Unreadable
from gateway.subjects import RouteLoad, Series, ServiceLoad

_MOST_POINTS = 600
_SERVICE = "$service"
_OF_ROUTE = "route_rps:"


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """
    One query of a service's series.

    ``factor`` scales the values to ``unit``. Results that carry ``route_label`` become
    ``route_rps:<route>`` each.
    """

    name: str
    unit: str
    query: str
    factor: float = 1.0
    route_label: str | None = None


@dataclass(frozen=True, slots=True)
class LoadQueries:
    """
    The instant queries of a service's load.

    The first four give one number each; those of ``routes``, keyed by a field of
    ``RouteLoad``, give one for each value of ``route_label``, of those whose requests
    are measured. Several series of one are added up where they count something; two
    ratios, or two latencies, are no number. What has no query is not measured, and no
    zero: but for refusals, which are none until something is throttled.
    """

    requests_per_second: str
    error_ratio: str
    p99_ms: str
    active_users: str = ""
    route_label: str = "route"
    routes: dict[str, str] = field(default_factory=dict)


class _Matrix(BaseModel):
    metric: dict[str, str]
    values: list[tuple[float, float]]


class _Sample(BaseModel):
    metric: dict[str, str]
    value: tuple[float, float]


class _Ranges(BaseModel):
    result: list[_Matrix]


class _Vector(BaseModel):
    result: list[_Sample]


class _Envelope(BaseModel):
    status: str
    errorType: str = ""  # noqa: N815 - Prometheus's own name
    error: str = ""
    warnings: list[str] = []
    data: dict[str, object] | None = None


class Prometheus:
    """
    Fulfils ``Metrics`` (``/api/v1/query_range``).

    Without queries of its own it asks for the platform's metrics.
    """

    def __init__(self, api: Api, queries: Sequence[SeriesQuery] = ()) -> None:
        self._api = api
        self._queries = queries or default_queries()

    async def service_series(
        self, service: str, *, start_at: float, end_at: float
    ) -> Sequence[Series]:
        step = max(1, round((end_at - start_at) / _MOST_POINTS))
        found: list[Series] = []
        for one in self._queries:
            data = await _ask(
                self._api,
                "/api/v1/query_range",
                {
                    "query": fill(one.query, service),
                    "start": start_at,
                    "end": end_at,
                    "step": step,
                },
                kind="matrix",
            )
            ranges = fit(
                _Ranges, data, what=f"{self._api.name} {one.name}", exact=False
            )
            found += _by_route([_series(one, matrix) for matrix in ranges.result])
        return _with_total(found)


class PrometheusCatalogue:
    """Fulfils ``Catalogue`` (``/api/v1/query``)."""

    def __init__(self, api: Api, queries: LoadQueries) -> None:
        self._api = api
        self._queries = queries

    async def service(self, name: str) -> ServiceLoad:
        """
        Give a service's load.

        No series of errors is no error; yet no number among them, while requests
        arrive, is no measurement.

        Raises:
            Unreadable: no rate is measured, or one of the others says nothing.
        """
        wanted = self._queries
        rate = await self._sum(wanted.requests_per_second, name)
        if rate is None:
            raise Unreadable(f"{self._api.name}: no service {name} is measured")
        errors = await self._only(wanted.error_ratio, name, empty=0.0)
        if errors is None and rate > 0:
            raise Unreadable(f"{self._api.name}: {name}'s error ratio is no number")
        users = await self._sum(wanted.active_users, name)
        if users is None and wanted.active_users:
            raise Unreadable(f"{self._api.name}: {name}'s active users have no value")
        routes, unread = await self._routes(name)
        return ServiceLoad(
            service=name,
            requests_per_second=rate,
            error_ratio=_ratio(errors or 0.0),
            p99_ms=await self._only(wanted.p99_ms, name),
            active_users=None if users is None else round(users),
            routes=routes,
            unread_routes=unread,
        )

    async def _routes(
        self, service: str
    ) -> tuple[tuple[RouteLoad, ...], tuple[str, ...]]:
        """Give the routes, and the names of those whose requests are no number."""
        found: dict[str, dict[str, float | None]] = {}
        for measure, query in self._queries.routes.items():
            for route, values in (await self._values(query, service)).items():
                found.setdefault(route, {})[measure] = (
                    self._one(values, f"{measure} of {route}")
                    if measure == "error_ratio"
                    else _total(values)
                )
        # No series of errors is no error, where somebody counts them.
        no_errors = 0.0 if self._queries.routes.get("error_ratio") else None
        rates = {
            route: measures["requests_per_second"]
            for route, measures in sorted(found.items())
            if "requests_per_second" in measures
        }
        read = tuple(
            _route(route, rate, found[route], no_errors)
            for route, rate in rates.items()
            if rate is not None
        )
        return read, tuple(route for route, rate in rates.items() if rate is None)

    async def _values(self, query: str, service: str) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for sample in await self._samples(query, service):
            route = sample.metric.get(self._queries.route_label)
            if route is not None:
                found.setdefault(route, []).append(sample.value[1])
        return found

    async def _sum(self, query: str, service: str) -> float | None:
        """Give the sum of a query's series; None without any, or of what is none."""
        samples = await self._samples(query, service) if query else []
        return _total([one.value[1] for one in samples]) if samples else None

    async def _only(
        self, query: str, service: str, *, empty: float | None = None
    ) -> float | None:
        """Give the one number of a query; ``empty`` without any series."""
        samples = await self._samples(query, service) if query else []
        if not samples:
            return empty
        return self._one([one.value[1] for one in samples], query[:60])

    def _one(self, values: Sequence[float], what: str) -> float | None:
        """
        Give the only number among series that can't be added up; None without any.

        Raises:
            Unreadable: there are several.
        """
        found = [one for one in values if math.isfinite(one)]
        if len(found) > 1:
            raise Unreadable(
                f"{self._api.name}: {what} gives {len(found)} series, and no sum of "
                "them means anything: have its query give one"
            )
        return found[0] if found else None

    async def _samples(self, query: str, service: str) -> list[_Sample]:
        data = await _ask(
            self._api,
            "/api/v1/query",
            {"query": fill(query, service)},
            kind="vector",
        )
        what = f"{self._api.name} {query[:60]}"
        return fit(_Vector, data, what=what, exact=False).result


def _route(
    name: str,
    rate: float,
    measures: Mapping[str, float | None],
    no_errors: float | None,
) -> RouteLoad:
    errors = measures.get("error_ratio", no_errors)
    return RouteLoad(
        route=name,
        requests_per_second=rate,
        capacity_rps=measures.get("capacity_rps"),
        error_ratio=None if errors is None else _ratio(errors),
        rejected_per_second=measures.get("rejected_per_second", 0.0),
    )


def _total(values: Sequence[float]) -> float | None:
    """Add up; a part that is no number leaves no number, as Prometheus's own sum."""
    total = sum(values)
    return total if math.isfinite(total) else None


def _ratio(value: float) -> float:
    """Drop what is behind the ninth digit: a sum of all, divided by all, is 1."""
    return round(value, 9)


def default_queries() -> tuple[SeriesQuery, ...]:
    return (
        SeriesQuery(
            "requests_per_second",
            "requests/s",
            'genme_http_requests_per_second{service="$service"}',
            route_label="route",
        ),
        SeriesQuery("error_ratio", "ratio", 'genme_http_5xx_ratio{service="$service"}'),
        SeriesQuery(
            "p99_ms", "ms", 'genme_http_p99_seconds{service="$service"}', factor=1000.0
        ),
    )


def fill(query: str, service: str) -> str:
    """Put a service's name into a query, where it can end no string."""
    escaped = service.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return query.replace(_SERVICE, escaped)


async def _ask(api: Api, path: str, params: Params, *, kind: str) -> dict[str, object]:
    """
    Give an answer's data.

    Raises:
        Unreadable: also where Prometheus says ``error`` in a 200.
    """
    raw = await api.read(path, params)
    answer = fit(_Envelope, raw, what=api.name, exact=False)
    if answer.status != "success" or answer.data is None:
        raise Unreadable(
            f"{api.name} {path}: status {answer.status[:20]}: "
            f"{answer.errorType[:40]} {answer.error[:200]}"
        )
    if answer.data.get("resultType") != kind:
        raise Unreadable(f"{api.name} {path}: no {kind}: write the query so")
    if answer.warnings:
        # A part of the data is missing: what came is used, and this is why it is less.
        structlog.get_logger().warning(
            "prometheus.warnings", connector=api.name, count=len(answer.warnings)
        )
    return answer.data


def _series(query: SeriesQuery, matrix: _Matrix) -> Series:
    route = matrix.metric.get(query.route_label) if query.route_label else None
    return Series(
        name=f"{_OF_ROUTE}{route}" if route else query.name,
        unit=query.unit,
        points=tuple(
            (at, value * query.factor)
            for at, value in matrix.values
            if math.isfinite(at) and math.isfinite(value * query.factor)
        ),
    )


def _by_route(found: list[Series]) -> list[Series]:
    """Make one series of those that a query has of a route: several pods serve it."""
    routes: dict[str, Series] = {}
    kept: list[Series] = []
    for one in found:
        if not one.name.startswith(_OF_ROUTE):
            kept.append(one)
            continue
        same = [routes[one.name]] if one.name in routes else []
        points = _added([*same, one])
        routes[one.name] = Series(one.name, one.unit, points)
    return [*kept, *routes.values()]


def _added(found: Sequence[Series]) -> tuple[tuple[float, float], ...]:
    """Add up what series hold at each instant."""
    totals: dict[float, float] = {}
    for one in found:
        for at, value in one.points:
            totals[at] = totals.get(at, 0.0) + value
    return tuple(sorted(totals.items()))


def _with_total(found: list[Series]) -> list[Series]:
    """Add requests_per_second as the sum of its routes where it has no own series."""
    routes = [one for one in found if one.name.startswith(_OF_ROUTE)]
    if not routes or any(one.name == "requests_per_second" for one in found):
        return found
    return [Series("requests_per_second", "requests/s", _added(routes)), *found]
