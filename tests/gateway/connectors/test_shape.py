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
