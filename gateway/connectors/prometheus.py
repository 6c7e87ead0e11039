"""Prometheus: series of a service by query_range."""

import math
from collections.abc import Sequence

from pydantic import BaseModel, ValidationError

from gateway.connectors.http import Api
from gateway.ports import Unreadable
from gateway.subjects import Series

_QUERIES = (
    ("requests_per_second", "requests/s", "genme_http_requests_per_second"),
    ("error_ratio", "ratio", "genme_http_5xx_ratio"),
    ("p99_ms", "ms", "genme_http_p99_seconds"),
)
_MILLISECONDS = 1000.0
_MOST_POINTS = 600


class _Matrix(BaseModel):
    metric: dict[str, str]
    values: list[tuple[float, float]]


class _Payload(BaseModel):
    resultType: str  # noqa: N815 - Prometheus's own name
    result: list[_Matrix]


class _Answer(BaseModel):
    status: str
    data: _Payload


class Prometheus:
    """Fulfils ``Metrics`` (Prometheus HTTP API v1, ``/api/v1/query_range``)."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def service_series(
        self, service: str, *, start_at: float, end_at: float
    ) -> Sequence[Series]:
        step = max(1, round((end_at - start_at) / _MOST_POINTS))
        found: list[Series] = []
        for name, unit, metric in _QUERIES:
            query = f'{metric}{{service="{service}"}}'
            for matrix in await self._range(query, start_at, end_at, step):
                route = matrix.metric.get("route")
                found.append(
                    Series(
                        name=f"route_rps:{route}" if route else name,
                        unit=unit,
                        points=_points(
                            matrix, _MILLISECONDS if name == "p99_ms" else 1.0
                        ),
                    )
                )
        return _with_total(found)

    async def _range(
        self, query: str, start_at: float, end_at: float, step: int
    ) -> list[_Matrix]:
        raw = await self._api.read(
            "/api/v1/query_range",
            {"query": query, "start": start_at, "end": end_at, "step": step},
        )
        try:
            answer = _Answer.model_validate(raw)
        except ValidationError as exc:
            raise Unreadable(f"prometheus {query}: unexpected shape") from exc
        if answer.status != "success":
            raise Unreadable(f"prometheus {query}: status {answer.status}")
        return answer.data.result


def _points(matrix: _Matrix, factor: float) -> tuple[tuple[float, float], ...]:
    """Scale what was measured; NaN and infinity are divisions by zero."""
    return tuple(
        (at, value * factor) for at, value in matrix.values if math.isfinite(value)
    )


def _with_total(found: list[Series]) -> list[Series]:
    """Add requests_per_second as the sum of its routes where it has no own series."""
    routes = [one for one in found if one.name.startswith("route_rps:")]
    if not routes or any(one.name == "requests_per_second" for one in found):
        return found
    totals: dict[float, float] = {}
    for one in routes:
        for at, value in one.points:
            totals[at] = totals.get(at, 0.0) + value
    total = Series("requests_per_second", "requests/s", tuple(sorted(totals.items())))
    return [total, *found]
