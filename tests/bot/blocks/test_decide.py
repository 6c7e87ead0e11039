"""A card as a modal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.decide import DECIDE_CALLBACK, decide_view
from lab.slack.view_rules import check_view
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
