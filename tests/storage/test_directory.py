"""Look-ups across scopes: an id in, a scope out, and nothing for strangers."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from policy.lifecycle import TaskEvent
from policy.scope import Scope
from storage import directory, moves, setup, tasks
from storage.database import Database
from storage.directory import Due
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.database import RELEASE
from tests.samples import add_proposal, add_task

PAST = timedelta(minutes=-1)


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


async def due(worker: Database) -> list[Due]:
    async with worker.dispatch(Step.sweep) as tx:
        return list(await directory.find_due(tx, most=10))


async def test_a_workspace_gives_its_scopes(
    database: Databases, scopes: Scopes
) -> None:
    """A workspace may serve several environments, in order of name; strangers none."""
    installed = [await scopes("acme", name) for name in ("staging", "prod")]
    for one in installed:
        async with database(RELEASE).transaction(one, Step.set_up) as tx:
            await setup.add_team(tx, "T0ACME")
    async with database("web").dispatch(Step.look) as tx:
        found = await directory.find_team(tx, "T0ACME")
        none = await directory.find_team(tx, "T0OTHER")

    assert (installed[::-1], []) == (list(found), list(none))


async def test_tasks_and_proposals_lead_to_their_scope(
    database: Databases, worker: Database, scope: Scope
) -> None:
    """An id leads to its scope under its own kind alone."""
    async with worker.transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        proposal = await add_proposal(tx, task)
    async with worker.dispatch(Step.look) as tx:
        found = [
            await directory.find_scope(tx, kind, row_id)
            for kind, row_id in (
                ("task", task.id),
                ("proposal", proposal.id),
                ("task", proposal.id),
                ("proposal", UUID(int=1)),
            )
        ]

    assert [scope, scope, None, None] == found


async def test_all_scopes_are_listed(worker: Database, scopes: Scopes) -> None:
    """Scopes come by tenant, then environment."""
    made = [await scopes(*names) for names in (("b", "prod"), ("a", "x"), ("a", "b"))]
    async with worker.dispatch(Step.look) as tx:
        listed = list(await directory.list_scopes(tx))

    assert [made[2], made[1], made[0]] == listed


async def test_an_ended_lease_of_a_run_is_due(worker: Database, scope: Scope) -> None:
    """The sweeper finds a run whose worker is gone."""
    async with worker.transaction(scope, Step.set_up) as tx:
        await add_task(tx)
    async with worker.dispatch(Step.claim_task) as tx:
        claim = await tasks.claim(
            tx, owner="w", environment="staging", lease_seconds=-1, slots=1, runs=True
        )
        assert claim is not None
        await moves.move(
            tx, await tasks.get(tx, claim.task_id), TaskEvent.claimed, actor="w"
        )

    assert [Due("lease", scope, claim.task_id)] == await due(worker)


async def test_a_backoff_that_is_over_is_due(worker: Database, scope: Scope) -> None:
    """A failed task comes back at its time, and not before."""
    async with worker.transaction(scope, Step.set_up) as tx:
        ids = []
        for wait in (PAST, -PAST):
            task = await add_task(tx)
            for event in (TaskEvent.claimed, TaskEvent.run_crashed):
                task = await moves.move(tx, task, event, actor="w")
            await tasks.change(tx, task.id, {"next_attempt_at": tx.now + wait})
            ids.append(task.id)

    assert [Due("backoff", scope, ids[0])] == await due(worker)


async def test_a_quiet_task_is_due(worker: Database, scope: Scope) -> None:
    """A task whose alerts have been quiet long enough is due; a closed one never."""
    async with worker.transaction(scope, Step.set_up) as tx:
        quiet, closed, later = [await add_task(tx) for _ in range(3)]
        for task, wait in ((quiet, PAST), (closed, PAST), (later, -PAST)):
            await tasks.change(tx, task.id, {"quiet_at": tx.now + wait})
        await moves.move(tx, closed, TaskEvent.alerts_resolved, actor="w")

    assert [Due("quiet", scope, quiet.id)] == await due(worker)


async def test_lapsed_proposals_are_due(
    database: Databases, worker: Database, scope: Scope
) -> None:
    """A proposal is due at its expiry, or at its latest time if never delivered."""
    async with worker.transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        expired = await add_proposal(tx, task, expires_at=tx.now + PAST)
        unseen = await add_proposal(tx, task, latest_at=tx.now + PAST)
        await add_proposal(tx, task, expires_at=tx.now - PAST)
    found = await due(worker)

    assert {("expiry", expired.id), ("expiry", unseen.id)} == {
        (one.kind, one.id) for one in found
    }


def test_a_stranger_may_not_look(urls: dict[str, str]) -> None:
    """The courier has no look-up of webhooks, whatever it knows."""
    with psycopg.connect(urls["courier"]) as courier:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            courier.execute("SELECT * FROM find_endpoint('a', 'b')")
        courier.rollback()
