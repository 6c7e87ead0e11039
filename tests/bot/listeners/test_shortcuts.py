"""Shortcuts open a form, and the form a task."""

import pytest

from bot.blocks.opening import OPEN_CALLBACK
from bot.listeners.shortcuts import OPEN, TRIAGE
from tests.bot.world import OPERATOR, TEAM, Bot, submission

VALUES: dict[str, object] = {
    "title": {"value": {"value": "replies are slow"}},
    "service": {"value": {"value": "discourse"}},
    "more": {"value": {"value": "since noon"}},
}


def used(callback: str, user: str = OPERATOR, **more: object) -> dict[str, object]:
    return {
        "type": "shortcut",
        "callback_id": callback,
        "team": {"id": TEAM},
        "user": {"id": user},
        "trigger_id": "t1",
        **more,
    }


async def test_a_form_opens_a_task_once(slack_bot: Bot) -> None:
    """With title and service; Slack's repeat opens no other."""
    sent = submission(OPEN_CALLBACK, "", VALUES)
    first = await slack_bot.interact(sent)
    again = await slack_bot.interact(sent)
    [task] = await slack_bot.rows("SELECT * FROM tasks")

    assert "Opened task `" in first.text
    assert "came before" in again.text
    assert ("discourse", "replies are slow: since noon") == (
        task["service"],
        task["title"],
    )


@pytest.mark.parametrize("user", ["U0GUEST", "U0NOBODY"])
async def test_who_may_not_open_opens_nothing(slack_bot: Bot, user: str) -> None:
    """However the form was come by."""
    body = submission(OPEN_CALLBACK, "", VALUES, user={"id": user})
    answer = await slack_bot.interact(body)

    assert "people with a role" in answer.text
    assert [] == await slack_bot.rows("SELECT id FROM tasks")


@pytest.mark.parametrize(
    "body",
    [
        used(OPEN),
        used(
            TRIAGE,
            type="message_action",
            channel={"id": "C0RELIABILITY"},
            message={"text": "it burns <@U1>", "ts": "1.2"},
        ),
    ],
)
async def test_slack_that_opens_no_form_is_told_by_its_status(
    bot: Bot, body: dict[str, object]
) -> None:
    """There is no Slack behind this bot: no 200, so that Slack marks the shortcut."""
    answer = await bot.interact(body)

    assert 200 != answer.status_code


async def test_another_workspace_opens_nothing(slack_bot: Bot) -> None:
    """It is told that it is not connected."""
    body = submission(OPEN_CALLBACK, "", VALUES) | {"team": {"id": "T0OTHER"}}
    answer = await slack_bot.interact(body)

    assert "not connected" in answer.text
