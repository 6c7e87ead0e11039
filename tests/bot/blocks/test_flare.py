"""The reply that pings: what is worse, of what, and to whom."""

import pytest
from hypothesis import given

from bot.blocks.render import render
from tests.bot.blocks.facts import HOSTILE, check, texts

FLARE = {
    "why": "again",
    "title": "5xx on /feed",
    "severity": "error",
    "service": "feed",
    "owner": "ann",
    "people": ["U0ANN", "S0ONCALL"],
    "alerts": 7,
}


@pytest.mark.parametrize(
    ("why", "says"),
    [("critical", "Critical by now"), ("again", "Fires again after all was quiet")],
)
def test_it_says_what_is_worse_and_to_whom(why: str, says: str) -> None:
    """In words, with those whom the route names and who owns it."""
    rendered = render("flare", {**FLARE, "why": why})
    check(render("flare", {**FLARE, "people": []}))
    said = "\n".join(texts(rendered))

    assert f"{says}: *5xx on /feed* <@U0ANN> <!subteam^S0ONCALL>" in said
    assert "error · feed · 7 alerts · owner ann" in said


@given(HOSTILE)
def test_a_hostile_title_pings_nobody(title: str) -> None:
    """What a sender wrote is words alone."""
    check(render("flare", {**FLARE, "title": title, "service": title, "people": []}))
