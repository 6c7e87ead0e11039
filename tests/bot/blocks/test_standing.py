"""A decided card says who decided, when and why, in every state."""

import pytest

from bot.blocks.card import render_card
from bot.blocks.card_actions import ADMIN_PAGE, EVIDENCE
from tests.bot.blocks.facts import CARD, buttons, check, texts

AT = 1_700_000_000
VOTE = {
    "person": "operator",
    "verdict": "approve",
    "comment": "traffic is low now",
    "created_at": "2023-11-14T22:13:20+00:00",
}


def said(state: str, **more: object) -> str:
    card = render_card({**CARD, "state": state, "moved_at": AT, **more})
    check(card)
    return "\n".join(texts(card))


@pytest.mark.parametrize(
    "state", ["approved", "executing", "verifying", "succeeded", "failed"]
)
def test_an_approval_says_who_when_and_why(state: str) -> None:
    """In the reader's own zone, and in the approver's own words."""
    shown = said(state, votes=[VOTE])

    assert f"*operator* <!date^{AT}^" in shown
    assert "*operator*: traffic is low now" in shown


@pytest.mark.parametrize(
    "state",
    ["rejected", "expired", "superseded", "withdrawn", "carried_out", "undone"],
)
def test_every_end_says_when(state: str) -> None:
    assert f"<!date^{AT}^" in said(state, closed_by="ann", closed_reason="r")


def test_a_draft_says_what_its_person_did() -> None:
    """The note that was given with Mark done."""
    reason = "Ann carried it out: replaced the disk"

    assert "replaced the disk" in said("carried_out", closed_reason=reason)


@pytest.mark.parametrize("state", ["drafted", "outcome_unknown"])
def test_where_a_person_acts_on_the_evidence_it_opens(state: str) -> None:
    """Nothing opens where nothing is cited, or nothing is left to do."""
    cites = {**CARD, "state": state, "evidence_ids": ["e1"]}
    none = {**cites, "evidence_ids": []}
    done = {**cites, "state": "rejected"}

    assert [True, False, False] == [
        EVIDENCE in buttons(render_card(one)) for one in (cites, none, done)
    ]


@pytest.mark.parametrize("state", ["drafted", "outcome_unknown"])
def test_where_a_person_has_to_look_the_admin_page_opens(state: str) -> None:
    """On cards that the autopilot can't carry out or tell of; on no other."""
    estimate = {"title": "x", "admin_page": "https://flags.example/f/new_ranker"}
    asked = render_card({**CARD, "state": state, "estimate": estimate})
    open_one = render_card({**CARD, "estimate": estimate})

    assert ADMIN_PAGE in buttons(asked)
    assert ADMIN_PAGE not in buttons(open_one)
