"""Grounding: a target counts where it was really seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.grounding import Grounding, Source, ground

TAINTED = frozenset({"message"})
CITED = Grounding((), tainted=False)
NOWHERE = Grounding(("flag",), tainted=False)
ONLY_LOOSE = Grounding((), tainted=True)


def seen(body: object) -> Source:
    return Source(json.dumps(body), TAINTED)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"flags": [{"key": "f"}]}, CITED),
        ({"flags": [{"key": "ff"}]}, NOWHERE),
        ({"f": "other"}, NOWHERE),
        ({"message": "f"}, ONLY_LOOSE),
        ({"message": ["f"]}, ONLY_LOOSE),
        ({"message": {"deep": [{"key": "f"}]}}, ONLY_LOOSE),
        ({"message": "about f"}, NOWHERE),
        ({"message": "f", "key": "f"}, CITED),
        ({}, NOWHERE),
    ],
)
def test_a_target_is_looked_up(body: object, expected: Grounding) -> None:
    """A whole value of a typed field cites it; in loose text alone it is tainted."""
    assert expected == ground({"flag": "f"}, [seen(body)])


def test_each_target_is_judged() -> None:
    """One cited target does not cover for another."""
    found = ground({"a": "x", "b": "y"}, [seen({"k": "x"})])

    assert Grounding(("b",), tainted=False) == found


@given(value=st.text(min_size=1), depth=st.integers(0, 20))
def test_depth_hides_nothing(value: str, depth: int) -> None:
    """A value is found however deep it lies."""
    body: object = {"k": value}
    for _ in range(depth):
        body = {"inner": [body]}

    assert CITED == ground({"flag": value}, [seen(body)])
