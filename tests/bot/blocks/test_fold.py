"""A folded card: each target in a line, with a toggle, and one decision each."""

from typing import Any

import pytest
from hypothesis import given, settings

from bot.blocks.card_actions import EVIDENCE, button_value
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
    assert [TARGETS, APPROVE, REJECT, EACH, EVIDENCE] == buttons(shown)


def test_each_target_says_its_own() -> None:
    """Risk, cost, undo and reach of each, where it would run, and none is cut."""
    made = cards(10, title="Throttle " + "x" * 60)
    for at, one in enumerate(made):
        one["environment"] = "prod"
        one["risk"] = at
        one["undo"] = {"text": f"restores limit {at}"}
        one["estimate"] |= {"cost": f"{at} answers lost", "text": f"{at} people"}
    shown = render("fold", {"cards": made})
    check(shown)
    words = "\n".join(texts(shown))

    assert "in prod" in words
    for at in range(10):
        for said in (f"({at}/10)", f"limit {at}", f"{at} answers lost", f"{at} people"):
            assert said in words


def test_what_is_claimed_of_each_is_said_of_each() -> None:
    """Of all at once only where it is the same."""
    made = cards(3)
    alike = "\n".join(texts(render("fold", {"cards": made})))
    made[1]["because"] = "another reason"
    made[1]["evidence_ids"] = []
    unlike = "\n".join(texts(render("fold", {"cards": made})))

    assert (1, 2) == (alike.count("2 pieces"), unlike.count("2 pieces"))
    assert "another reason" in unlike


def test_evidence_opens_from_it() -> None:
    """Of all targets; where none cites anything there is nothing to open."""
    bare = [{**one, "evidence_ids": []} for one in cards(2)]

    assert EVIDENCE in buttons(render("fold", {"cards": cards(2)}))
    assert EVIDENCE not in buttons(render("fold", {"cards": bare}))


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


@pytest.mark.parametrize("words", ["&" * 400, "<" * 400, "x" * 400])
def test_ten_of_the_longest_fit_into_a_message(words: str) -> None:
    """Whatever is escaped; each with claims of its own, none left out."""
    made = cards(10, words)
    for at, one in enumerate(made):
        one["estimate"] |= {"text": words, "cost": words, "after": words}
        one |= {"undo": {"text": words}, "because": f"{at} {words}"}
    shown = render("fold", {"cards": made})
    check(shown)

    assert all(f"{at}. " in "\n".join(texts(shown)) for at in range(1, 11))


def test_a_target_that_needs_more_people_says_so() -> None:
    """A worn vote raised one: what each still needs is told of each."""
    made = cards(2)
    vote = {
        "person": "operator",
        "verdict": "approve",
        "comment": "",
        "created_at": "x",
    }
    made[1] |= {"quorum": 2, "votes": [vote]}
    shown = render("fold", {"cards": made})
    check(shown)
    words = "\n".join(texts(shown))

    assert "1. needs  *1 of reliability-oncall*" in words
    assert "2. needs  *2 of reliability-oncall* (has 1: *operator*" in words
