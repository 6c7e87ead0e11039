"""Results are filled from subjects of the same names."""

import pytest

from gateway.registry import Strict
from gateway.tools.picked import pick
from tests.gateway.outside_society import USER, an_account


class Row(Strict):
    user_id: str
    strikes: int


def test_fields_of_the_same_name_are_taken() -> None:
    """And what is given goes before them."""
    assert Row(user_id=USER, strikes=1) == pick(Row, an_account())
    assert Row(user_id=USER, strikes=9) == pick(Row, an_account(), strikes=9)


def test_what_is_nowhere_is_an_error() -> None:
    """Nothing is made up."""
    with pytest.raises(ValueError, match="strikes"):
        pick(Row, object(), user_id=USER)
