"""Silences as rows: those that hold, and what waits for one of them."""

from datetime import timedelta

from policy.scope import Scope
from storage import silences, tasks
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_task

HOUR = timedelta(hours=1)


async def test_those_that_hold_are_listed(database: Databases, scope: Scope) -> None:
    """The one that ends last comes first; one that is over does not come."""
    web = database("web")
    async with web.transaction(scope, Step.set_up) as tx:
        made = [
            await silences.create(
                tx, {"a": str(n)}, reason="x", by="ann", ends_at=tx.now + n * HOUR
            )
            for n in (1, 3, 2)
        ]
    database.clock.move(seconds=3600)
    async with web.transaction(scope, Step.look) as tx:
        found = await silences.list_active(tx)

    assert [made[1], made[2]] == list(found)
    assert made[1].id.hex.endswith(made[1].short_id)


async def test_its_end_lets_go_of_what_waits_for_it(
    database: Databases, scope: Scope
) -> None:
    """And of nothing else; a second end changes nothing."""
    async with database("web").transaction(scope, Step.set_up) as tx:
        made = await silences.create(
            tx, {"a": "b"}, reason="x", by="ann", ends_at=tx.now + HOUR
        )
        later = tx.now + HOUR
        waits = [f"silence:{made.id}", "debounce"]
        found = [await add_task(tx, waits_for=why, opens_at=later) for why in waits]
        await silences.end(tx, made.id, by="bob")
        await silences.end(tx, made.id, by="eve")
        after = [(await tasks.get(tx, one.id)).opens_at for one in found]
        [row] = await tx.rows("SELECT ended_by, ends_at FROM silences")

    assert [tx.now, later] == after
    assert ("bob", tx.now) == (row["ended_by"], row["ends_at"])


async def test_its_end_lets_go_of_nothing_elsewhere(
    database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """The release role ends it, and sees every tenant's rows."""
    other = await scopes("globex", "prod")
    async with database("worker").transaction(other, Step.set_up) as tx:
        later = tx.now + HOUR
        task = await add_task(tx, waits_for=f"silence:{tx.new_id()}", opens_at=later)
    async with database("release").transaction(scope, Step.set_up) as tx:
        made = await silences.create(
            tx, {"a": "b"}, reason="x", by="ann", ends_at=tx.now + HOUR
        )
        await silences.end(tx, made.id, by="bob")
    async with database("worker").transaction(other, Step.look) as tx:
        after = await tasks.get(tx, task.id)

    assert later == after.opens_at
