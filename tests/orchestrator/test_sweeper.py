"""What time brings, each looked at again before it moves."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from orchestrator import runs, sweeper
from orchestrator.runs import StartedRun
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import moves, tasks
from storage.database import Database
from storage.directory import Due
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import Rows

# Past for the database's clock, which decides what is due.
LATE = "clock_timestamp() - interval '1 s'"
LEASES_OVER = f"UPDATE tasks SET lease_until = {LATE}"  # noqa: S608 - ours
QUIET_OVER = f"UPDATE tasks SET quiet_at = {LATE}"  # noqa: S608 - ours
CARDS_OVER = f"UPDATE proposals SET expires_at = {LATE}"  # noqa: S608 - ours


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


async def waiting(rows: Rows, **changes: object) -> tuple[StartedRun, object]:
    """Bring a task before people with one proposal."""
    started = await rows.started()
    proposal = await rows.propose(started.task, **changes)
    await rows.report(started)
    await runs.finish(rows.database("worker"), started.task, started.run, error="")
    return started, proposal


async def expire(rows: Rows) -> None:
    """Let every proposal's time be over, for both clocks."""
    await rows.change(CARDS_OVER)
    rows.database.clock.move(seconds=5)


async def test_a_lost_lease_ends_the_run(worker: Database, rows: Rows) -> None:
    """A running task whose worker went away is tried again."""
    started = await rows.started()
    await rows.change(LEASES_OVER)
    await sweeper.sweep(worker)
    task = await rows.task(started.task.id)

    assert ("failed_retryable", 1) == (task.state, task.attempt)
    assert started.task.fence < task.fence


async def test_a_run_that_reported_before_its_worker_died_is_judged(
    worker: Database, rows: Rows
) -> None:
    """The report stands: no attempt is spent."""
    started = await rows.started()
    await rows.report(started)
    await rows.change(LEASES_OVER)
    await sweeper.sweep(worker)
    task = await rows.task(started.task.id)

    assert ("completed", 0) == (task.state, task.attempt)


async def test_a_held_lease_is_left_alone(worker: Database, rows: Rows) -> None:
    """A timer that rings early changes nothing."""
    started = await rows.started()
    await sweeper.handle(worker, Due("lease", rows.scope, started.task.id))

    assert "running" == await rows.state(started.task.id)


async def test_one_row_s_fault_ends_no_sweep(
    worker: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows it, of whichever tenant, is handled all the same."""
    for _ in range(2):
        await rows.started()
    await rows.change(LEASES_OVER)
    handled: list[UUID] = []

    async def handle_badly(_database: Database, due: Due) -> None:
        handled.append(due.id)
        raise LookupError("a bug")

    monkeypatch.setattr(sweeper, "handle", handle_badly)
    await sweeper.sweep(worker)

    assert 2 == len({*handled})


async def test_nothing_due_is_nothing_done(worker: Database, rows: Rows) -> None:
    """Fresh tasks are not swept."""
    await rows.started()
    await rows.queued()

    assert 0 == await sweeper.sweep(worker)


async def test_quiet_leaves_a_task_whose_undo_waits(
    worker: Database, rows: Rows
) -> None:
    """What did not help still stands: the task ends with its undo, not before."""
    started, proposal = await waiting(rows)
    await rows.change("UPDATE proposals SET undoes = gen_random_uuid()")
    await rows.change(QUIET_OVER)
    rows.database.clock.move(seconds=5)
    await sweeper.sweep(worker)

    assert "needs_approval" == await rows.state(started.task.id)
    assert "needs_approval" == await rows.proposal_state(proposal)  # type: ignore[arg-type]
    assert (await rows.task(started.task.id)).quiet_at is not None


async def test_quiet_closes_what_waits(worker: Database, rows: Rows) -> None:
    """Its alerts resolved for long enough: closed, and its card withdrawn."""
    started, proposal = await waiting(rows)
    await rows.change(QUIET_OVER)
    rows.database.clock.move(seconds=5)
    await sweeper.sweep(worker)

    assert "completed" == await rows.state(started.task.id)
    assert "withdrawn" == await rows.proposal_state(proposal)  # type: ignore[arg-type]


async def test_quiet_does_not_close_what_executes(worker: Database, rows: Rows) -> None:
    """An action under way is carried through, alert or no alert."""
    started, _ = await waiting(rows, state=ProposalState.approved)
    await rows.change(QUIET_OVER)
    rows.database.clock.move(seconds=5)
    await sweeper.sweep(worker)

    assert "executing" == await rows.state(started.task.id)


@pytest.mark.parametrize("state", [ProposalState.needs_approval, ProposalState.drafted])
async def test_an_undecided_card_expires(
    worker: Database, rows: Rows, state: ProposalState
) -> None:
    """The last open one expired: a person has to look, and the ledger says why."""
    started, proposal = await waiting(rows, state=state)
    await expire(rows)
    await sweeper.sweep(worker)
    [entry] = await rows.events(started.task.id, "task.proposal_closed")

    assert "escalated_to_human" == await rows.state(started.task.id)
    assert "expired" == await rows.proposal_state(proposal)  # type: ignore[arg-type]
    assert "nobody decided in time" == entry["reason"]


async def test_one_of_two_cards_expires_alone(worker: Database, rows: Rows) -> None:
    """While another waits, so does the task."""
    started = await rows.started()
    await rows.propose(started.task)
    late = await rows.propose(started.task)
    await rows.report(started)
    await runs.finish(worker, started.task, started.run, error="")
    await rows.change(f"{CARDS_OVER} WHERE id = :id", id=late)
    rows.database.clock.move(seconds=5)
    await sweeper.sweep(worker)

    assert "needs_approval" == await rows.state(started.task.id)
    assert "expired" == await rows.proposal_state(late)


async def test_an_approval_that_never_ran_expires(worker: Database, rows: Rows) -> None:
    """Held back past its time, the approved action lapses."""
    started, proposal = await waiting(rows, state=ProposalState.approved)
    await expire(rows)
    await sweeper.sweep(worker)

    [entry] = await rows.events(started.task.id, "task.proposal_closed")

    assert "expired" == await rows.proposal_state(proposal)  # type: ignore[arg-type]
    assert "escalated_to_human" == await rows.state(started.task.id)
    assert "its approval ran out before it could run" == entry["reason"]


async def test_an_approval_lapses_quietly_where_all_is_well(
    worker: Database, rows: Rows
) -> None:
    """With its alerts resolved there is nothing left to do."""
    started, _ = await waiting(rows, state=ProposalState.approved)
    later = rows.database.clock() + timedelta(hours=1)
    await rows.change("UPDATE tasks SET quiet_at = :later", later=later)
    await expire(rows)
    await sweeper.sweep(worker)

    assert "completed" == await rows.state(started.task.id)


@pytest.mark.parametrize("state", [ProposalState.executing, ProposalState.verifying])
async def test_what_is_under_way_does_not_expire(
    worker: Database, rows: Rows, state: ProposalState
) -> None:
    """Another card's expiry leaves a running action its task."""
    started = await rows.started()
    running = await rows.propose(started.task, state=ProposalState.approved)
    late = await rows.propose(started.task)
    await rows.report(started)
    await runs.finish(worker, started.task, started.run, error="")
    await rows.change(
        "UPDATE proposals SET state = :s WHERE id = :id", s=state, id=running
    )
    await expire(rows)
    await sweeper.sweep(worker)

    assert (state, "expired") == (
        await rows.proposal_state(running),
        await rows.proposal_state(late),
    )
    assert "executing" == await rows.state(started.task.id)


async def test_sweepers_at_once_do_no_harm(worker: Database, rows: Rows) -> None:
    """Of several the first moves it, once."""
    started, _ = await waiting(rows)
    await expire(rows)
    await asyncio.gather(*(sweeper.sweep(worker) for _ in range(4)))

    assert "escalated_to_human" == await rows.state(started.task.id)
    assert 1 == len(await rows.events(started.task.id, "task.proposal_closed"))


async def test_one_row_that_moved_stops_no_sweep(worker: Database, rows: Rows) -> None:
    """A due row that another took meanwhile is passed over; the rest is handled."""
    first, second = await rows.queued(), await rows.queued()
    await rows.change(QUIET_OVER)
    rows.database.clock.move(seconds=5)
    due = [Due("quiet", rows.scope, one.id) for one in (first, second)]
    async with worker.transaction(rows.scope, Step.sweep) as tx:
        task = await tasks.get(tx, first.id)
        await moves.move(tx, task, TaskEvent.alerts_resolved, actor="test")
    await sweeper.sweep(worker)

    assert ["completed"] * 2 == [(await rows.state(one.id)).value for one in due]
