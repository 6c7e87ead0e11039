"""Whose button it is: signed ids, within their workspace's tenant."""

from uuid import uuid4

import pytest

from bot.identity import NotHere, find_scopes, find_shown, read_value
from storage import setup
from storage.steps import Step
from tests.bot.world import TEAM, Bot, value_of
from tests.conftest import Scopes
from tests.database import RELEASE


def test_a_value_is_read() -> None:
    """Row and digest, as the card wrote them."""
    row = uuid4()

    assert (row, "d" * 64) == read_value(value_of(row))


@pytest.mark.parametrize("value", ["", ".", "x.y", "1", "\0"])
def test_a_foreign_value_is_nobodys(value: str) -> None:
    """Another app's button says so to the person."""
    with pytest.raises(NotHere, match="not one of"):
        read_value(value)


async def test_a_button_is_found_in_its_tenant(bot: Bot) -> None:
    """With the scope of its row."""
    proposal = await bot.proposal()
    shown = await find_shown(bot.database("web"), TEAM, value_of(proposal))

    assert (proposal.id, "d" * 64, bot.scope) == (
        shown.proposal_id,
        shown.digest,
        shown.scope,
    )


async def test_another_tenants_button_is_not_known(bot: Bot, scopes: Scopes) -> None:
    """A workspace reaches its own tenant's rows alone."""
    proposal = await bot.proposal()
    globex = await scopes("globex", "prod")
    async with bot.database(RELEASE).transaction(globex, Step.set_up) as tx:
        await setup.add_team(tx, "T0GLOBEX")

    with pytest.raises(NotHere, match="not known here"):
        await find_shown(bot.database("web"), "T0GLOBEX", value_of(proposal))


async def test_an_unknown_workspace_is_told(bot: Bot) -> None:
    """Before any row is looked for."""
    with pytest.raises(NotHere, match="not connected"):
        await find_shown(bot.database("web"), "T0NOBODY", value_of(uuid4()))
    with pytest.raises(NotHere, match="not connected"):
        await find_scopes(bot.database("web"), "T0NOBODY")
