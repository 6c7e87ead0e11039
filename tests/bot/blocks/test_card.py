"""Cards: the typed params, every state, and no text that can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.card import render_card
from bot.blocks.card_actions import (
    APPROVE,
    CARRIED_OUT,
    EDIT,
    EVIDENCE,
    NO_EFFECT,
    REJECT,
    REVEAL,
    TOOK_EFFECT,
    UNDO,
    WHY,
)
from bot.blocks.render import render
from bot.blocks.what import title_of
from policy.proposal import ProposalState, ReversionState
from tests.bot.blocks.facts import CARD, HOSTILE, buttons, check, texts

# No card is posted in this: it is past before the row.
NEVER_SHOWN = {ProposalState.proposed}
# The states in which a card asks something of a person.
ASKED = {
    ProposalState.needs_approval: [APPROVE, EDIT, REJECT, WHY, EVIDENCE],
    ProposalState.drafted: [CARRIED_OUT, REJECT, EVIDENCE],
    ProposalState.outcome_unknown: [TOOK_EFFECT, NO_EFFECT, UNDO, EVIDENCE],
}
VOTE = {"person": "operator", "verdict": "approve", "comment": "", "created_at": ""}


@pytest.mark.parametrize("state", list(ProposalState))
def test_every_state_renders(state: ProposalState) -> None:
    """Each has words of its own, and buttons only while it can be decided."""
    card = render_card({**CARD, "state": state.value, "votes": [VOTE]})
    check(card)

    assert ASKED.get(state, []) == buttons(card)


@pytest.mark.parametrize(
    "state", [one for one in ProposalState if one not in NEVER_SHOWN]
)
def test_every_state_says_where_it_stands(state: ProposalState) -> None:
    """Nobody has to know our words: the bare name of a state is not shown."""
    last = texts(render_card({**CARD, "state": state.value}))[-1]

    assert state.value != last


def test_a_card_shows_what_is_decided() -> None:
    """Action, before and after, reach, cost, undo, risk, quorum, rule and reason."""
    shown = "\n".join(texts(render_card(CARD)))

    for expected in (
        "Turn flag new_ranker off",
        "on, 50 % of users",
        "2,000 active users of discourse",
        "2,000 users see new_ranker change",
        "restores on, 50 % of users",
        "medium",
        "1 of reliability-oncall",
        "prod-asks",
        "incident_mitigation",
        "2 pieces of evidence cited",
        "its claim, 0.9",
    ):
        assert expected in shown


def test_buttons_are_bound_to_the_digest() -> None:
    """Row and digest go into each button, and nothing else does."""
    [actions] = [b for b in render_card(CARD).blocks if b["type"] == "actions"]
    values = {one["value"] for one in actions["elements"]}  # type: ignore[attr-defined]

    assert {f"{CARD['proposal_id']}.{CARD['digest']}"} == values


def test_the_title_comes_from_params_alone() -> None:
    """What the agent calls it decides nothing of what is shown."""
    lying = {**CARD, "summary": "Make tea", "because": "tea"}

    assert "Turn flag new_ranker off" == title_of(lying)


def test_an_uncited_target_is_marked() -> None:
    """The param's name stands on the card."""
    shown = "\n".join(texts(render_card({**CARD, "uncited": ["flag_key"]})))

    assert "*uncited*: flag_key" in shown


def test_an_edit_shows_its_diff() -> None:
    """Who edited, what it was and what it is."""
    diff = {"rollout_percent": {"before": 0, "after": 10}}
    card = render_card({**CARD, "edited_by": "operator", "diff": diff})

    assert any("operator*: rollout_percent 0 → 10" in one for one in texts(card))


def test_an_edited_instant_is_told_in_the_readers_zone() -> None:
    """Not as it is stored."""
    diff = {"at": {"before": "2026-11-27T05:27:00Z", "after": "2026-11-28T05:27:00Z"}}
    card = render_card({**CARD, "edited_by": "operator", "diff": diff})
    said = "\n".join(texts(card))

    assert 2 == said.count("{date_short_pretty} {time_secs}|")
    assert "05:27:00Z" not in said


@given(
    fields=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            (
                "summary",
                "because",
                "rule",
                "reason_code",
                "edited_by",
                "closed_by",
                "closed_reason",
                "tool",
            ),
            HOSTILE,
        ),
    ),
    lists=st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(HOSTILE, max_size=30)
            for name in ("evidence_ids", "uncited", "risk_factors", "roles")
        },
    ),
    params=st.dictionaries(HOSTILE, HOSTILE, max_size=4),
    state=st.sampled_from(list(ProposalState)),
)
def test_hostile_facts_make_a_harmless_card(
    fields: dict[str, object],
    lists: dict[str, object],
    params: dict[str, object],
    state: ProposalState,
) -> None:
    """Whatever stands in the row: Slack takes the card, and nobody is pinged."""
    estimate = dict.fromkeys(("text", "cost", "before", "after"), "")
    for name, value in zip(estimate, fields.values(), strict=False):
        estimate[name] = str(value)
    facts = {
        **CARD,
        **fields,
        **lists,
        "params": params,
        "estimate": estimate,
        "undo": {"text": estimate["text"]},
        "diff": {"x": {"before": estimate["cost"], "after": estimate["before"]}},
        "votes": [{**VOTE, "person": estimate["after"]}] * 3,
        "execution": {"verification": {"text": estimate["text"]}},
        "state": state.value,
    }

    check(render_card(facts))


DONE = {
    **CARD,
    "state": "succeeded",
    "votes": [VOTE],
    "execution": {"after": {"version": 8}, "verification": {"text": "5xx at 0.3 %"}},
}
REVERSION = {"state": "scheduled", "due_at": 1_800_000_000.0, "reason": ""}


@pytest.mark.parametrize("state", ["succeeded", "failed"])
def test_what_was_carried_out_may_be_undone(state: str) -> None:
    """The button stands on the card of what changed something."""
    assert [UNDO] == buttons(render_card({**DONE, "state": state}))


@pytest.mark.parametrize(
    "changes",
    [
        {"undo": {}},
        {"execution": {"after": None}},
        {"state": "undone"},
        {"undone_by": {"state": "needs_approval"}},
        {"reversion": {**REVERSION, "state": "done"}},
    ],
    ids=["irreversible", "no effect", "undone", "asked already", "reverted"],
)
def test_no_undo_is_offered_where_there_is_none(changes: dict[str, object]) -> None:
    """A button that could only refuse is not shown."""
    card = render_card({**DONE, **changes})
    check(card)

    assert [] == buttons(card)


@pytest.mark.parametrize("state", ["needs_approval", "succeeded"])
def test_what_is_hidden_may_be_asked_for(state: str) -> None:
    """The button stands where a placeholder does, and is bound to the card."""
    hidden = {**CARD, "state": state, "because": "asked by ⟨email:1⟩ ⟨secret⟩"}
    gone = {**CARD, "state": state, "because": "asked with ⟨secret⟩ and ⟨card⟩"}

    assert REVEAL == buttons(render_card(hidden))[-1]
    assert REVEAL not in buttons(render_card(gone))


def test_what_nobody_can_tell_may_be_undone_at_once() -> None:
    """Beside the two words; once an undo is asked for, none of them is offered."""
    lost = {**DONE, "state": "outcome_unknown"}
    asked = {**lost, "undone_by": {"state": "needs_approval"}}

    assert [TOOK_EFFECT, NO_EFFECT, UNDO, EVIDENCE] == buttons(render_card(lost))
    assert [] == buttons(render_card(asked))


def test_a_word_is_not_shown_as_a_measure() -> None:
    """What a person said took effect was verified by nobody."""
    run = {"verification": {"text": "its target reads: off", "attested_by": "ada"}}
    shown = " ".join(texts(render_card({**DONE, "execution": run})))

    assert "says *ada*" in shown
    assert "verified" not in shown


def test_an_undo_that_was_rejected_may_be_asked_again() -> None:
    """Only one that still lives stands in the way."""
    card = render_card({**DONE, "undone_by": {"state": "rejected"}})

    assert [UNDO] == buttons(card)


def test_an_undo_that_nobody_could_tell_of_is_answered_first() -> None:
    """On its own card; another would be refused."""
    card = render_card({**DONE, "undone_by": {"state": "outcome_unknown"}})

    assert "say on its card" in " ".join(texts(card))
    assert UNDO not in buttons(card)


def test_an_undo_has_no_edit() -> None:
    """It restores what was: approve or reject."""
    card = render_card({**CARD, "undoes": "x"})

    assert [APPROVE, REJECT, WHY, EVIDENCE] == buttons(card)
    assert card.text.startswith("Turn flag new_ranker off (undo)")


@pytest.mark.parametrize("state", list(ReversionState))
def test_a_reversion_says_where_it_stands(state: ReversionState) -> None:
    """Each state has words of its own."""
    card = render_card({**DONE, "reversion": {**REVERSION, "state": state.value}})
    check(card)

    assert not any(text == state.value for text in texts(card))


def test_a_card_says_that_it_ends_by_itself() -> None:
    """Before anybody approves."""
    undo = {"params": {"a": 1}, "text": "restores none", "expires_at": 1_800_000_000.0}
    shown = " ".join(texts(render_card({**CARD, "undo": undo})))

    assert "reverts by itself" in shown


def test_a_reminder_names_the_card_and_whom_it_waits_for() -> None:
    """People of the route are pinged; what else looks like one is not."""
    people = ["U0ANN", "S0ONCALL", "<!channel>"]
    reminder = render("reminder", {**CARD, "people": people})
    said = "\n".join(texts(reminder))

    assert "Turn flag new_ranker off* <@U0ANN> <!subteam^S0ONCALL>" in said
    assert "1 of reliability-oncall" in said
    assert "channel" not in said
    assert [] == buttons(reminder)
    assert "pager" not in said


@pytest.mark.parametrize(
    ("after", "said"), [(2.96, " ⚡ 2.9 s after it was shown"), (3.0, ""), (None, "")]
)
def test_a_hasty_vote_is_said(after: float | None, said: str) -> None:
    """Who decides faster than anybody reads is seen by the others."""
    card = {**CARD, "state": "approved", "votes": [{**VOTE, "after_seconds": after}]}
    shown = "\n".join(texts(render("card", card)))

    assert f"Approved by *{VOTE['person']}*{said} · starting" in shown


def test_a_reminder_says_that_the_pager_was_called() -> None:
    paged = "The pager was called: <!channel>"
    said = "\n".join(texts(render("reminder", {**CARD, "paged": paged})))

    assert "📟 The pager was called:" in said
    assert "<!channel>" not in said


def test_a_card_shows_an_answer_that_came_late() -> None:
    """Beside what stands: the person's word and the system's."""
    late = "its system answered after all: it took effect <!channel>"
    card = {**CARD, "state": "failed", "execution": {"late": late}}
    said = "\n".join(texts(render("card", card)))

    assert "⚠️ its system answered after all: it took effect" in said
    assert "<!channel>" not in said


PASSED = {
    "escalated_at": 1_790_000_000.0,
    "next_roles": ["duty-manager"],
    "roles": ["reliability-oncall", "duty-manager"],
}


@pytest.mark.parametrize("state", ["needs_approval", "drafted"])
def test_a_card_says_to_whom_it_went(state: str) -> None:
    """And since when; before it did, nothing."""
    before = "\n".join(texts(render_card({**CARD, "state": state})))
    after = "\n".join(texts(render_card({**CARD, **PASSED, "state": state})))

    assert "passed on" not in before
    assert "passed on to *duty-manager* <!date^1790000000" in after


@pytest.mark.parametrize(
    ("state", "said", "names"),
    [
        ("needs_approval", "Now yours, too", True),
        ("drafted", "to carry it out", True),
        ("approved", "Decided", False),
        ("rejected", "Decided", False),
        ("expired", "Expired", False),
        ("superseded", "Replaced", False),
        ("withdrawn", "Withdrawn", False),
        ("denied", "Refused by policy", False),
    ],
)
def test_who_is_asked_next_is_named_while_it_waits(
    state: str, said: str, *, names: bool
) -> None:
    """What was decided meanwhile pings nobody."""
    facts = {**CARD, **PASSED, "state": state, "people": ["U0SECOND"]}
    shown = render("reminder", {**facts, "escalated": True})
    words = "\n".join(texts(shown))

    assert said in words
    assert names == ("<@U0SECOND>" in words)
    assert names or said in shown.text


@pytest.mark.parametrize(
    ("vote", "said"),
    [
        ({"after_seconds": 1.0}, "1.0 s after it was shown"),
        ({"evidence_opened": False}, "evidence not opened"),
        ({"worn": True}, "by habit, so one more is needed"),
    ],
)
def test_a_card_says_how_a_vote_came_about(vote: dict[str, object], said: str) -> None:
    """What is known of it; of one that was read nothing."""
    read = {**VOTE, "after_seconds": 40.0, "evidence_opened": True, "worn": False}
    shown = [
        "\n".join(texts(render_card({**CARD, "state": "approved", "votes": [one]})))
        for one in (read, {**read, **vote})
    ]

    assert [False, True] == [said in one for one in shown]


def test_what_is_asked_once_more_says_why() -> None:
    """In the message that pings, and on the card itself."""
    anew = {**CARD, "asked_at": 1_700_000_000.0, "closed_reason": "two must approve"}
    pinged = render(
        "reminder", {**anew, "people": ["U0ONCALL"], "asked_anew": "a grant ended"}
    )
    words = "\n".join(texts(pinged))

    assert "Asked once more" in words
    assert "a grant ended" in words
    assert "two must approve" in "\n".join(texts(render("card", anew)))


def test_what_would_be_written_for_people_is_shown() -> None:
    """Quoted; a hidden value in it can be asked for."""
    prose = {"Comment": "We know of it.\nWrite to ⟨email:1⟩."}
    card = render_card({**CARD, "prose": prose, "state": "drafted"})
    check(card)
    said = "\n".join(texts(card))

    assert "Comment:\n&gt; We know of it.\n&gt; Write to ⟨email:1⟩." in said
    assert REVEAL in buttons(card)


@given(HOSTILE)
def test_hostile_prose_makes_a_harmless_card(text: str) -> None:
    check(render_card({**CARD, "prose": {"Comment": text}}))
