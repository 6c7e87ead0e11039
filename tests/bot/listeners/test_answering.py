"""A person is told what came of a click, or Slack marks the button."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.blocks.decide import DECIDE_CALLBACK, decide_all_view, decide_view
from bot.blocks.edit_review import CONFIRM_CALLBACK
from bot.blocks.modals import (
    CLOSE_CALLBACK,
    DONE_CALLBACK,
    EDIT_CALLBACK,
    REJECT_CALLBACK,
    close_view,
    done_view,
    edit_view,
    reject_view,
)
from bot.blocks.opening import OPEN_CALLBACK, open_view
from bot.identity import NotHere
from bot.listeners.answering import NOT_STORED, Shown, answered
from bot.listeners.payload import Click
from bot.web import Rules, create_app
from lab.slack.view_rules import check_view
from storage.database import connect
from storage.errors import DatabaseUnreachable
from tests.bot.blocks.test_fold import cards
from tests.bot.conftest import settings
from tests.bot.world import Bot, submission, value_of
from tests.lab.world import CHANNEL, OPERATOR, World

CLICK = Click("T1", OPERATOR, CHANNEL, "1.2", "", "v", "", "t", "d")


async def told(lab: World) -> list[str]:
    found = (await lab.workspace(OPERATOR))["messages"]
    assert isinstance(found, list)
    return [one["text"] for one in found if one["ephemeral"]]


def refusal(code: str) -> SlackApiError:
    return SlackApiError("no", {"error": code})  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NotHere("not one of ours"), "not one of ours"),
        (DatabaseUnreachable("away"), NOT_STORED),
        (aiohttp.ClientError("reset"), "Please click again"),
        (TimeoutError(), "Please click again"),
        (refusal("expired_trigger_id"), "expired_trigger_id"),
    ],
)
async def test_why_it_can_t_be_done_is_said(
    lab: World, error: Exception, text: str
) -> None:
    """Each of our own and of Slack's troubles."""

    async def fail() -> str:
        raise error

    await answered(CLICK, lab.slack, fail)
    [said] = await told(lab)

    assert text in said


async def test_what_it_gives_is_said_and_silence_is_not(lab: World) -> None:
    """A stored click is answered by its card."""

    async def speak() -> str:
        return "done"

    async def be_still() -> None:
        return None

    await answered(CLICK, lab.slack, speak)
    await answered(CLICK, lab.slack, be_still)

    assert ["done"] == await told(lab)


async def test_who_can_t_be_told_is_told_by_slack(lab: World) -> None:
    """No 200 goes out, so that the button is marked."""

    async def speak() -> str:
        return "done"

    gone = Click("T1", "U0GONE", CHANNEL, "1.2", "", "v", "", "t", "d")
    with pytest.raises(SlackApiError):
        await answered(gone, lab.slack, speak)


async def test_in_a_modal_it_is_said_on_top(lab: World) -> None:
    """It has no channel; and where Slack takes no view it marks the button."""

    async def speak() -> str:
        return "done"

    with pytest.raises(SlackApiError):
        await answered(replace(CLICK, channel="", in_modal=True), lab.slack, speak)


async def test_who_is_not_in_the_channel_is_told_directly(lab: World) -> None:
    """Slack whispers to members alone."""

    async def speak() -> str:
        return "done"

    await lab.post("/lab/leave", {"user": OPERATOR, "channel": CHANNEL})
    await answered(CLICK, lab.slack, speak)
    found = (await lab.workspace(OPERATOR))["messages"]

    assert [("D0OPERATOR", "done")] == [(one["channel"], one["text"]) for one in found]


EDIT = edit_view("t", schema={}, params={}, reason_code="", metadata="m")
# Each form, and the input at which it says that the database is away.
FORMS = {
    EDIT_CALLBACK: ("comment", [EDIT]),
    CONFIRM_CALLBACK: ("comment", [EDIT]),
    REJECT_CALLBACK: ("comment", [reject_view("m")]),
    DECIDE_CALLBACK: (
        "comment",
        [decide_view(cards(1)[0], "m"), decide_all_view(cards(2))],
    ),
    CLOSE_CALLBACK: ("comment", [close_view("m")]),
    DONE_CALLBACK: ("comment", [done_view("m")]),
    OPEN_CALLBACK: ("more", [open_view("")]),
}


@pytest.mark.parametrize("callback", FORMS)
async def test_a_form_stays_while_the_database_is_away(
    bot: Bot, rules: Rules, lab: World, tmp_path: Path, callback: str
) -> None:
    """What was typed is not lost: Slack shows why at an input that the form has."""
    block, views = FORMS[callback]
    gone = connect(f"postgresql://web@/x?host={tmp_path}", bot.database.clock)
    cut_off = replace(bot, app=create_app(settings(), gone, rules, lab.slack))
    typed: dict[str, object] = {block: {"value": {"value": "a page of words"}}}
    answer = await cut_off.interact(submission(callback, value_of(uuid4()), typed))
    await gone.close()
    inputs = [
        {
            one["block_id"]
            for one in check_view(view)["blocks"]
            if one["type"] == "input"
        }
        for view in views
    ]

    assert "errors" == answer.json()["response_action"]
    assert [block] == list(answer.json()["errors"])
    assert all(block in one for one in inputs)


SLOW = {"kind": "slow", "method": "chat.postEphemeral", "count": 1, "seconds": 4}


async def test_what_was_done_is_answered_before_a_slow_slack_is(lab: World) -> None:
    """Slack marks a button after three seconds, though it took effect."""

    async def speak() -> Shown:
        return Shown("done")

    await lab.post("/lab/faults", SLOW)
    await answered(CLICK, lab.slack, speak)

    assert [] == await told(lab)


async def test_an_answer_that_shows_nowhere_else_never_ends_in_silence(
    lab: World,
) -> None:
    """Why, or that nothing was chosen: without a 200 Slack marks the button."""

    async def speak() -> str:
        return "Choose at least one target above; nothing was decided."

    await lab.post("/lab/faults", SLOW)
    with pytest.raises(TimeoutError):
        await answered(CLICK, lab.slack, speak)


async def test_what_was_not_done_gets_no_200_of_a_slow_slack(lab: World) -> None:
    """Nobody is told why, so the button is marked."""

    async def fail() -> str:
        raise DatabaseUnreachable("away")

    await lab.post("/lab/faults", SLOW)
    with pytest.raises(TimeoutError):
        await answered(CLICK, lab.slack, fail)
