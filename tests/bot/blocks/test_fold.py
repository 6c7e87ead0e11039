"""A folded card: each target in a line, with a toggle, and one decision each."""

from typing import Any

from hypothesis import given, settings

from bot.blocks.card import button_value
from bot.blocks.fold import APPROVE, EACH, REJECT, TARGETS, read_chosen
from bot.blocks.render import render
from tests.bot.blocks.facts import CARD, HOSTILE, buttons, check, texts


def cards(count: int, title: str = "Throttle GET /") -> list[dict[str, Any]]:
    return [
        {
            **CARD,
            "proposal_id": f"0190a1b2-0000-7000-8000-{one:012}",
            "digest": str(one) * 64,
            "estimate": {"title": f"{title}{one}", "before": "none", "after": "100"},
        }
        for one in range(count)
    ]


def test_several_are_one_card() -> None:
    """Ten fit; each is named, and what they need is said once."""
    shown = render("fold", {"cards": cards(10)})
    check(shown)
    words = "\n".join(texts(shown))

    assert all(f"Throttle GET /{one}" in words for one in range(10))
    assert 1 == words.count("1 of reliability-oncall")
    assert [TARGETS, APPROVE, REJECT, EACH] == buttons(shown)


def test_once_all_are_decided_nothing_is_asked() -> None:
    shown = render("fold", {"cards": []})
    check(shown)

    assert [] == buttons(shown)


def test_what_was_chosen_is_read_from_the_message() -> None:
    """And nothing that was not shown."""
    values = [button_value(one["proposal_id"], one["digest"]) for one in cards(3)]
    options = [{"value": one} for one in (values[2], values[0], "strange")]
    body = {"state": {"values": {"b": {TARGETS: {"selected_options": options}}}}}

    assert [values[0], values[2]] == read_chosen(body, values)
    assert [] == read_chosen({}, values)


@settings(max_examples=20, deadline=None)
@given(HOSTILE)
def test_hostile_titles_make_a_harmless_card(title: str) -> None:
    check(render("fold", {"cards": cards(10, title)}))
