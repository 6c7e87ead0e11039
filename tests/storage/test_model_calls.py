"""Questions to a model: one row a step, settled once, and what is begun counts."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from policy.model_call import ModelCallState, ModelFault, Spent
from policy.scope import Scope
from storage import model_calls, runs
from storage.database import Database, Tx
from storage.model_calls import NewModelCall, Settled
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_task

ANSWERED = Settled(ModelCallState.answered, 700, 30, 40)


@dataclass
class Asking:
    database: Database
    scope: Scope
    task_id: UUID
    run_id: UUID

    async def begin(self, tx: Tx, step: str = "t1") -> UUID:
        return await model_calls.begin(tx, self.new(tx, step))

    def new(self, tx: Tx, step: str) -> NewModelCall:
        return NewModelCall(
            task_id=self.task_id,
            run_id=self.run_id,
            step=step,
            model="small",
            request_digest="d",
            input_tokens=1000,
            output_tokens=500,
            cost_microusd=90,
            due_at=tx.now + timedelta(seconds=60),
        )


@pytest.fixture
async def asking(database: Databases, scopes: Scopes) -> Asking:
    scope = await scopes("acme", "prod")
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        run = await runs.begin(tx, task.id, 1)
    return Asking(database("gateway"), scope, task.id, run.id)


async def test_what_is_begun_counts_at_its_most(asking: Asking) -> None:
    """A question whose end nobody saw was perhaps paid."""
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        await asking.begin(tx)
        spent = await model_calls.sum_of_task(tx, asking.task_id)

    assert Spent(turns=1, tokens=1500, seconds=0.0, microusd=90) == spent


async def test_an_answer_settles_once(asking: Asking) -> None:
    """The measured cost takes the place of the expected one; a second end is none."""
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        call_id = await asking.begin(tx)
        ends = [await model_calls.settle(tx, call_id, ANSWERED) for _ in range(2)]
        spent = await model_calls.sum_since(tx, tx.now - timedelta(hours=1))
        kept = await model_calls.find(tx, asking.run_id, "t1")

    assert [0.0, None] == ends
    assert (1, 730, 40) == (spent.turns, spent.tokens, spent.microusd)
    assert kept is not None
    assert kept.state is ModelCallState.answered


async def test_a_step_has_one_question(asking: Asking) -> None:
    """The database itself refuses a second row of a step."""
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        await asking.begin(tx)

    with pytest.raises(IntegrityError, match="uq_model_calls"):
        await _again(asking)


async def _again(asking: Asking) -> None:
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        await asking.begin(tx)


async def test_what_a_budget_refused_is_no_turn(asking: Asking) -> None:
    """It is counted among the run's questions, and spends nothing."""
    refused = replace(
        ANSWERED,
        state=ModelCallState.failed,
        fault=ModelFault.budget_spent,
    )
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        await model_calls.settle(tx, await asking.begin(tx), refused)
        spent = await model_calls.sum_of_task(tx, asking.task_id)
        asked = await model_calls.count_of_run(tx, asking.run_id)

    assert (Spent(), 1) == (spent, asked)


async def test_an_old_question_is_of_another_day(asking: Asking) -> None:
    """Only what began since counts."""
    async with asking.database.transaction(asking.scope, Step.set_up) as tx:
        await asking.begin(tx)
        await model_calls.count_alone(tx)
        later = await model_calls.sum_since(tx, tx.now + timedelta(seconds=1))

    assert Spent() == later
