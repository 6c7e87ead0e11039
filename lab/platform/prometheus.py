"""Answer Prometheus's query API from the recorded history."""

import math
from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from lab.clock import Clock
from lab.form import parse_form
from lab.json_object import JsonObject
from lab.platform.access import BearerRequired
from lab.platform.history import History, Series
from lab.platform.promql import Selector, UnsupportedExpression, parse_selector

MOST_POINTS = 11_000  # Prometheus's own limit per series, web/api/v1/api.go
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


class BadParameter(Exception):
    """A parameter that Prometheus would refuse with `bad_data`."""


class PrometheusApi:
    def __init__(self, history: History, clock: Clock) -> None:
        self._history = history
        self._clock = clock

    def router(self, token: str) -> APIRouter:
        router = APIRouter(
            prefix="/prometheus/api/v1", dependencies=[Depends(BearerRequired(token))]
        )
        for path, endpoint in (
            ("/query", self.query),
            ("/query_range", self.query_range),
        ):
            router.add_api_route(
                path, endpoint, methods=["GET", "POST"], response_model=None
            )
        return router

    async def query(self, request: Request) -> JSONResponse:
        parameters = await parameters_of(request)
        try:
            selector = parse_selector(required(parameters, "query"))
            at = parse_time(parameters.get("time"), self._clock())
        except (UnsupportedExpression, BadParameter) as refusal:
            return bad_data(str(refusal))
        found = self._history.sample_at(at)
        return success(
            "vector",
            [
                {"metric": labels_of(series), "value": [at, written(value)]}
                for series, value in found.items()
                if selector.accepts(series)
            ],
        )

    async def query_range(self, request: Request) -> JSONResponse:
        parameters = await parameters_of(request)
        try:
            selector = parse_selector(required(parameters, "query"))
            times = parse_range(parameters)
        except (UnsupportedExpression, BadParameter) as refusal:
            return bad_data(str(refusal))
        return success("matrix", matrix(self._history, selector, times))


def matrix(
    history: History, selector: Selector, times: list[float]
) -> list[JsonObject]:
    lines: dict[Series, list[tuple[float, str]]] = {}
    for at in times:
        for series, value in history.sample_at(at).items():
            if selector.accepts(series):
                lines.setdefault(series, []).append((at, written(value)))
    return [
        {"metric": labels_of(series), "values": values}
        for series, values in lines.items()
    ]


async def parameters_of(request: Request) -> dict[str, str]:
    content_type = request.headers.get("content-type", "")
    posted = parse_form(await request.body(), content_type)
    return {**request.query_params, **posted}


def required(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name, "")
    if not value:
        raise BadParameter(f'invalid parameter "{name}": it is missing')
    return value


def parse_range(parameters: Mapping[str, str]) -> list[float]:
    start = parse_time(required(parameters, "start"), 0.0)
    end = parse_time(required(parameters, "end"), 0.0)
    step = parse_step(required(parameters, "step"))
    if end < start:
        raise BadParameter('invalid parameter "end": end timestamp before start')
    count = math.floor((end - start) / step) + 1
    if count > MOST_POINTS:
        raise BadParameter(
            f"exceeded maximum resolution of {MOST_POINTS} points; use a larger step"
        )
    return [start + index * step for index in range(count)]


def parse_time(text: str | None, default: float) -> float:
    """Take seconds since 1970 or RFC 3339."""
    if not text:
        return default
    try:
        return finite(float(text))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as invalid:
        raise BadParameter(f'cannot parse "{text}" to a valid timestamp') from invalid
    if moment.tzinfo is None:
        raise BadParameter(f'cannot parse "{text}": it names no time zone')
    return moment.timestamp()


def parse_step(text: str) -> float:
    number = text.rstrip("dhms")
    factor = UNITS.get(text[len(number) :], 1.0 if number == text else math.nan)
    try:
        step = finite(float(number) * factor)
    except ValueError as invalid:
        raise BadParameter(f'cannot parse "{text}" to a valid duration') from invalid
    if step <= 0:
        raise BadParameter("zero or negative query resolution step widths are refused")
    return step


def finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value


def labels_of(series: Series) -> dict[str, str]:
    metric, labels = series
    return {"__name__": metric, **dict(labels)}


def written(value: float) -> str:
    return f"{value:.6g}"


def success(kind: str, result: list[JsonObject]) -> JSONResponse:
    return JSONResponse(
        {"status": "success", "data": {"resultType": kind, "result": result}}
    )


def bad_data(error: str) -> JSONResponse:
    return JSONResponse(
        {"status": "error", "errorType": "bad_data", "error": error}, 400
    )
