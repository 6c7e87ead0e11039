"""Foreign text: escaped, stripped, cut."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.text import (
    Block,
    clean,
    clean_lines,
    clock,
    context,
    exact,
    mapping_of,
    plain_text,
    section,
    span,
)
from tests.bot.blocks.facts import HOSTILE, harmless


@given(HOSTILE)
def test_cleaned_text_is_harmless(text: str) -> None:
    """No ping, no link, no control or bidirectional character, no code fence."""
    found = clean(text, most=5000)

    assert harmless(found), ascii(found)
    assert "`" not in found


@given(HOSTILE, st.integers(1, 500))
def test_cleaned_text_is_cut(text: str, most: int) -> None:
    """At most so many characters as a person reads them, before instants are told."""
    shown = exact(" ".join(text.split()), most=most)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, char)

    assert len(shown) <= most


@given(st.text(alphabet="abcäöü 0123456789,.-:/%\n", max_size=200))
def test_plain_words_are_left_alone(text: str) -> None:
    """What needs no escaping comes through unchanged."""
    assert text == clean_lines(text)
    assert " ".join(text.split()) == clean(text)


@given(HOSTILE)
def test_blocks_stay_within_slacks_limits(text: str) -> None:
    """Sections and contexts hold at most 3000 characters each."""
    made = [section(text), context(text or "x"), plain_text(text, most=75)]

    assert len(str(made[0]["text"]["text"])) <= 3000  # type: ignore[index]
    assert len(made[2]["text"]) <= 75  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3661, "1 h 1 min")],
)
def test_spans_are_said_shortly(seconds: int, expected: str) -> None:
    """Two units at most."""
    assert expected == span(seconds)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, "<!date^0^{time_secs}|00:00:00 UTC>"),
        ("1970-01-01T00:00:01+00:00", "<!date^1^{time_secs}|00:00:01 UTC>"),
        ("tomorrow", "?"),
        (None, "?"),
    ],
)
def test_an_instant_is_shown_in_the_readers_zone(at: object, expected: str) -> None:
    """Slack's own date token, with UTC where it can't be shown."""
    assert expected == clock(at)


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-27 05:27 UTC",
        "2026-11-27T05:27:00Z",
        "2026-11-27T06:27:00+01:00",
        "2026-11-27T05:27:00.25Z",
    ],
)
def test_an_instant_within_words_is_told_in_the_readers_zone(said: str) -> None:
    """As tools, gateway and freezes write it; what stands around it stays."""
    at = "<!date^1795757220^{date_short_pretty} {time}|2026-11-27 05:27 UTC>"

    assert f"frozen until {at}, by ann" == clean(f"frozen until {said}, by ann")


@pytest.mark.parametrize(
    "said",
    ["2026-11-27", "2026-13-40 05:27 UTC", "05:27 UTC", "x2026-11-27T05:27:00Z"],
)
def test_what_is_no_whole_instant_is_left_alone(said: str) -> None:
    """No zone, no such day, or part of another word."""
    assert said == clean(said)


@pytest.mark.parametrize("block", [section, context])
def test_a_long_text_is_cut_in_no_escape(block: Callable[[str], Block]) -> None:
    """It says how much is gone."""
    text = block_text(block("x" * 2870 + "&amp;" * 50))

    assert re.fullmatch(r"x{2870}(&amp;)* … \(\d+ more\)", text)


def block_text(block: Block) -> str:
    """Give the one text of a section or a context."""
    elements = block.get("elements")
    [one] = elements if isinstance(elements, list) else [block["text"]]
    return str(mapping_of(one)["text"])
