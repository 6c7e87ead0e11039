"""What would run, in lines: whole, or told to be none."""

import json
from collections.abc import Mapping

import pytest

from bot.blocks.card import render_card
from bot.blocks.card_actions import APPROVE
from bot.blocks.text import mapping_of
from bot.blocks.what import is_said_whole, say_what, title_of
from tests.bot.blocks.facts import CARD, buttons


def card(**changes: object) -> Mapping[str, object]:
    """Give a card whose estimate, or what takes it back, differs."""
    undo = {**mapping_of(CARD["undo"]), "text": changes.pop("undo", "restores it")}
    return {
        **CARD,
        "estimate": {**mapping_of(CARD["estimate"]), **changes},
        "undo": undo,
    }


@pytest.mark.parametrize("field", ["title", "before", "after", "text", "cost", "undo"])
@pytest.mark.parametrize(("signs", "is_whole"), [(650, True), (750, False)])
def test_approve_stands_only_where_all_of_it_does(
    field: str, signs: int, *, is_whole: bool
) -> None:
    """The end of each value, which may be what matters of it."""
    facts = card(**{field: "x" * (signs - 4) + "last"})

    assert is_whole == is_said_whole(facts)
    assert is_whole == ("last" in json.dumps(say_what(facts, title_of(facts))))
    assert is_whole == (APPROVE in buttons(render_card(facts)))


def test_it_counts_as_slack_does() -> None:
    """Each sign that is escaped takes five, and a section holds 3,000."""
    assert is_said_whole(card(cost="&" * 300))
    assert not is_said_whole(card(cost="&" * 650))
