"""Shortcuts open a form, and the form a task."""

from typing import Any

import pytest

from bot.blocks.opening import OPEN_CALLBACK
from bot.listeners.shortcuts import OPEN, TRIAGE
from tests.bot.workspace import SlackWorld
from tests.bot.world import OPERATOR, TEAM, Bot, submission
from tests.conftest import Scopes

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
    assert "Opened already: task `" in again.text
    assert ("discourse", "replies are slow: since noon") == (
        task["service"],
        task["title"],
    )


async def test_too_many_words_keep_the_form_open(slack_bot: Bot) -> None:
    """Nothing is cut that a person wrote; nothing is opened before it fits."""
    long = VALUES | {"more": {"value": {"value": "x" * 300}}}
    answer = await slack_bot.interact(submission(OPEN_CALLBACK, "", long))

    assert ("errors", ["more"]) == (
        answer.json()["response_action"],
        list(answer.json()["errors"]),
    )
    assert [] == await slack_bot.rows("SELECT id FROM tasks")


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


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ({"text": "p99 &gt; 2 s &amp; rising"}, "p99 > 2 s & rising"),
        (
            {
                "text": "",
                "attachments": [{"title": "[FIRING] 5xx", "text": "discourse"}],
            },
            "[FIRING] 5xx discourse",
        ),
        ({"text": "", "attachments": [{"fallback": "disk full"}]}, "disk full"),
    ],
)
async def test_a_message_s_words_are_in_the_form(
    slack_bot: Bot, lab: SlackWorld, message: dict[str, object], title: str
) -> None:
    """As they are read; what integrations post stands in attachments alone."""
    channel = {"id": "C0RELIABILITY"}
    trigger = lab.workspace_here.triggers.issue(OPERATOR, now=lab.clock())
    body = used(TRIAGE, type="message_action", channel=channel, message=message)
    await slack_bot.interact(body | {"trigger_id": trigger})
    opened = lab.workspace_here.views.top(OPERATOR)
    assert opened is not None
    first: Any = opened.body["blocks"]

    assert title == first[0]["element"].get("initial_value")


async def test_another_workspace_opens_nothing(slack_bot: Bot) -> None:
    """It is told that it is not connected."""
    body = submission(OPEN_CALLBACK, "", VALUES) | {"team": {"id": "T0OTHER"}}
    answer = await slack_bot.interact(body)

    assert "not connected" in answer.text


async def test_of_several_environments_the_form_asks(
    slack_bot: Bot, lab: SlackWorld, scopes: Scopes
) -> None:
    """Production is proposed; the task is opened in what was chosen."""
    for name in ("dev", "prod"):
        await slack_bot.connect_also(await scopes("acme", name))
    trigger = lab.workspace_here.triggers.issue(OPERATOR, now=lab.clock())
    await slack_bot.interact(used(OPEN, trigger_id=trigger))
    opened = lab.workspace_here.views.top(OPERATOR)
    assert opened is not None
    state = opened.body["state"]["values"]["environment"]["value"]
    chosen = {"environment": {"value": {"selected_option": {"value": "staging"}}}}
    answer = await slack_bot.interact(submission(OPEN_CALLBACK, "", VALUES | chosen))

    assert "prod" == state["selected_option"]["value"]
    assert "(staging)" in answer.text
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


@pytest.mark.parametrize("others", [("dev", "prod"), ("canary",)])
async def test_a_form_without_a_choice_opens_nothing_where_there_are_several(
    slack_bot: Bot, scopes: Scopes, others: tuple[str, ...]
) -> None:
    """It was made while nobody could look them up: none is guessed, words stay."""
    for name in others:
        await slack_bot.connect_also(await scopes("acme", name))
    answer = await slack_bot.interact(submission(OPEN_CALLBACK, "", VALUES))

    assert "please open it anew" in answer.json()["errors"]["more"]
    assert [] == await slack_bot.rows("SELECT 1 FROM tasks")
