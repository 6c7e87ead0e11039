"""Rates: the last minute of a channel, whoever counts."""

import asyncio

from policy.scope import Scope
from storage import rates
from storage.database import Database
from storage.rates import Counted, Rate
from storage.steps import Step
from tests.conftest import Databases, Scopes


async def count(web: Database, scope: Scope, channel: str, alerts: int) -> None:
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await rates.count(tx, channel, Counted(alerts=alerts, opened=1), most=7)


async def read(web: Database, scope: Scope, channel: str = "C1") -> Rate:
    async with web.transaction(scope, Step.look) as tx:
        return await rates.read(tx, channel)


async def test_a_minute_is_counted(database: Databases, scope: Scope) -> None:
    """By channel, over all transactions; what is older does not count, and goes."""
    web = database("web")
    for _ in range(4):
        await asyncio.gather(*(count(web, scope, "C1", 5) for _ in range(3)))
        await count(web, scope, "C2", 1)
        database.clock.move(seconds=20)
    within = await read(web, scope)
    other = await read(web, scope, "C2")
    database.clock.move(seconds=900)
    after = await read(web, scope)
    await count(web, scope, "C1", 1)
    async with web.transaction(scope, Step.look) as tx:
        left = await tx.rows("SELECT channel, alerts FROM alert_rates ORDER BY channel")

    assert (Rate(30, 6, 0, 7), Rate(2, 2, 0, 7)) == (within, other)
    assert Rate(0, 0, 0, 7) == after
    assert [1] == [row["alerts"] for row in left if row["channel"] == "C1"]


async def test_another_scope_has_its_own(
    database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """A channel's name is no key by itself."""
    web = database("web")
    await count(web, await scopes("globex", "prod"), "C1", 5)

    assert Rate(0, 0, 0) == await read(web, scope)


async def test_when_a_channel_has_room_again(database: Databases, scope: Scope) -> None:
    """Once so many of its threads are a minute old that it holds fewer than that."""
    web = database("web")
    begun = database.clock.now
    for _ in range(3):
        await count(web, scope, "C1", 1)
        database.clock.move(seconds=10)
    async with web.transaction(scope, Step.look) as tx:
        found = [await rates.find_free(tx, "C1", most=most) for most in (4, 3, 2, 1)]
    after = [round((one - begun).total_seconds() / 10) for one in found]

    assert [3, 6, 7, 8] == after
