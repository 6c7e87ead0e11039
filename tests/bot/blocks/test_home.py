"""The app's Home: within Slack's limits, whatever it shows."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.answer import answer_line
from bot.blocks.home import (
    ALL,
    ANSWERS,
    CARDS,
    CARDS_NEWER,
    CARDS_OLDER,
    DECIDE,
    MINE,
    NEWER,
    OLDER,
    PAGE,
    Open,
    Shown,
    filters,
    render_home,
    render_stranger,
)
from bot.blocks.overview import Overview, Pending
from lab.json_object import JsonObject
from lab.slack.view_rules import check_view
from tests.bot.blocks.facts import CARD, HOSTILE, check_view_texts
from tests.bot.world import BASE, Bot
from tests.samples import a_task

NOTHING = Overview([], [])
ADDRESS = f"{BASE}archives/C0OPS/p20002?thread_ts=1.0001&cid=C0OPS"


def checked(view: Mapping[str, object]) -> JsonObject:
    return check_view(dict(view), surface="home")


def actions(view: JsonObject) -> list[str]:
    """Give the action ids of every button and select."""
    return [
        element["action_id"]
        for block in view["blocks"]
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if "action_id" in element
    ]


def test_an_empty_home_says_so() -> None:
    """Nothing waits, nothing is open, nothing is frozen."""
    view = checked(render_home(NOTHING, [], Shown(), now=1.0))
    said = json.dumps(view, ensure_ascii=False)

    for expected in ("Nothing waits.", "No freeze, no storm", "Nothing is open."):
        assert expected in said


def test_who_has_no_role_sees_nothing() -> None:
    """Not even how much there is."""
    assert 1 == len(checked(render_stranger())["blocks"])


def test_mine_can_be_decided_and_the_others_be_seen() -> None:
    """A Home holds a page of them."""
    others = {**CARD, "roles": ["legal"]}
    pending = [Pending("3fa94c02", CARD, for_me=True, address="")] * (CARDS - 1)
    pending.append(Pending("8f21aa00", others, for_me=False, address=""))
    seen = Overview(pending, ["🧊 prod is frozen"], every=CARDS)
    view = checked(render_home(seen, [], Shown(), now=1.0))
    said = json.dumps(view, ensure_ascii=False)

    assert CARDS - 1 == actions(view).count(DECIDE)
    assert "for legal" in said
    assert "🧊 prod is frozen" in said
    assert not {CARDS_NEWER, CARDS_OLDER} & set(actions(view))


@pytest.mark.parametrize(
    ("cards", "here", "turns", "said"),
    [
        (0, 10, [CARDS_OLDER], "1 to 10 of 24"),
        (10, 10, [CARDS_NEWER, CARDS_OLDER], "11 to 20 of 24"),
        (20, 4, [CARDS_NEWER], "21 to 24 of 24"),
        (30, 0, [CARDS_NEWER], "Nothing of yours waits."),
    ],
)
def test_cards_turn_both_ways(
    cards: int, here: int, turns: list[str], said: str
) -> None:
    """By themselves, whatever page of tasks is below; alike ones are counted each."""
    one = Pending("3fa94c02", CARD, for_me=True, address="")
    pending = [one] * here
    if here == CARDS:
        pending = [replace(one, alike=(CARD,)), *[one] * (here - 2)]
    seen = Overview(pending, [], every=24)
    view = checked(render_home(seen, [], Shown("mine", 10, cards), now=1.0))

    assert turns == [a for a in actions(view) if a in {CARDS_NEWER, CARDS_OLDER}]
    assert said in json.dumps(view)
    assert Shown("mine", 10, cards) == Shown.read(view["private_metadata"])


def test_a_draft_says_whose_hand_it_waits_for() -> None:
    """There is nothing to decide: its card has Mark done."""
    draft = Pending(
        "3fa94c02", {**CARD, "state": "drafted"}, for_me=True, address=ADDRESS
    )
    view = checked(render_home(Overview([draft], []), [], Shown(), now=1.0))
    said = json.dumps(view, ensure_ascii=False)

    assert "a draft for you: carry it out, then Mark done" in said
    assert f"<{ADDRESS}|" in said
    assert DECIDE not in actions(view)


@pytest.mark.parametrize(
    ("after", "more", "turns"),
    [(0, 0, []), (0, 1, [OLDER]), (10, 0, [NEWER]), (10, 1, [NEWER, OLDER])],
)
async def test_pages_turn_both_ways(
    slack_bot: Bot, after: int, more: int, turns: list[str]
) -> None:
    """Ten at a time; a turn that leads nowhere is not offered."""
    task = await slack_bot.task(title="<!here> it burns")
    found = [Open(task, "")] * (PAGE + more)
    shown = Shown(filter=MINE, after=after)
    view = checked(render_home(NOTHING, found, shown, now=1.0))

    assert turns == [one for one in actions(view) if one in {NEWER, OLDER}]
    assert shown == Shown.read(view["private_metadata"])
    assert "<!here>" not in json.dumps(view)


@pytest.mark.parametrize(
    "metadata", ["", "no json", "[]", '{"filter": "x", "after": -1}', '{"after": "1"}']
)
def test_odd_metadata_is_the_first_page_of_all(metadata: str) -> None:
    """A view of an older release, or a forged one."""
    assert Shown(ALL, 0) == Shown.read(metadata)


def test_no_line_of_a_long_state_is_cut() -> None:
    """A cut would break an instant or a channel's name."""
    lines = [
        f"🧊 tool {n:02} is frozen until <!date^1^{'x' * 100}|…>" for n in range(60)
    ]
    view = checked(render_home(Overview([], lines), [], Shown(), now=1.0))
    said = json.dumps(view, ensure_ascii=False)

    assert [] == [one for one in lines if one not in said]


@given(HOSTILE, st.sampled_from(sorted(filters())), st.sampled_from(["", ADDRESS]))
def test_hostile_words_make_a_harmless_home(
    words: str, chosen: str, address: str
) -> None:
    """Titles and states are written by tools and senders."""
    estimate = {"title": words, "before": words, "after": words, "text": words}
    card = {**CARD, "estimate": estimate, "roles": [words]}
    pending = [
        Pending("3fa94c02", card, for_me=mine, address=address)
        for mine in (True, False)
    ]
    task = a_task(headline=words, takeover_by=words, waits_for=words)
    view = render_home(
        Overview(pending, []), [Open(task, address)] * PAGE, Shown(chosen), now=1.0
    )

    check_view_texts(checked(view))


@pytest.mark.parametrize(
    "shown", [Shown(), Shown("waiting", 20, 10), Shown("safety", 0)]
)
def test_a_modal_knows_the_home_behind_it(shown: Shown) -> None:
    """As one word among others."""
    assert shown == Shown.of_word(shown.word)
    assert len(shown.word.split()) == 1


@pytest.mark.parametrize("word", ["home:x:y", "home:", "home:nothing:1"])
def test_an_odd_word_is_the_first_page_of_all(word: str) -> None:
    found = Shown.of_word(word)

    assert found is not None
    assert "all" == found.filter
    assert Shown.of_word("0190.dd") is None


@pytest.mark.parametrize("char", ["&", "\U0001d4b3", "*"])
def test_as_many_answers_as_stand_are_whole(char: str) -> None:
    """Each with its instant, within a view's limits, above a full page of all else."""
    facts = {"text": char * 500, "about": char * 500, "at": 1_800_000_000}
    estimate = dict.fromkeys(("title", "before", "after", "text"), char * 500)
    card = Pending(
        "3fa94c02", {**CARD, "estimate": estimate}, for_me=True, address=ADDRESS
    )
    task = a_task(headline=char * 500, takeover_by=char * 500)
    view = checked(
        render_home(
            Overview([card] * CARDS, [], every=CARDS + 1),
            [Open(task, ADDRESS)] * (PAGE + 1),
            Shown(),
            now=1.0,
            answers=[answer_line(facts)] * ANSWERS,
            more=3,
        )
    )
    said = json.dumps(view, ensure_ascii=False)

    assert ANSWERS == said.count("<!date^1800000000^{time_secs}|")
    assert "and 3 more, in your messages" in said


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([1_800_000_000.0], "expires <!date^1800000000^"),
        ([1_800_000_000.0, 1_700_000_000.0], "expires <!date^1700000000^"),
        ([None], "expires after 30 min"),
    ],
)
def test_a_card_says_until_when(ends: list[float | None], said: str) -> None:
    """Of those alike when the first ends; of one not shown yet after how long."""
    cards = [{**CARD, "expires_at": at, "expires_in_seconds": 1800} for at in ends]
    alike = tuple(cards[1:])
    one = Pending("4d2ec69e", cards[0], for_me=True, address="", alike=alike)
    view = checked(render_home(Overview([one], []), [], Shown(), now=1.0))

    assert said in json.dumps(view)
