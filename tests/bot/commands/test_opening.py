"""``/ops open``: a task from words, once."""

import pytest

from tests.bot.world import Bot


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


async def test_a_command_delivered_twice_opens_one_task(slack_bot: Bot) -> None:
    """Slack's repeat has the same trigger."""
    await slack_bot.command("open replies are slow")
    again = await slack_bot.command("open replies are slow")

    assert "came before" in again
    assert 1 == len(await slack_bot.rows("SELECT id FROM tasks"))


async def test_opening_nothing_says_how(slack_bot: Bot) -> None:
    """An example instead of an error."""
    assert "Say what is wrong" in await slack_bot.command("open")


@pytest.mark.parametrize("text", ["a\0b", "<!channel> now", "\u202egnorw", "x" * 3000])
async def test_odd_words_open_a_task_all_the_same(slack_bot: Bot, text: str) -> None:
    """Whatever is typed, the person is answered."""
    said = await slack_bot.command(f"open {text}")

    assert "Opened task `" in said
