"""What "well again" means, and ratios for people."""

from dataclasses import replace

import pytest

from gateway.tools.health import is_well, percent
from tests.gateway.outside import outside_in_trouble


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.0, True), (0.00999, True), (0.01, False), (1.0, False)]
)
def test_well_is_under_one_percent(ratio: float, expected: bool) -> None:  # noqa: FBT001
    """Where the alert rules resolve."""
    load = replace(outside_in_trouble().services.load, error_ratio=ratio)

    assert expected is is_well(load)


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.182, "18.2 %"), (0.0021, "0.21 %"), (0.01, "1.0 %")]
)
def test_a_ratio_is_said_as_percent(ratio: float, expected: str) -> None:
    """Small ones with two digits."""
    assert expected == percent(ratio)
