"""Verbs that are not built yet."""

import pytest

from bot.commands import later
from bot.commands.command import Asked, Command, Needs

ASKED = Asked("", "U0NOBODY", None, [], "k")


@pytest.mark.parametrize("command", later.commands(), ids=lambda one: one.verb)
async def test_each_says_so_to_anybody(command: Command) -> None:
    """In one line, and does nothing."""
    said = await command.run(ASKED)

    assert Needs.nothing is command.needs
    assert 1 == len(said.text.splitlines())
