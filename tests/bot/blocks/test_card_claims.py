"""What a model says is one plain line of its card; what two decide grants nothing."""

import json

import pytest

from bot.blocks.card import render_card
from bot.blocks.card_actions import APPROVE, GRANT
from bot.blocks.decide import decide_all_view, decide_view
from bot.blocks.render import render
from bot.blocks.text import mapping_of
from lab.slack.view_rules import check_view
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
    because = [one for one in lines if one.startswith("because, the agent claims:")]

    assert because
    assert not any(one.startswith(("✅", "needs *0")) for one in lines)
    assert not any("*Policy has checked this*" in one for one in because)


def test_a_card_that_needs_two_offers_no_grant() -> None:
    """Its button would refuse: nobody allows alone what two have to agree on."""
    offer = {"minutes": 30, "most": 3, "service": "feed"}
    alone = {**CARD, "quorum": 1, "grant_offer": offer}

    assert GRANT in buttons(render_card(alone))
    assert GRANT not in buttons(render_card({**alone, "quorum": 2}))


def test_an_owner_by_name_alone_is_told_and_not_pinged() -> None:
    """Their Slack id was not kept when they took the task."""
    shown = render("reminder", {**CARD, "people": ["S0ONCALL"], "owner": "ann <@U1>"})
    said = "\n".join(texts(shown))

    assert "<!subteam^S0ONCALL> · owner ann &lt;@U1&gt;" in said


@pytest.mark.parametrize("state", ["needs_approval", "drafted"])
def test_the_longest_comment_stands_whole(state: str) -> None:
    """What is approved, or carried out by hand, is read to its last word."""
    lines = [f"Line {number}: {'word ' * 15}" for number in range(45)]
    text = "\n".join([*lines, "and we refund you 10,000 EUR"])[-4000:]
    card = render_card({**CARD, "prose": {"Comment": text}, "state": state})
    check(card)
    said = "\n".join(texts(card))

    assert "refund you 10,000 EUR" in said
    assert "signs more" not in said


def test_what_no_message_holds_is_counted() -> None:
    """Of signs that grow as they are escaped."""
    card = render_card({**CARD, "prose": {"Comment": "&" * 4000}, "state": "drafted"})
    check(card)

    assert "signs more: `autopilot audit case` has them" in "\n".join(texts(card))


def test_no_line_of_a_comment_reads_as_the_card_s() -> None:
    """Each is quoted, the one that looks like ours as well."""
    text = "We know.\nneeds *0 of nobody* · rule `none`"
    card = render_card({**CARD, "prose": {"Comment": text}, "state": "drafted"})
    said = "\n".join(texts(card)).split("\n")

    assert all(line.startswith("&gt; ") for line in said if "nobody" in line)


def test_an_edited_long_text_shows_where_it_differs() -> None:
    """Two thousand signs that are the same stand on neither side."""
    same = "same " * 400
    diff = {"body": {"before": f"{same}for free", "after": f"{same}for 9 EUR"}}
    card = render_card({**CARD, "diff": diff, "edited_by": "ann"})
    check(card)
    said = "\n".join(texts(card))

    assert "for free → " in said
    assert "for 9 EUR" in said


def test_a_text_that_is_cut_is_approved_where_it_is_whole() -> None:
    """On Home, whose form takes more than a message; an edit makes it shorter."""
    long = {**CARD, "prose": {"Comment": "&" * 1990 + " the end"}}
    card, form = render_card(long), decide_view(long, "m")
    alike = decide_all_view([long, {**long, "proposal_id": "another"}])
    check(card)
    check_view(json.loads(json.dumps(form)))

    assert APPROVE not in buttons(card)
    assert GRANT not in buttons(card)
    assert "Decide* on the app's Home" in "\n".join(texts(card))
    assert "the end" in str(form["blocks"])
    assert "signs more" not in str(form["blocks"])
    assert "'approve'" in str(form["blocks"])
    assert "'approve'" not in str(alike["blocks"])
    assert APPROVE in buttons(render_card({**CARD, "prose": {"Comment": "x" * 4000}}))


def test_a_long_card_gives_up_claims_first_then_prose() -> None:
    """What would run is said whole as long as anything else can give way."""
    estimate = {**mapping_of(CARD["estimate"]), "cost": "&" * 299, "before": "&" * 299}
    card = render_card(
        {
            **CARD,
            "estimate": estimate,
            "because": ">" * 599,
            "risk_factors": ["<" * 299] * 3,
            "prose": {"Comment": "word " * 1500},
        }
    )
    said = "\n".join(texts(card))

    check(card)
    assert APPROVE not in buttons(card)
    assert "Decide* on the app's Home" in said
    assert 2 == said.count("&amp;" * 299)
    assert "needs  *1 of reliability-oncall*" in said
    assert " more)" in said


def test_what_gives_way_for_length_is_approved_where_it_is_whole() -> None:
    """Though its text for people has room by itself: claims and notes are read, too."""
    estimate = {**mapping_of(CARD["estimate"]), "cost": "&" * 299, "before": "&" * 299}
    long = {
        **CARD,
        "estimate": estimate,
        "because": ">" * 599,
        "risk_factors": ["<" * 299] * 2,
        "prose": {"Comment": "word " * 1150},
    }
    card, form = render_card(long), decide_view(long, "m")

    check(card)
    assert APPROVE not in buttons(card)
    assert "Decide* on the app's Home" in "\n".join(texts(card))
    assert "'approve'" in str(form["blocks"])
    assert "more)" not in str(form["blocks"])
