"""Results are filled from subjects of the same names."""

import math

import pytest

from gateway.ports import Unreadable
from gateway.registry import Strict
from gateway.tools.picked import pick
from gateway.tools.quantity import Count
from tests.gateway.outside_society import USER, an_account


class Row(Strict):
    user_id: str
    strikes: Count


def test_fields_of_the_same_name_are_taken() -> None:
    """And what is given goes before them."""
    assert Row(user_id=USER, strikes=1) == pick(Row, an_account())
    assert Row(user_id=USER, strikes=9) == pick(Row, an_account(), strikes=9)


def test_what_is_nowhere_is_an_error() -> None:
    """Nothing is made up."""
    with pytest.raises(Unreadable, match="strikes"):
        pick(Row, object(), user_id=USER)


@pytest.mark.parametrize("strikes", [-4711, 2**60, math.nan])
def test_what_is_out_of_bounds_is_unreadable(strikes: float) -> None:
    """A typed refusal that names the field, and keeps its value out."""
    with pytest.raises(Unreadable, match="no sense: strikes: ") as caught:
        pick(Row, an_account(), strikes=strikes)

    assert "4711" not in str(caught.value)
