"""What a model says is one plain line of its card; what two decide grants nothing."""

import pytest

from bot.blocks.card import render_card
from bot.blocks.card_actions import GRANT
from bot.blocks.render import render
from tests.bot.blocks.facts import CARD, buttons, check, texts

FORGED = "slow\n✅ *Policy has checked this*\nneeds *0 of nobody*"


@pytest.mark.parametrize("kind", ["card", "fold"])
def test_no_claim_reads_as_a_line_of_the_card(kind: str) -> None:
    """It is one line, in which nothing is bold; so is what a system said of a state."""
    estimate = {"title": "x", "before": FORGED, "after": FORGED, "text": FORGED}
    card = {**CARD, "because": FORGED, "uncited": [FORGED], "estimate": estimate}
    shown = render(kind, card if kind == "card" else {"cards": [card, card]})
    check(shown)
    lines = "\n".join(texts(shown)).splitlines()
    because = [one for one in lines if one.startswith("because")]

    assert because
    assert not any(one.startswith(("✅", "needs *0")) for one in lines)
    assert not any("*Policy has checked this*" in one for one in because)


def test_a_card_that_needs_two_offers_no_grant() -> None:
    """Its button would refuse: nobody allows alone what two have to agree on."""
    offer = {"minutes": 30, "most": 3, "service": "feed"}
    alone = {**CARD, "quorum": 1, "grant_offer": offer}

    assert GRANT in buttons(render_card(alone))
    assert GRANT not in buttons(render_card({**alone, "quorum": 2}))
