"""A card says when its time is over, as soon as it is shown."""

import re

from policy.scope import Scope
from tests.bot.office import Office
from tests.conftest import Databases
from tests.lab.world import World


async def test_a_card_has_its_deadline_from_the_first(
    database: Databases, scope: Scope, lab: World
) -> None:
    """The instant that its row has once Slack confirmed it, and never a later one."""
    office = Office(database, scope, lab)
    await office.card(await office.task())
    await office.deliver()
    [row] = await office.rows("SELECT expires_at FROM proposals")
    [card] = [one for one in await office.messages() if "expires" in str(one)]
    [shown] = re.findall(r"expires <!date\^(\d+)", str(card))

    assert int(row["expires_at"].timestamp()) == int(shown)
