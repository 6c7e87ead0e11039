"""Numbers keep to what their kind may be."""

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gateway.tools.quantity import (
    Count,
    Measured,
    Milliseconds,
    Opaque,
    Percent,
    PerSecond,
    Ratio,
    Seconds,
    SecondsApart,
    UnixSeconds,
    WholePerSecond,
)

BOUNDS: dict[str, tuple[Any, list[float], list[float]]] = {
    "Count": (Count, [0, 2**53 - 1], [-1, 2**53]),
    "Ratio": (Ratio, [0, 0.5, 1], [-0.1, 1.1]),
    "Percent": (Percent, [0, 100], [-1, 101]),
    "Seconds": (Seconds, [0, 1e9], [-0.1]),
    "Milliseconds": (Milliseconds, [0, 1e9], [-0.1]),
    "PerSecond": (PerSecond, [0, 1e9], [-0.1]),
    "WholePerSecond": (WholePerSecond, [0, 100_000], [-1]),
    "UnixSeconds": (UnixSeconds, [0, -1.5, 253_402_300_799], [1_767_225_600_000]),
    "SecondsApart": (SecondsApart, [-60, 60], [1e13]),
    "Measured": (Measured, [-1e308, 1e308], []),
    "Opaque": (Opaque, [-5, 2**53 - 1], [2**53]),
}
NO_NUMBERS = [math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_within_its_bounds_is_taken(name: str) -> None:
    """The bounds themselves are within."""
    kind, within, _ = BOUNDS[name]

    assert within == [TypeAdapter(kind).validate_python(one) for one in within]


@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_beyond_or_no_number_is_none(name: str) -> None:
    """NaN and infinity are within no bounds."""
    kind, _, beyond = BOUNDS[name]
    for one in [*beyond, *NO_NUMBERS]:
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(one)


@pytest.mark.parametrize("name", BOUNDS)
def test_each_kind_names_its_unit(name: str) -> None:
    """So that docs/tools.md and whoever reads a schema can tell."""
    assert TypeAdapter(BOUNDS[name][0]).json_schema()["x-unit"]
