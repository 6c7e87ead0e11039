"""Who is told that an old task grew worse, and how often."""

import pytest

from policy.scope import Scope
from storage import tasks
from storage.database import Database
from storage.flares import Why, post_flare
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_task


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


async def flares(
    worker: Database, scope: Scope, *episodes: str, **changes: object
) -> list[str]:
    """Flare once for each episode; give the slots that came of it."""
    async with worker.transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        if changes:
            await tasks.change(tx, task.id, changes)
        task = await tasks.get(tx, task.id, lock=True)
        for one in episodes:
            await post_flare(tx, task, Why.again, episode=one)
        rows = await tx.rows("SELECT slot FROM outbox WHERE kind = 'flare'")
    return sorted(row["slot"] for row in rows)


async def test_each_episode_is_told_once(worker: Database, scope: Scope) -> None:
    """A second delivery of the same news pings nobody again."""
    found = await flares(worker, scope, "1", "1", "2")

    assert ["flare:again:1", "flare:again:2"] == found


async def test_the_owner_is_named_first(worker: Database, scope: Scope) -> None:
    """Before those whom the route names, and once."""
    changes = {"owner_slack": "U0ANN", "people": ["S0ONCALL", "U0ANN"]}
    await flares(worker, scope, "1", **changes)
    async with worker.transaction(scope, Step.look) as tx:
        [row] = await tx.rows("SELECT payload FROM outbox WHERE kind = 'flare'")

    assert ["U0ANN", "S0ONCALL"] == row["payload"]["people"]


async def test_who_muted_it_is_left_alone(worker: Database, scope: Scope) -> None:
    """The root still tells it."""
    assert [] == await flares(worker, scope, "1", muted_by="ann")
