"""Which task is meant."""

import pytest

from tests.bot.world import Bot


async def test_an_id_that_is_nearly_right_is_helped(slack_bot: Bot) -> None:
    """The task that begins alike is named."""
    task = await slack_bot.task()
    typed = task.short_id[:7] + ("0" if task.short_id[7] != "0" else "1")
    said = await slack_bot.command(f"task {typed}")

    assert f"Did you mean `{task.short_id}`" in said


@pytest.mark.parametrize("text", ["%", "_", "zz", "' OR 1=1", "0" * 50, "\0"])
async def test_an_odd_id_is_no_task(slack_bot: Bot, text: str) -> None:
    """No pattern, no injection, no error."""
    await slack_bot.task()
    said = await slack_bot.command(f"task x{text}")

    assert "No task `" in said
