"""A grant on cards: offered, given, used, withdrawn."""

import pytest

from bot.blocks.card import render_card
from bot.blocks.card_actions import (
    GRANT,
    WITHDRAW,
)
from tests.bot.blocks.facts import CARD, buttons, check, texts

OFFER = {"minutes": 30, "most": 3, "service": "discourse"}
GIVEN = {
    "id": "0190a1b2-0000-7000-8000-00000000abcd",
    "short_id": "0000abcd",
    "given_here": True,
    "person": "operator",
    "service": "discourse",
    "most": 3,
    "use": 0,
    "expires_at": 1_790_000_000.0,
    "withdrawn_by": None,
}


def test_a_card_offers_the_same_for_a_while() -> None:
    """Its button says for how long, the line above what and how often."""
    card = render_card({**CARD, "grant_offer": OFFER})
    check(card)
    shown = "\n".join(texts(card))

    assert GRANT in buttons(card)
    assert "on discourse at risk 4 or less, at most 3 times within 30 min" in shown
    assert GRANT not in buttons(render_card(CARD))


@pytest.mark.parametrize(
    ("changes", "said", "can_withdraw"),
    [
        ({}, "runs by itself until <!date^1790000000", True),
        ({"withdrawn_by": "second"}, "withdrawn by *second*", False),
        ({"given_here": False, "use": 2}, "Nobody was asked: grant", False),
        ({"given_here": False, "use": 2}, "use 2 of 3", False),
    ],
)
def test_a_card_says_what_was_granted(
    changes: dict[str, object], said: str, *, can_withdraw: bool
) -> None:
    """Where it was given it can be withdrawn."""
    grant = {**GIVEN, **changes}
    card = render_card({**CARD, "state": "succeeded", "grant": grant})
    check(card)

    assert said in "\n".join(texts(card))
    assert can_withdraw == (WITHDRAW in buttons(card))
