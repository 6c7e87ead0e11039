"""What counts as asking the same again."""

import pytest
from pydantic import JsonValue

from runner.near_repeat import is_near

BASE: dict[str, JsonValue] = {"dashboard_id": "discourse-overview", "window": 900}


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (BASE, True),
        ({**BASE, "window": 1000}, True),
        ({**BASE, "window": 300}, False),
        ({"dashboard_id": "discourse-overview"}, True),
        ({**BASE, "window": None}, True),
        ({**BASE, "dashboard_id": "feed-overview"}, False),
        ({"queue": "default"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_overlapping_params_are_near(
    other: dict[str, JsonValue], *, near: bool
) -> None:
    """Names are equal, numbers within a fifth, and what is left out says nothing."""
    assert near is is_near(BASE, other)
    assert near is is_near(other, BASE)


def test_booleans_are_no_numbers() -> None:
    """On and off are not near, whatever their difference is."""
    assert not is_near({"on": True}, {"on": False})
    assert is_near({}, {})
