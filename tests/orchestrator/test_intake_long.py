"""Long deliveries: cut, in one order, and no pause of the process that takes them."""

import asyncio

import pytest

from orchestrator import intake
from orchestrator.intake import BrokenAlert, NewDelivery
from orchestrator.routing import Routes
from policy.scope import Scope
from storage.database import Database
from tests.conftest import Databases
from tests.orchestrator.inflow import alert, reception
from tests.orchestrator.test_intake import counts
from tests.orchestrator.world import Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


async def test_broken_alerts_in_other_orders_do_not_block_each_other(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Two deliveries of the same three hundred, crossed; each is kept once."""
    broken = [BrokenAlert(n, "no labels", f"excerpt {n}") for n in range(300)]
    await asyncio.gather(
        *(
            intake.receive(web, [NewDelivery(rows.scope, (), one)], reception(routes))
            for one in (broken, broken[::-1])
        )
    )
    [kept] = await rows.rows("SELECT count(*) AS n FROM inbox WHERE state = 'failed'")

    assert 300 == kept["n"]


async def test_a_long_delivery_is_cut(
    rows: Rows, routes: Routes, database: Databases
) -> None:
    """No transaction holds its locks for long; each alert is answered, in order."""
    points: list[str] = []
    web = database.fresh("web", faults=points.append)
    found = [alert(rows, f"f{n}") for n in range(intake.MOST_AT_ONCE + 1)]
    broken = [BrokenAlert(0, "no labels", "{}")]
    [received] = await intake.receive(
        web, [NewDelivery(rows.scope, found, broken)], reception(routes)
    )
    kept = await rows.rows("SELECT id FROM inbox WHERE state = 'failed'")

    assert (1, intake.MOST_AT_ONCE, 0, 0) == counts(received)
    assert 2 == points.count("before:receive_alerts")
    assert 1 == len(kept)


async def test_what_hides_people_lets_others_go_on(
    rows: Rows, routes: Routes, database: Databases
) -> None:
    """One tenant's long delivery is no pause of the process."""
    turns: list[int] = []
    before: list[int] = []
    web = database.fresh("web", faults=lambda _: before.append(len(turns)))

    async def go_on() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    found = [alert(rows, f"f{n}") for n in range(200)]
    async with asyncio.TaskGroup() as group:
        other = group.create_task(go_on())
        delivery = NewDelivery(rows.scope, found)
        await intake.receive(web, [delivery], reception(routes))
        other.cancel()

    assert before[0] >= 200 // 20
