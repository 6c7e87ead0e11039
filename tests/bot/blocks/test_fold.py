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


def test_what_no_card_holds_is_approved_where_it_is_shown() -> None:
    """It is named, and nothing of it is decided unseen."""
    made = cards(10, "&" * 100)
    for at, one in enumerate(made):
        one["estimate"] |= {"text": "&" * 400, "cost": "&" * 400}
        one["prose"] = {"Comment": "&" * 400}
        one["votes"] = [{"person": f"{at} " + "&" * 300, "verdict": "approve"}]
    shown = render("fold", {"cards": made})
    check(shown)
    words = "\n".join(texts(shown))

    assert [EACH] == buttons(shown)
    assert all(f"{at}. " in words for at in range(1, 11))
    assert "Each whole" in words


def test_a_text_for_people_is_shown_whole_or_not_approved_here() -> None:
    """Once where all have the same, else with each; what is longer is only named."""
    end = "refund it to the account of somebody else"
    said = f"Dear reporter, {'we are sorry. ' * 40}{end}"
    alike = cards(3)
    for one in alike:
        one["prose"] = {"Comment": said}
    unlike = [
        {**one, "prose": {"Comment": f"{at} {said}"}} for at, one in enumerate(alike)
    ]
    longer = [{**one, "prose": {"Comment": said * 4}} for one in alike]
    shown = [render("fold", {"cards": one}) for one in (alike, unlike, longer)]
    words = ["\n".join(texts(one)) for one in shown]
    for card in shown:
        check(card)

    assert (1, 3) == (words[0].count(end), words[1].count(end))
    assert APPROVE in buttons(shown[0])
    assert APPROVE in buttons(shown[1])
    assert [EACH] == buttons(shown[2])


@pytest.mark.parametrize("line", ["<b>&</b>\n", "&&&&&&&&", "\n", "a\n"])
def test_a_text_that_grows_as_it_is_escaped_is_not_approved_unseen(line: str) -> None:
    """Whatever is offered with Approve holds no "more"."""
    for count in (50, 100, 200, 220, 249):
        made = [{**one, "prose": {"Comment": line * count}} for one in cards(2)]
        shown = render("fold", {"cards": made})
        check(shown)
        if APPROVE in buttons(shown):
            assert "signs more" not in "\n".join(texts(shown))


@pytest.mark.parametrize("field", ["before", "after", "text", "cost", "title"])
def test_what_would_run_is_never_cut(field: str) -> None:
    """Ten with so much to say are named, and approved where each is whole."""
    made = cards(10)
    for one in made:
        one["estimate"] |= {field: f"{'x' * 250} the end"}
    few, many = (render("fold", {"cards": one}) for one in (made[:3], made * 4))
    words = "\n".join(texts(few))

    assert 3 == words.count("the end")
    assert APPROVE in buttons(few)
    assert [EACH] == buttons(many)


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


def test_claims_that_differ_late_are_each_one_s_own() -> None:
    """No target is told by what is claimed of another."""
    same = "Every route of the service fails alike, and with fewer requests it can " * 3
    found = cards(2)
    found[0]["because"] = f"{same} recover: evidence for A is strong"
    found[1]["because"] = f"{same} recover: evidence for B is weak, a guess"
    said = "\n".join(texts(render("fold", {"cards": found})))

    assert "evidence for A is strong" not in said
    assert 2 == said.count("because")


def test_a_text_that_would_be_sent_is_shown_of_each() -> None:
    """Its beginning; Each whole shows the rest."""
    found = cards(2)
    for number, one in enumerate(found):
        one["prose"] = {"Comment": f"Answer {number}, with regards"}
    said = "\n".join(texts(render("fold", {"cards": found})))

    assert "Answer 0, with regards" in said
    assert "Answer 1, with regards" in said


def test_what_is_claimed_alike_is_said_once() -> None:
    """Though each has a summary of its own, which is not what is shown."""
    found = cards(3)
    for number, one in enumerate(found):
        one["because"], one["summary"] = "Every route fails alike", f"route {number}"
    said = "\n".join(texts(render("fold", {"cards": found})))

    assert 1 == said.count("Every route fails alike")
