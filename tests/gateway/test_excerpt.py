"""A result too long for an agent: head, tail, and what was left out."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.excerpt import MOST_BYTES, excerpt
from storage.canonical import canonical


def test_what_fits_is_given_whole() -> None:
    """Nothing is said to be left out."""
    body: dict[str, JsonValue] = {"rows": [{"n": 1}], "text": "short"}

    assert (body, {}) == excerpt(body)


def test_a_long_list_keeps_both_ends() -> None:
    """The newest and the oldest stay, the count is said."""
    cut, left_out = excerpt({"points": list(range(50_000))})
    points = cut["points"]

    assert isinstance(points, list)
    assert (0, 49_999) == (points[0], points[-1])
    assert left_out["points"] == f"{50_000 - len(points)} of 50000 items"


def test_a_long_text_keeps_both_ends() -> None:
    """A log's first line and its last."""
    cut, left_out = excerpt({"log": "first " + "x" * 100_000 + " last"})
    log = str(cut["log"])

    assert log.startswith("first")
    assert log.endswith("last")
    assert "characters" in left_out["log"]


def test_a_path_names_what_was_cut_inside() -> None:
    """Inside of lists and objects too."""
    body = {"traces": [{"spans": ["s" * 50] * 3000}] * 3}
    _, left_out = excerpt(cast("dict[str, JsonValue]", body))

    assert "traces[].spans" in left_out


def test_what_can_not_be_cut_is_not_given() -> None:
    """A thousand keys are no list: the evidence is cited instead."""
    cut, left_out = excerpt({f"key{n}": "x" * 100 for n in range(2000)})

    assert {} == cut
    assert "cite the evidence" in left_out[""]


@pytest.mark.parametrize("most_bytes", [200, 5_000, MOST_BYTES])
@given(
    body=st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.text(max_size=400) | st.integers(-9, 9) | st.none(),
            lambda inner: st.lists(inner, max_size=30),
            max_leaves=60,
        ),
        max_size=6,
    )
)
def test_it_always_fits(body: dict[str, object], most_bytes: int) -> None:
    """Whatever comes, the answer is within its limit."""
    cut, _ = excerpt(body, most_bytes=most_bytes)  # type: ignore[arg-type]

    assert len(canonical(cut).encode()) <= most_bytes
