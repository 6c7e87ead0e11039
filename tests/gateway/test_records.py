"""Our own records: in seconds, with ids as text, of one scope."""

from gateway.records import StoredRecords
from policy.event import Event
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from storage import ledger, moves
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_task


async def test_a_settled_task_is_found(database: Databases, scope: Scope) -> None:
    """With its instants as Unix seconds."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, title="users can't log in")
        task = await moves.move(tx, task, TaskEvent.claimed, actor="test")
        task = await moves.move(tx, task, TaskEvent.run_found_nothing, actor="test")
    records = StoredRecords(database("gateway"))
    [found] = await records.search_tasks(scope, "log in", most=5)

    assert (str(task.id), "completed", ()) == (
        found.task_id,
        found.state,
        found.actions,
    )
    assert task.created_at.timestamp() == found.opened_at


async def test_the_ledger_is_searched(
    database: Databases, scope: Scope, scopes: Scopes
) -> None:
    """Who did what, since when; another tenant's entries are not there."""
    other = await scopes("searched-elsewhere", "prod")
    for here in (scope, other):
        async with database("gateway").transaction(here, Step.set_up) as tx:
            await ledger.append(
                tx,
                Event.writes_frozen,
                actor="operator",
                body={"reason": "release day"},
                task_id=None,
            )
            now = tx.now.timestamp()
    records = StoredRecords(database("gateway"))
    found = await records.search_ledger(scope, "release", since=now - 60, most=5)
    later = await records.search_ledger(scope, "release", since=now + 60, most=5)

    assert [("operator", "writes.frozen", "", '{"reason":"release day"}')] == [
        (one.actor, one.action, one.target, one.detail) for one in found
    ]
    assert [] == list(later)


async def test_a_small_ledger_is_looked_at_whole(
    database: Databases, scope: Scope
) -> None:
    """Nothing is left unread."""
    records = StoredRecords(database("gateway"))

    assert await records.ledger_unread(scope, since=0) is None
