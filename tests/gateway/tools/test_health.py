"""What "well again" means, and ratios for people."""

from dataclasses import replace

import pytest

from gateway.tools.health import is_well, percent, say_health
from tests.gateway.outside import outside_in_trouble


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
