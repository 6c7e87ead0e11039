"""What is read of Slack's payloads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.listeners.payload import is_in_modal, read_click, read_submission
from tests.bot.world import TEAM, click, submission

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = ("actions", "container", "user", "team", "channel", "trigger_id", "view")


def test_a_click_is_read() -> None:
    """Team, person, place, value and trigger."""
    found = read_click(click("v"))

    assert (TEAM, "U0OPERATOR", "C0RELIABILITY", "1.2", "v", "t1") == (
        found.team_id,
        found.user,
        found.channel,
        found.message_ts,
        found.value,
        found.trigger_id,
    )


def test_a_delivery_has_one_id() -> None:
    """The trigger, which differs from delivery to delivery, is no part of it."""
    first = read_click(click("v"))
    again = read_click(click("v", trigger_id="t2"))
    other = read_click(click("w"))

    assert first.delivery_id == again.delivery_id
    assert first.delivery_id != other.delivery_id


def test_a_submission_has_one_id() -> None:
    """View and hash name it; an edited view is another."""
    first = read_submission(submission("c", "m", {}))
    other = submission("c", "m", {})
    other["view"]["hash"] = "h2"  # type: ignore[index]

    assert first.delivery_id == read_submission(submission("c", "m", {})).delivery_id
    assert first.delivery_id != read_submission(other).delivery_id


def test_a_form_that_was_changed_says_something_else() -> None:
    """It stayed open because nobody knew if it was stored: approve is no reject."""
    ids = [
        read_submission(
            submission("c", "m", {"verdict": {"value": {"value": said}}})
        ).delivery_id
        for said in ("approve", "reject", "approve")
    ]

    assert ids[0] == ids[2] != ids[1]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_payload_is_read(body: dict[str, object]) -> None:
    """Missing and odd fields become empty text, and no error."""
    assert 64 == len(read_click(body).delivery_id)
    assert 64 == len(read_submission(body).delivery_id)


@pytest.mark.parametrize(
    ("view", "is_one"),
    [({"type": "modal"}, True), ({"type": "home"}, False), ({}, False)],
)
def test_a_modal_is_told_from_a_home(view: dict[str, str], *, is_one: bool) -> None:
    """On a modal another view is pushed; from a Home one is opened."""
    assert is_one is is_in_modal({"view": view})


@pytest.mark.parametrize(
    ("where", "channel", "kind"),
    [
        ({"is_ephemeral": True, "thread_ts": "1.1"}, "C1", "answer"),
        ({"is_ephemeral": False}, "D1", "answer"),
        ({"is_ephemeral": False, "thread_ts": "1.1"}, "C1", None),
    ],
)
def test_a_click_in_an_answer_has_an_origin(
    where: dict[str, object], channel: str, kind: str | None
) -> None:
    """Its own message, if it is for one person alone; none in a channel's thread."""
    body = click("v", container=where, channel={"id": channel}, response_url="u")
    body["actions"][0]["block_id"] = "decide:1 4d2ec69e 8f21aa00"  # type: ignore[index]
    found = read_click(body).origin

    assert kind == (found.kind if found else None)
    if found:
        assert (TEAM, channel, "u", 3.4, ("4d2ec69e", "8f21aa00")) == (
            found.team,
            found.channel,
            found.url,
            found.at,
            found.others,
        )
