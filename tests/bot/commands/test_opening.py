"""``/ops open``: a task from words, once."""

import asyncio

import pytest

from policy.scope import Scope
from storage.steps import Step
from tests.bot.world import Bot
from tests.conftest import Scopes


async def test_a_task_is_opened(slack_bot: Bot) -> None:
    """With service and title from the words, in its route's channel."""
    said = await slack_bot.command("open discourse: replies are slow")
    [row] = await slack_bot.rows("SELECT * FROM tasks")

    assert "Opened task `" in said
    assert "<#C0RELIABILITY>" in said
    assert ("discourse", "discourse: replies are slow", "U0OPERATOR") == (
        row["service"],
        row["title"],
        row["opened_by"],
    )


async def test_what_slack_escapes_is_kept_as_it_was_typed(slack_bot: Bot) -> None:
    """Slack sends these three signs as entities."""
    await slack_bot.command("open feed: 5xx &gt; 10 % &amp; rising")
    [row] = await slack_bot.rows("SELECT title FROM tasks")

    assert "feed: 5xx > 10 % & rising" == row["title"]


async def test_a_command_delivered_twice_opens_one_task(slack_bot: Bot) -> None:
    """Slack's repeat has the same trigger."""
    said = await slack_bot.command("open replies are slow")
    again = await slack_bot.command("open replies are slow")

    assert said.replace("Opened task", "Opened already: task") == again
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


@pytest.mark.parametrize(
    ("words", "user", "seconds", "count"),
    [
        ("replies are slow", "U0OPERATOR", 0, 1),
        ("replies are slower", "U0OPERATOR", 0, 2),
        ("replies are slow", "U0SECOND", 0, 2),
        ("replies are slow", "U0OPERATOR", 120, 2),
    ],
)
async def test_what_is_typed_again_is_opened_once(
    slack_bot: Bot, words: str, user: str, seconds: float, count: int
) -> None:
    """The same words of the same person, a moment later: they were not answered."""
    await slack_bot.command("open replies are slow")
    slack_bot.database.clock.move(seconds=seconds)
    await slack_bot.command(f"open {words}", trigger_id="t2", user_id=user)

    assert count == len(await slack_bot.rows("SELECT id FROM tasks"))


async def test_what_was_closed_is_opened_anew(slack_bot: Bot) -> None:
    """It happens again, and there is nobody looking."""
    said = await slack_bot.command("open replies are slow")
    await slack_bot.command(f"close {said.split('`')[1]}", trigger_id="t2")
    again = await slack_bot.command("open replies are slow", trigger_id="t3")

    assert "Opened task" in again
    assert said != again


async def test_two_at_once_open_one(slack_bot: Bot) -> None:
    """The second waits for the first, which is not stored yet."""
    async with asyncio.TaskGroup() as group:
        asked = [
            group.create_task(slack_bot.command("open feed: slow", trigger_id=str(one)))
            for one in range(5)
        ]

    assert 1 == len({one.result().split("`")[1] for one in asked})
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


async def test_opening_nothing_says_how(slack_bot: Bot) -> None:
    """An example instead of an error."""
    assert "Say what is wrong" in await slack_bot.command("open")


@pytest.mark.parametrize("text", ["a\0b", "<!channel> now", "\u202egnorw", "x" * 3000])
async def test_odd_words_open_a_task_all_the_same(slack_bot: Bot, text: str) -> None:
    """Whatever is typed, the person is answered."""
    said = await slack_bot.command(f"open {text}")

    assert "Opened task `" in said
    assert ("say the rest in its thread" in said) is (len(text) > 300)


async def opened_in(bot: Bot, scope: Scope) -> list[tuple[str, str | None]]:
    async with bot.database("worker").transaction(scope, Step.look) as tx:
        rows = await tx.rows("SELECT title, service FROM tasks", {})
    return [(row["title"], row["service"]) for row in rows]


@pytest.mark.parametrize(
    ("words", "where", "service"),
    [
        ("feed: slow", "prod", "feed"),
        ("dev feed: slow", "dev", "feed"),
        ("Prod is down", "prod", None),
    ],
)
async def test_it_is_opened_in_the_named_one_and_by_default_in_production(
    slack_bot: Bot, scopes: Scopes, words: str, where: str, service: str | None
) -> None:
    """Not in what comes first in the alphabet."""
    others = [await scopes("acme", name) for name in ("dev", "prod")]
    for one in others:
        await slack_bot.connect_also(one)
    said = await slack_bot.command(f"open {words}")
    found = {one.environment: await opened_in(slack_bot, one) for one in others}

    assert f"({where})" in said
    assert {"dev": [], "prod": [], where: [(words, service)]} == found


async def test_what_is_not_connected_opens_nothing(slack_bot: Bot) -> None:
    """Trouble in prod is not looked for in staging."""
    said = await slack_bot.command("open prod feed: slow")

    assert "prod is not connected to this workspace; staging is" in said
    assert [] == await slack_bot.rows("SELECT id FROM tasks")
