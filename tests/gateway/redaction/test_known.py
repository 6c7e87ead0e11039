"""Known values in a text: whole, the longest, and however many begin alike."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.redaction.known import known_values

_TEXTS = st.text(alphabet="ab_ .-ü1", max_size=30)


def found(values: list[str], text: str) -> list[str]:
    return [text[start:end] for start, end in known_values(values).find(text)]


@pytest.mark.parametrize(
    ("values", "text", "stands"),
    [
        (["Zoe"], "Zoe, Zoes and Zoe_1: zoe", ["Zoe"]),
        (["Zoe", "Zoe Quinn"], "Zoe Quinn or Zoe", ["Zoe Quinn", "Zoe"]),
        (["(Zoe)"], "x (Zoe)", ["(Zoe)"]),
        (["Zoe Quinn", "Quinn Lee"], "Zoe Quinn Lee", ["Zoe Quinn"]),
        (["Row 3\n" * 50], "Row 3\n" * 51, ["Row 3\n" * 50]),
        (["..."], "a ... b", []),
    ],
)
def test_a_value_stands_whole(values: list[str], text: str, stands: list[str]) -> None:
    """Leftmost, then the longest; no sign of a word beside it."""
    assert stands == found(values, text)


@example(["1.", "1"], [])
@given(st.lists(_TEXTS, min_size=1, max_size=5), st.lists(_TEXTS, max_size=6))
def test_it_finds_what_a_pattern_would(values: list[str], rest: list[str]) -> None:
    text = " ".join([*rest, *values, *rest])
    telling = [one for one in values if re.search(r"[^\W_]", one)]
    longest = sorted(telling, key=len, reverse=True)
    words = "|".join(re.escape(one) for one in longest) or r"(?!)"
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    assert [hit.span() for hit in pattern.finditer(text)] == known_values(values).find(
        text
    )


def test_names_that_begin_alike_are_one_look_at_each_place() -> None:
    """Ten times the names are no more work: of one length they are one shape."""
    few, many = (
        known_values([f"Zoe Q{one:05}" for one in range(count)])
        for count in (100, 1000)
    )

    assert {"Zoe": {(0, 10)}} == few.shapes == many.shapes
