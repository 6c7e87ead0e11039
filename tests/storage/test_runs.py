"""Runs and their journal: one run a plan, one report, one answer a step."""

import pytest
from sqlalchemy.exc import IntegrityError

from policy.scope import Scope
from policy.task import RunOutcome
from storage import runs
from storage.database import Database
from storage.redacted import Redacted
from storage.runs import JournalEntry
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_task

ENTRY = JournalEntry("1", "a" * 64, {"rows": [1, None]})


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def task(database: Databases, scope: Scope) -> Task:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await add_task(tx)


async def test_a_plan_has_one_run(gateway: Database, scope: Scope, task: Task) -> None:
    """A retry after a crash resumes the same run; another plan is another run."""
    async with gateway.transaction(scope, Step.set_up) as tx:
        first, again = [await runs.begin(tx, task.id, 1) for _ in range(2)]
        second = await runs.begin(tx, task.id, 2)

    assert first == again
    assert first.id != second.id


async def test_a_run_reports_once(gateway: Database, scope: Scope, task: Task) -> None:
    """The first report stays."""
    async with gateway.transaction(scope, Step.report_run) as tx:
        run = await runs.begin(tx, task.id, 1)
        reported = [
            await runs.report(tx, run.id, outcome, Redacted({"outcome": outcome}))
            for outcome in (RunOutcome.finished, RunOutcome.crashed)
        ]
        found = await runs.find(tx, run.id)

    assert [True, False] == reported
    assert found is not None
    assert RunOutcome.finished is found.outcome


async def test_the_journal_answers_a_step_again(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """A replayed step gets the answer that was kept; a new one gets none."""
    async with gateway.transaction(scope, Step.finish_call) as tx:
        run = await runs.begin(tx, task.id, 1)
        await runs.keep_journal(tx, run.id, ENTRY)
        found = [await runs.look(tx, task.id, run.id, step) for step in ("1", "2")]

    assert [(0, ENTRY), (0, None)] == found


async def test_a_step_is_journaled_once(
    gateway: Database, scope: Scope, task: Task
) -> None:
    """Two answers to one step would make a replay a matter of luck."""
    async with gateway.transaction(scope, Step.finish_call) as tx:
        run = await runs.begin(tx, task.id, 1)
        await runs.keep_journal(tx, run.id, ENTRY)
        with pytest.raises(IntegrityError, match="pk_journal"):
            await runs.keep_journal(tx, run.id, ENTRY)
