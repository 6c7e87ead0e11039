"""Inputs of a modal, and what is read of them."""

import pytest

from bot.blocks.inputs import (
    line_block,
    read_checked,
    read_choice,
    read_toggles,
    read_words,
    select_block,
    toggles_block,
    words_block,
)
from lab.slack.view_rules import check_view

VALUES = {
    "words": {"value": {"value": "  said  "}},
    "choice": {"value": {"selected_option": {"value": "b"}}},
    "checked": {"value": {"selected_options": [{"value": "x"}]}},
}


def test_what_was_entered_is_read() -> None:
    """And nothing of a block that is not there, or has another shape."""
    assert ("said", "b", True) == (
        read_words(VALUES, "words"),
        read_choice(VALUES, "choice"),
        read_checked(VALUES, "checked"),
    )
    assert ("", "", False) == (
        read_words(VALUES, "choice"),
        read_choice(VALUES, "words"),
        read_checked({"checked": "no mapping"}, "checked"),
    )


def test_toggles_are_read_as_they_are_set() -> None:
    """In their order; nothing of another shape."""
    odd: dict[str, object] = {"checked": {"value": {"selected_options": "x"}}}

    assert ["x"] == read_toggles(VALUES, "checked")
    assert [] == read_toggles(VALUES, "words") == read_toggles(odd, "checked")


@pytest.mark.parametrize("initial", ["a", "unknown", None])
def test_inputs_are_what_slack_takes(initial: str | None) -> None:
    """However long the words are."""
    long = "x" * 400
    view = check_view(
        {
            "type": "modal",
            "title": {"type": "plain_text", "text": "t"},
            "submit": {"type": "plain_text", "text": "s"},
            "blocks": [
                line_block("line", long, long, initial="was", required=False),
                words_block("words", long, long),
                select_block("choice", long, {"a": long, "b": "B"}, initial=initial),
                toggles_block("toggles", long, {"a": long, "b": "B"}),
            ],
        }
    )

    chosen = view["blocks"][2]["element"].get("initial_option")
    assert ("a" if initial == "a" else None) == (chosen["value"] if chosen else None)
