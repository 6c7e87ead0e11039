"""Runs: claimed, judged by report and proposals, tried again after a crash."""

from datetime import timedelta

import pytest

from orchestrator import runs, sweeper
from orchestrator.runs import StartedRun
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import tasks
from storage.database import Database
from storage.errors import LeaseLost
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import CLAIMING, Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


async def finish(rows: Rows, started: StartedRun, **how: bool) -> TaskEvent:
    return await runs.finish(
        rows.database("worker"), started.task, started.run, error="exit 1", **how
    )


async def test_a_claim_starts_a_run(worker: Database, rows: Rows) -> None:
    """The queued task runs under a raised fence, with the run of its plan."""
    task = await rows.queued()
    started = await rows.claim()

    assert (task.id, "running", task.fence + 1) == (
        started.task.id,
        started.task.state,
        started.task.fence,
    )
    assert (task.id, 1, None) == (
        started.run.task_id,
        started.run.plan,
        started.run.outcome,
    )
    assert await runs.claim(worker, CLAIMING, take_runs=True) is None


async def test_without_room_no_run_is_claimed(worker: Database, rows: Rows) -> None:
    """A worker whose run slots are taken claims executions alone."""
    await rows.queued()

    assert await runs.claim(worker, CLAIMING, take_runs=False) is None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((ProposalState.approved,), "executing"),
        ((ProposalState.needs_approval,), "needs_approval"),
        ((ProposalState.drafted,), "needs_approval"),
        ((ProposalState.denied, ProposalState.needs_approval), "needs_approval"),
        ((ProposalState.denied,), "escalated_to_human"),
        ((), "completed"),
    ],
)
async def test_a_finished_run_is_judged_by_its_proposals(
    rows: Rows, states: tuple[ProposalState, ...], expected: str
) -> None:
    """Executing, waiting, stuck or nothing to do."""
    started = await rows.started()
    for state in states:
        await rows.propose(started.task, state=state)
    await rows.report(started)
    await finish(rows, started)

    assert expected == await rows.state(started.task.id)


async def test_a_spent_budget_goes_to_a_person(rows: Rows) -> None:
    """With nothing open, a run that ran out of calls escalates."""
    started = await rows.started()
    await rows.report(started, "budget_spent", summary="too many reads")
    await finish(rows, started)

    assert "escalated_to_human" == await rows.state(started.task.id)


async def test_a_run_without_report_has_crashed(rows: Rows) -> None:
    """It is tried again after five seconds, and the attempt is counted."""
    started = await rows.started()
    event = await finish(rows, started)
    task = await rows.task(started.task.id)
    [row] = await rows.rows("SELECT next_attempt_at FROM tasks")

    assert TaskEvent.run_crashed is event
    assert ("failed_retryable", 1) == (task.state, task.attempt)
    assert rows.database.clock() + timedelta(seconds=5) == row["next_attempt_at"]


async def test_a_run_that_never_reached_the_gateway_spends_no_attempt(
    rows: Rows,
) -> None:
    """The gateway's absence is not the run's fault."""
    started = await rows.started()
    await finish(rows, started, counts=False)
    task = await rows.task(started.task.id)

    assert ("failed_retryable", 0) == (task.state, task.attempt)


async def test_a_crash_with_a_card_out_waits_for_the_person(rows: Rows) -> None:
    """What was proposed before the crash stands."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await finish(rows, started)

    assert "needs_approval" == await rows.state(started.task.id)
    assert "needs_approval" == await rows.proposal_state(proposal)


async def test_a_retry_resumes_the_same_run(rows: Rows) -> None:
    """Run id and plan stay, so that journal and idempotency keys hold."""
    started = await rows.started()
    await finish(rows, started)
    await _be_due(rows)
    await sweeper.sweep(rows.database("worker"))
    again = await rows.claim()

    assert started.run.id == again.run.id
    assert started.task.fence < again.task.fence


async def test_the_third_crash_is_the_last(rows: Rows) -> None:
    """Waits double; then the sweeper gives the task up, and the ledger says failed."""
    await rows.queued()
    waits = []
    for _ in range(3):
        started = await rows.claim()
        await finish(rows, started)
        [row] = await rows.rows("SELECT next_attempt_at FROM tasks")
        waits.append((row["next_attempt_at"] - rows.database.clock()).total_seconds())
        await _be_due(rows)
        await sweeper.sweep(rows.database("worker"))

    assert [5, 10, 20] == waits
    assert "failed_terminal" == await rows.state(started.task.id)
    assert 1 == len(await rows.events(started.task.id, "task.failed"))


async def test_a_run_whose_fence_moved_judges_nothing(rows: Rows) -> None:
    """A worker that was away finds its task another's."""
    started = await rows.started()
    await rows.change("UPDATE tasks SET fence = fence + 1")

    with pytest.raises(LeaseLost):
        await finish(rows, started)
    assert "running" == await rows.state(started.task.id)


async def test_cards_follow_the_runs_end(rows: Rows) -> None:
    """What a run proposed is posted when it is judged."""
    started = await rows.started()
    proposal = await rows.propose(started.task, run_id=started.run.id)
    await rows.report(started)
    await finish(rows, started)
    slots = [row["slot"] for row in await rows.rows("SELECT slot FROM outbox")]

    assert f"proposal:{proposal}" in slots


async def _be_due(rows: Rows) -> None:
    """Let the back-off be over, by the database's clock."""
    await rows.change(
        "UPDATE tasks SET next_attempt_at = clock_timestamp() - interval '1 s'"
    )


async def test_leaving_running_gives_the_lease_back(rows: Rows) -> None:
    """A judged task is nobody's."""
    started = await rows.started()
    await finish(rows, started)
    async with rows.database("worker").transaction(rows.scope, Step.look) as tx:
        held = await tasks.is_leased(tx, started.task.id)

    assert not held
