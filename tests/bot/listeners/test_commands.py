"""The slash command: who asks, of which workspace, answered for their eyes alone."""

import pytest

from tests.bot.world import Bot


async def test_another_workspace_sees_nothing(slack_bot: Bot) -> None:
    """An unknown team is told that it is not connected."""
    await slack_bot.task()
    said = await slack_bot.command("task", team_id="T0NOBODY")

    assert "not connected" in said


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 8000, "<@U0OPERATOR>"])
async def test_whatever_is_typed_is_answered(slack_bot: Bot, text: str) -> None:
    """In words, and without harm."""
    said = await slack_bot.command(text)

    assert said
    assert "<@" not in said
