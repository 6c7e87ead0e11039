"""Shapes: a misfit names its field, and never the value."""

import pytest
from pydantic import BaseModel, TypeAdapter

from gateway.connectors.shape import fit, fit_value, fit_written
from gateway.ports import OutcomeUnknown, Unreadable


class Point(BaseModel):
    x: int
    tags: list[str] = []


def test_what_fits_is_given() -> None:
    assert Point(x=1) == fit(Point, {"x": 1, "more": 2}, what="a point")
    assert Point(x=1) == fit_written(Point, {"x": 1}, what="a point")
    assert (1, 2) == fit_value(TypeAdapter(tuple[int, ...]), [1, 2], what="numbers")


@pytest.mark.parametrize("raw", [{"x": "secret"}, {"tags": [1]}, [], None, "secret"])
def test_a_misfit_of_a_read_is_unreadable(raw: object) -> None:
    with pytest.raises(Unreadable, match="a point: unexpected shape: ") as caught:
        fit(Point, raw, what="a point")
    assert "secret" not in str(caught.value)


def test_a_misfit_of_a_write_is_unknown() -> None:
    """It was sent, and may have been applied."""
    with pytest.raises(OutcomeUnknown, match="x: Field required"):
        fit_written(Point, {}, what="a point")


def test_the_place_is_named() -> None:
    with pytest.raises(Unreadable, match=r"1: Input should be"):
        fit_value(TypeAdapter(list[int]), [1, "two"], what="numbers")


class Measure(BaseModel):
    version: int
    ratio: float = 0.0
    more: list[dict[str, int]] = []


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"version": 2**53}, "version"),
        ({"version": -(2**53)}, "version"),
        ({"version": str(2**70)}, "version"),
        ({"version": 10**400}, "version"),
        ({"version": 1, "ratio": "NaN"}, "ratio"),
        ({"version": 1, "ratio": "inf"}, "ratio"),
        ({"version": 1, "more": [{}, {"a": 2**60}]}, r"more\.1\.a"),
    ],
)
def test_a_number_that_no_digest_takes_is_named(
    raw: dict[str, object], place: str
) -> None:
    """Here, and not where it is stored: as text it gets through a type too."""
    with pytest.raises(Unreadable, match=f"{place}: a number past"):
        fit(Measure, raw, what="a measure")
    with pytest.raises(OutcomeUnknown, match=f"{place}: a number past"):
        fit_written(Measure, raw, what="a measure")
    with pytest.raises(Unreadable, match=f"{place}: a number past"):
        fit_value(TypeAdapter(Measure), raw, what="a measure")


def test_numbers_that_are_no_result_yet_are_let_through() -> None:
    """Nanoseconds, and what Prometheus writes for no measurement."""
    raw = {"version": 2**60, "ratio": "NaN"}

    assert 2**60 == fit(Measure, raw, what="a measure", exact=False).version


def test_the_largest_numbers_fit() -> None:
    found = fit(Measure, {"version": 2**53 - 1, "ratio": 1e300}, what="a measure")

    assert (2**53 - 1, 1e300) == (found.version, found.ratio)
