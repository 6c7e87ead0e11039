"""Reversions: one a proposal, found when due, in whatever scope."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from policy.proposal import ReversionState
from policy.scope import Scope
from storage import executions, reversions
from storage.database import Tx
from storage.errors import NotFound
from storage.executions import NewExecution
from storage.reversions import Reversion
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task


@pytest.fixture
async def acted(database: Databases, scope: Scope) -> tuple[UUID, UUID, UUID]:
    """Make a task, its proposal and its execution."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        proposal = await add_proposal(tx, task)
        execution = await executions.begin(
            tx,
            NewExecution(
                task_id=task.id,
                proposal_id=proposal.id,
                kind="apply",
                fence=1,
                before={},
                effect_deadline_at=tx.now,
            ),
        )
    return task.id, proposal.id, execution.id


async def schedule(tx: Tx, acted: tuple[UUID, UUID, UUID]) -> bool:
    task, proposal, execution = acted
    return await reversions.schedule(
        tx,
        task_id=task,
        proposal_id=proposal,
        execution_id=execution,
        due_at=tx.now - timedelta(seconds=1),
    )


async def kept(tx: Tx, proposal_id: UUID) -> Reversion:
    found = await reversions.find_of_proposal(tx, proposal_id)
    assert found is not None
    return await reversions.get(tx, found.id, lock=True)


async def test_a_proposal_has_one_reversion(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """A second one for the same action is not made."""
    async with database("gateway").transaction(scope, Step.execution_outcome) as tx:
        assert [True, False] == [await schedule(tx, acted), await schedule(tx, acted)]


async def test_what_is_due_is_found_by_the_worker(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """The worker learns scope and id of what may be due, and nothing else."""
    async with database("gateway").transaction(scope, Step.execution_outcome) as tx:
        await schedule(tx, acted)
        made = await kept(tx, acted[1])
    async with database("worker").dispatch(Step.look) as tx:
        found = await reversions.find_due(tx, environment="staging", most=10)

    assert [(scope, made.id)] == found


async def test_another_environments_are_not_found(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """They are for the worker beside that environment's gateway."""
    async with database("gateway").transaction(scope, Step.execution_outcome) as tx:
        await schedule(tx, acted)
    async with database("worker").dispatch(Step.look) as tx:
        assert [] == await reversions.find_due(tx, environment="prod", most=10)


@pytest.mark.parametrize("state", list(ReversionState))
async def test_only_what_goes_on_is_found_again(
    database: Databases,
    scope: Scope,
    acted: tuple[UUID, UUID, UUID],
    state: ReversionState,
) -> None:
    """Scheduled, running and applied ones are looked at; ended ones never again."""
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        await schedule(tx, acted)
        await reversions.move(tx, await kept(tx, acted[1]), state, reason="so")
    async with database("worker").dispatch(Step.look) as tx:
        found = await reversions.find_due(tx, environment="staging", most=10)

    going_on = {"scheduled", "running", "applied"}
    assert (state in going_on) == bool(found)


async def test_each_begun_try_counts(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """Only a move into running is a try."""
    steps = [
        ReversionState.running,
        ReversionState.running,
        ReversionState.scheduled,
        ReversionState.running,
    ]
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        await schedule(tx, acted)
        for state in steps:
            await reversions.move(tx, await kept(tx, acted[1]), state)
        assert 2 == (await kept(tx, acted[1])).tries


async def test_another_scopes_reversion_is_not_there(
    database: Databases, scope: Scope
) -> None:
    """An id of nothing here is an error that names it."""
    async with database("gateway").transaction(scope, Step.look) as tx:
        with pytest.raises(NotFound, match="not in this scope"):
            await reversions.get(tx, uuid4())


async def test_an_instant_since_when_nothing_works_is_kept(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """From the first in vain, until one succeeds; a look alone counts looks anew."""
    kept_at = []
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        await schedule(tx, acted)
    for note in ("vain", "vain", "look", "vain", "success"):
        async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
            now = await kept(tx, acted[1])
            if note == "vain":
                await reversions.note_vain(tx, now, looks=2)
            elif note == "look":
                await reversions.note_look(tx, now)
            else:
                await reversions.note_success(tx, now)
            now = await kept(tx, acted[1])
            since = now.vain_since
            ago = None if since is None else round((tx.now - since).total_seconds())
            kept_at.append((now.waits, ago))
        database.clock.move(seconds=60)

    assert [(2, 0), (4, 60), (0, 120), (2, 180), (0, None)] == kept_at


async def test_a_time_in_which_nobody_looked_counts_five_minutes(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """Later than it was due by an hour: the instant moves with it."""
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        await schedule(tx, acted)
        await reversions.note_vain(tx, await kept(tx, acted[1]))
        now = await kept(tx, acted[1])
        await reversions.move(tx, now, now.state, next_try_at=tx.now)
    database.clock.move(seconds=3600)
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        since = await reversions.note_vain(tx, await kept(tx, acted[1]))

        assert 300 == round((tx.now - since).total_seconds())


async def test_a_reason_has_an_instant_since_when_it_is_given(
    database: Databases, scope: Scope, acted: tuple[UUID, UUID, UUID]
) -> None:
    """Seconds that run down in it begin no other."""
    ages = []
    async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
        await schedule(tx, acted)
    for said in ("in 9 s", "in 4 s", "frozen", "frozen"):
        async with database("gateway").transaction(scope, Step.reversion_outcome) as tx:
            now = await kept(tx, acted[1])
            await reversions.move(tx, now, now.state, reason=said)
            at = (await kept(tx, acted[1])).reason_at
            assert at is not None
            ages.append(round((tx.now - at).total_seconds()))
        database.clock.move(seconds=60)

    assert [0, 60, 0, 60] == ages
