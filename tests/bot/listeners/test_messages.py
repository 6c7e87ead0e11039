"""What is said to the bot: answered once, where it was said."""

from collections.abc import Awaitable, Callable

import pytest

from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.registry import Registry
from bot.listeners.messages import Message, Messages
from bot.metrics import new_metrics
from bot.web import Rules
from lab.json_object import JsonObject
from storage.steps import Step
from tests.bot.world import OPERATOR, TEAM, Bot
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


@pytest.mark.parametrize(
    "text",
    [
        "<@U0SECOND> close to a fix, thanks <@U0BOT>",
        "close it, <@U0BOT> has the graph",
        "<@U0SECOND> <@U0BOT> close",
    ],
)
async def test_a_sentence_that_names_us_is_no_command(
    slack_bot: Bot, lab: World, text: str
) -> None:
    """Only what begins with our name is said to us."""
    task = await slack_bot.task(channel=CHANNEL, title="it burns")
    root = await lab.slack.chat_postMessage(channel=CHANNEL, text="root")
    await slack_bot.sent(task.id, "root", root["ts"])
    answer = await slack_bot.event(said("") | {"text": text, "thread_ts": root["ts"]})
    [row] = await slack_bot.rows("SELECT state FROM tasks")

    assert 200 == answer.status_code
    assert "completed" != row["state"]
    assert [] == [one for one in await answers(lab) if one.get("ephemeral")]


async def test_who_is_named_first_is_known_by_slack_s_own_word(
    slack_bot: Bot, lab: World
) -> None:
    """An event that does not say who we are asks for nothing."""
    await slack_bot.event(said("tasks") | {"text": "<@U0OTHER> tasks"})

    assert [] == await answers(lab)


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


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
async def test_words_with_a_file_or_shown_in_the_channel_are_words(
    slack_bot: Bot, lab: World, subtype: str
) -> None:
    """A screenshot beside a question is no reason for silence."""
    await slack_bot.event(direct("tasks", subtype=subtype))
    [answer] = await answers(lab)

    assert "Nothing is open." == answer["text"]


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


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def heard(slack_bot: Bot, rules: Rules, lab: World) -> Callable[..., Awaitable[int]]:
    """Mention one command, which does what it is given; gives the answer's status."""

    async def hear(
        run: Callable[[Asked], Awaitable[Said]], needs: Needs = Needs.act
    ) -> int:
        made = Registry(rules.people, [Command("do", "do", "does", needs, run)])
        messages = Messages(slack_bot.database("web"), new_metrics(), made)
        body: JsonObject = {
            "team_id": TEAM,
            "event": said("do it"),
            "authorizations": [{"user_id": "U0BOT"}],
        }
        response = await messages.mentioned(body, lab.slack)
        return response.status if response else 200

    return hear


async def lease_over(bot: Bot) -> None:
    async with bot.database("worker").transaction(bot.scope, Step.look) as tx:
        await tx.change("UPDATE inbox SET lease_until = now() - interval '1 s'")


def telling(seen: list[str]) -> Callable[[Asked], Awaitable[Said]]:
    async def tell(asked: Asked) -> Said:
        seen.append(asked.key)
        return Said("done")

    return tell


async def dying(asked: Asked) -> Said:
    raise Killed(asked.key)


async def test_what_a_dead_process_left_is_done_when_slack_sends_it_again(
    slack_bot: Bot, lab: World, heard: Callable[..., Awaitable[int]]
) -> None:
    """Once, with the key that it had; till it is known to be dead nobody else does."""
    seen: list[str] = []
    with pytest.raises(Killed):
        await heard(dying)
    early = await heard(telling(seen))
    await lease_over(slack_bot)
    later = [await heard(telling(seen)) for _ in range(2)]
    [answer] = await answers(lab)

    assert (503, [200, 200]) == (early, later)
    assert ["message:C0RELIABILITY:1700000000.000100:do"] == seen
    assert "done" == answer["text"]


async def test_a_freeze_that_broke_off_is_not_done_again(
    slack_bot: Bot, lab: World, heard: Callable[..., Awaitable[int]]
) -> None:
    """Somebody may have thawed since: its person looks."""
    seen: list[str] = []
    with pytest.raises(Killed):
        await heard(dying, Needs.switch)
    await lease_over(slack_bot)
    await heard(telling(seen), Needs.switch)
    [answer] = await answers(lab)

    assert [] == seen
    assert "not known whether it was done" in answer["text"]


async def test_what_nobody_foresaw_is_said_and_not_done_again(
    lab: World, heard: Callable[..., Awaitable[int]]
) -> None:
    """A half-done act is looked at by a person."""
    seen: list[str] = []

    async def failing(asked: Asked) -> Said:
        raise RuntimeError(asked.key)

    statuses = [await heard(failing), await heard(telling(seen))]
    [answer] = await answers(lab)

    assert ([200, 200], []) == (statuses, seen)
    assert "look before you repeat it" in answer["text"]


async def test_what_slack_did_not_take_is_answered_when_it_sends_it_again(
    lab: World, heard: Callable[..., Awaitable[int]]
) -> None:
    """The event gets no 200 for it."""
    fault = {"kind": "http_500", "method": "chat.postEphemeral", "count": 1}
    await lab.post("/lab/faults", fault)
    seen: list[str] = []
    statuses = [await heard(telling(seen)) for _ in range(2)]

    assert [503, 200] == statuses
    assert ["done"] == [one["text"] for one in await answers(lab)]


@pytest.mark.parametrize(
    ("words", "told"),
    [("open feed: slow", "Opened already: task `"), ("take {}", "It is yours now")],
)
async def test_what_was_done_is_said_once_slack_takes_it(
    slack_bot: Bot, lab: World, words: str, told: str
) -> None:
    """Not that it came before: its person has heard nothing yet."""
    task = await slack_bot.task(channel=CHANNEL)
    fault = {"kind": "http_500", "method": "chat.postEphemeral", "count": 1}
    await lab.post("/lab/faults", fault)
    event = said(words.format(task.short_id))
    statuses = [(await slack_bot.event(event)).status_code for _ in range(2)]
    [answer] = await answers(lab)

    assert [503, 200] == statuses
    assert told in answer["text"]
