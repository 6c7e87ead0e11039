"""What is said to the bot: answered once, where it was said."""

import pytest

from bot.listeners.messages import Message
from lab.json_object import JsonObject
from storage.steps import Step
from tests.bot.world import OPERATOR, Bot
from tests.lab.world import CHANNEL, World

DIRECT = "D0OPERATOR"


def said(text: str, **more: object) -> JsonObject:
    event = {"type": "app_mention", "user": OPERATOR, "text": f"<@U0BOT> {text}"}
    return event | {"channel": CHANNEL, "ts": "1700000000.000100"} | more


def direct(text: str, **more: object) -> JsonObject:
    spot = {"type": "message", "channel": DIRECT, "channel_type": "im"}
    return said(text) | spot | {"text": text} | more


async def answers(lab: World, user: str = OPERATOR) -> list[JsonObject]:
    found = (await lab.workspace(user))["messages"]
    assert isinstance(found, list)
    return [one for one in found if one["user"] == "U0AUTOPILOT"]


async def test_a_mention_is_answered_for_its_person_alone(
    slack_bot: Bot, lab: World
) -> None:
    """With the words of the command."""
    await slack_bot.task(title="5xx on /feed")
    await slack_bot.event(said("tasks"))
    [answer] = await answers(lab)

    assert "5xx on /feed" in answer["text"]
    assert answer["ephemeral"]
    assert [] == await answers(lab, "U0SECOND")


async def test_a_direct_message_is_answered_in_its_place(
    slack_bot: Bot, lab: World
) -> None:
    """Nobody else sees it."""
    await slack_bot.event(direct("help"))
    [answer] = await answers(lab)

    assert (DIRECT, False) == (answer["channel"], answer["ephemeral"])
    assert not answer["unfurls"]
    assert "/ops open" in answer["text"]


async def test_what_comes_twice_is_answered_once(slack_bot: Bot, lab: World) -> None:
    """Slack repeats events, and tells some as mention and as message."""
    for event in (said("open it burns"), said("open it burns")):
        await slack_bot.event(event)

    assert 1 == len(await answers(lab))
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


async def test_what_is_said_in_a_thread_is_about_its_task(
    slack_bot: Bot, lab: World
) -> None:
    """No id needs typing there."""
    task = await slack_bot.task(channel=CHANNEL, title="it burns")
    root = await lab.slack.chat_postMessage(channel=CHANNEL, text="root")
    async with slack_bot.database("courier").transaction(
        slack_bot.scope, Step.look
    ) as tx:
        await tx.change(
            "UPDATE threads SET ts = :ts WHERE task_id = :id",
            {"ts": root["ts"], "id": task.id},
        )
    await slack_bot.event(said("take", thread_ts=root["ts"]))
    [answer] = [one for one in await answers(lab) if one["ephemeral"]]

    assert "It is yours now" in answer["text"]
    assert root["ts"] == answer["thread_ts"]


@pytest.mark.parametrize(
    "event",
    [
        direct("tasks", bot_id="B1"),
        direct("tasks", subtype="message_changed"),
        direct("tasks", channel_type="channel"),
        direct("tasks", user=""),
        {"type": "message", "channel_type": "im"},
    ],
)
async def test_what_nobody_said_to_the_bot_is_left_alone(
    slack_bot: Bot, lab: World, event: JsonObject
) -> None:
    """Bots, edits, channels."""
    answer = await slack_bot.event(event)

    assert 200 == answer.status_code
    assert [] == await answers(lab)


async def test_a_stranger_is_told_so(slack_bot: Bot, lab: World) -> None:
    """And no task is opened."""
    await slack_bot.event(said("open it burns", user="U0GUEST"))
    [answer] = await answers(lab, "U0GUEST")

    assert "has a role in `people.yaml`" in answer["text"]
    assert [] == await slack_bot.rows("SELECT id FROM tasks")


async def test_no_word_of_it_is_kept(slack_bot: Bot) -> None:
    """But that it came, and from whom."""
    await slack_bot.event(said("tasks of ann@example.org"))

    assert "ann@" not in str(await slack_bot.rows("SELECT * FROM inbox"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@U0BOT> tasks", "tasks"),
        ("  <@U0BOT|autopilot>  why 3fa9 ", "why 3fa9"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<@U0BOT>", ""),
    ],
)
def test_words_are_read_as_they_were_typed(text: str, words: str) -> None:
    """Without the name that they begin with, and unescaped once."""
    message = Message.read({"user": "U1", "text": text})

    assert message is not None
    assert words == message.words
