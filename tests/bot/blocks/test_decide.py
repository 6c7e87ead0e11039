"""A card as a modal."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.decide import (
    DECIDE_CALLBACK,
    TARGETS,
    decide_all_view,
    decide_view,
)
from bot.blocks.modals import reject_view
from bot.blocks.text import mapping_of
from lab.slack.view_rules import check_view
from orchestrator.folding import MOST_ALIKE
from tests.bot.blocks.facts import CARD, HOSTILE, check_view_texts


def test_a_decision_is_bound_to_what_is_shown() -> None:
    """Before and after, the risk, what it needs; and no button of a message's."""
    view = check_view(decide_view(CARD, "id.digest"))
    said = json.dumps(view, ensure_ascii=False)

    assert (DECIDE_CALLBACK, "id.digest") == (
        view["callback_id"],
        view["private_metadata"],
    )
    for expected in ("on, 50 % of users", "risk *medium*", "reliability-oncall"):
        assert expected in said
    assert "proposal:approve" not in said


@pytest.mark.parametrize("state", ["approved", "rejected", "outcome_unknown"])
def test_what_is_decided_can_t_be_decided(state: str) -> None:
    """The modal says where it stands, and has nothing to submit."""
    view = check_view(decide_view({**CARD, "state": state}, "id.digest"))

    assert state.replace("_", " ") in json.dumps(view)
    assert "submit" not in view


def test_alike_cards_have_a_toggle_each() -> None:
    """Each is shown whole, none is chosen yet, and each is bound to its own digest."""
    cards = [{**CARD, "proposal_id": str(one), "digest": f"d{one}"} for one in (1, 2)]
    view = check_view(decide_all_view(cards))
    [toggles] = [one for one in view["blocks"] if one.get("block_id") == TARGETS]
    said = json.dumps(view, ensure_ascii=False)

    assert ["1.d1", "2.d2"] == [one["value"] for one in toggles["element"]["options"]]
    assert "1.d1 2.d2" == view["private_metadata"]
    assert "initial_options" not in toggles["element"]
    assert (2, 2) == (said.count("before  *on"), said.count("risk *medium*"))


def test_evidence_is_opened_from_the_modal() -> None:
    """Else a decision from Home would count as unread, whatever was read."""
    for view in (decide_view(CARD, "id.digest"), decide_all_view([CARD, CARD])):
        assert '"proposal:evidence"' in json.dumps(check_view(view))
    bare = check_view(decide_view({**CARD, "evidence_ids": []}, "id.digest"))

    assert '"proposal:evidence"' not in json.dumps(bare)


def test_no_grant_is_told_where_no_button_gives_it() -> None:
    """The card in its thread has one."""
    offered = {**CARD, "grant_offer": {"minutes": 30, "most": 3, "service": "feed"}}
    view = check_view(decide_view(offered, "id.digest"))

    assert "without asking" not in json.dumps(view)


@given(HOSTILE)
def test_ten_hostile_cards_make_a_harmless_modal(words: str) -> None:
    """As many as are ever folded, within Slack's limits."""
    estimate = dict.fromkeys(("title", "before", "after", "text", "cost"), words)
    card = {**CARD, "estimate": estimate, "because": words, "uncited": [words]}
    cards = [{**card, "proposal_id": str(UUID(int=one))} for one in range(MOST_ALIKE)]

    check_view_texts(check_view(decide_all_view(cards)))


@given(HOSTILE, st.sampled_from(["needs_approval", "rejected"]))
def test_hostile_cards_make_a_harmless_modal(words: str, state: str) -> None:
    """What tools, agents and senders wrote, and what the model claims."""
    card = {
        **CARD,
        "state": state,
        "estimate": dict.fromkeys(("title", "before", "after", "text", "cost"), words),
        "undo": {"text": words},
        "because": words,
        "uncited": [words],
        "risk_factors": [words],
        "roles": [words],
        "rule": words,
        "reason_code": words,
        "edited_by": words,
        "diff": {words: {"before": words, "after": words}},
        "votes": [{"verdict": "approve", "person": words}],
    }

    check_view_texts(check_view(decide_view(card, "id.digest")))


def test_ten_long_answers_make_a_modal_that_slack_takes() -> None:
    """Each of them to its last word."""
    lines = [f"Line {number}: {'word ' * 15}" for number in range(45)]
    texts = {"Comment": "\n".join([*lines, "the last word"])[-4000:]}
    cards = [
        {**CARD, "proposal_id": UUID(int=number), "prose": texts, "tool": "answer"}
        for number in range(MOST_ALIKE)
    ]
    view = check_view(decide_all_view(cards))
    said = json.dumps(view, ensure_ascii=False)

    assert MOST_ALIKE == said.count("the last word")


def test_no_reason_is_chosen_for_anybody() -> None:
    """It goes into the record of who rejected: a preset would be nobody's word."""
    asked = [
        block
        for view in (reject_view("v"), decide_view(CARD, "v"))
        for block in view["blocks"]  # type: ignore[attr-defined]
        if block.get("block_id") == "reason"
    ]

    assert [False, True] == [one.get("optional", False) for one in asked]
    assert not any("initial_option" in one["element"] for one in asked)


def test_nobody_approves_in_a_modal_what_is_cut_there() -> None:
    """One card, or some alike: what they are told leads to where all of it stands."""
    estimate = {**mapping_of(CARD["estimate"]), "after": "x" * 950}
    card = {**CARD, "estimate": estimate}
    for view in (decide_view(card, "m"), decide_all_view([card, card])):
        said = json.dumps(view)

        assert '"value": "approve"' not in said
        assert '"value": "reject"' in said
        assert "`autopilot approve` in a terminal" in said
    assert '"value": "approve"' in json.dumps(decide_view(CARD, "m"))
