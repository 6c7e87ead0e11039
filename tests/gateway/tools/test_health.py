"""What "well again" means, and ratios for people."""

import math
from dataclasses import replace

import pytest

from gateway.ports import Unreadable
from gateway.tools.health import (
    is_well,
    measures_of,
    percent,
    read_load,
    say_health,
)
from tests.gateway.outside import SERVICE, outside_in_trouble


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.0, True), (0.00999, True), (0.01, False), (1.0, False)]
)
def test_well_is_under_one_percent(ratio: float, expected: bool) -> None:  # noqa: FBT001
    """Where the alert rules resolve."""
    load = replace(outside_in_trouble().services.load, error_ratio=ratio)

    assert expected is is_well(load)


def test_a_service_without_requests_is_not_well() -> None:
    """Its ratio is of nothing: what took all requests away has not helped."""
    load = outside_in_trouble().services.load
    still = replace(load, requests_per_second=0.0, error_ratio=0.0)

    assert not is_well(still)
    assert f"{still.service}: no requests arrive" == say_health(still)


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.182, "18.2 %"), (0.0021, "0.21 %"), (0.01, "1.0 %")]
)
def test_a_ratio_is_said_as_percent(ratio: float, expected: str) -> None:
    """Small ones with two digits."""
    assert expected == percent(ratio)


@pytest.mark.parametrize(
    "changes",
    [
        {"error_ratio": 18.2},
        {"error_ratio": -0.1},
        {"error_ratio": math.nan},
        {"requests_per_second": -1.0},
        {"p99_ms": math.inf},
        {"active_users": -1},
    ],
)
async def test_a_load_that_can_not_be_is_unreadable(changes: dict[str, float]) -> None:
    """A percentage told as a ratio would say that all is lost; a negative, well."""
    outside = outside_in_trouble()
    outside.services.load = replace(outside.services.load, **changes)  # type: ignore[arg-type]

    with pytest.raises(Unreadable, match=f"no sense: {next(iter(changes))}"):
        await read_load(outside.ports, SERVICE)


async def test_so_is_a_route_of_it() -> None:
    outside = outside_in_trouble()
    [route] = outside.services.load.routes
    odd = replace(route, capacity_rps=-5.0)
    outside.services.load = replace(outside.services.load, routes=(odd,))

    with pytest.raises(Unreadable, match="no sense: capacity_rps"):
        await read_load(outside.ports, SERVICE)


def test_what_nobody_measures_is_no_measure() -> None:
    """A latency of 0 ms would be told as the best there is."""
    load = outside_in_trouble().services.load

    assert {"error_ratio": 0.18, "p99_ms": 1800.0} == measures_of(load)
    assert {"error_ratio": 0.18} == measures_of(replace(load, p99_ms=None))
