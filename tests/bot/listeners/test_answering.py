"""A person is told what came of a click, or Slack marks the button."""

from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.identity import NotHere
from bot.listeners.answering import NOT_STORED, answered
from bot.listeners.payload import Click
from storage.errors import DatabaseUnreachable
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
