"""One command in full."""

import pytest

from bot.commands.command import Asked, Command, Needs, Said
from bot.commands.usage import explain


async def run(_asked: Asked) -> Said:
    return Said("")


@pytest.mark.parametrize("needs", [one for one in Needs if one is not Needs.nothing])
def test_a_command_says_for_whom_it_is(needs: Needs) -> None:
    """In the last line."""
    said = explain(Command("freeze", "freeze [env]", "stops", needs, run))

    assert said.startswith(
        "*`/ops freeze [env]`* stops.\nFor example `/ops freeze prod"
    )
    assert "may" in said.splitlines()[-1] or "role" in said.splitlines()[-1]


def test_one_without_examples_is_its_own() -> None:
    """What is not built says so."""
    said = explain(Command("ask", "ask", "is not built yet", Needs.nothing, run))

    assert "*`/ops ask`* is not built yet.\nFor example `/ops ask`" == said
