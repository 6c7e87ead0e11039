"""Executions: intent before the effect, one outcome after it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from policy.scope import Scope
from storage import executions
from storage.database import Database, Tx
from storage.executions import Ending, Execution, NewExecution
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def proposal(database: Databases, scope: Scope) -> Proposal:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        return await add_proposal(tx, task)


async def begin(tx: Tx, proposal: Proposal) -> Execution:
    return await executions.begin(
        tx,
        NewExecution(
            task_id=proposal.task_id,
            proposal_id=proposal.id,
            kind="apply",
            fence=1,
            before={"limit_rps": None},
            effect_deadline_at=tx.now + timedelta(seconds=10),
        ),
    )


async def settle(
    gateway: Database, scope: Scope, execution: UUID, outcome: str
) -> bool:
    async with gateway.transaction(scope, Step.execution_outcome) as tx:
        ending = Ending(outcome, after={"limit_rps": 100})
        return await executions.settle(tx, execution, ending)


async def test_an_intent_has_no_outcome(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A row without outcome is an effect that may be under way."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        begun = await begin(tx, proposal)
        last = await executions.find_last(tx, proposal.id)

    assert (None, begun) == (begun.outcome, last)


async def test_the_key_is_the_same_over_all_tries(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A second try is a row of its own under the same idempotency key."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        first, second = [await begin(tx, proposal) for _ in range(2)]
        tries = await executions.count_tries(tx, proposal.id)

    assert 2 == tries
    assert first.idempotency_key == second.idempotency_key


async def test_what_was_put_off_is_no_try_in_vain(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Of three that were begun, one did not leave by a fault."""
    for outcome in ("put_off", "not_sent", "lost"):
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            begun = await begin(tx, proposal)
        await settle(gateway, scope, begun.id, outcome)
    async with gateway.transaction(scope, Step.look) as tx:
        counted = (
            await executions.count_tries(tx, proposal.id),
            await executions.count_in_vain(tx, proposal.id),
        )

    assert (3, 1) == counted


async def test_what_a_lost_effect_left_is_kept(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """An outcome that is known is not overwritten."""
    kept = []
    for outcome in ("lost", "applied"):
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            begun = await begin(tx, proposal)
        await settle(gateway, scope, begun.id, outcome)
        async with gateway.transaction(scope, Step.execution_outcome) as tx:
            await executions.keep_after(tx, begun.id, {"limit_rps": 7})
            kept.append((await executions.get(tx, begun.id)).after)

    assert [{"limit_rps": 7}, {"limit_rps": 100}] == kept


async def test_two_at_once_begin_one_try(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Of two transactions that begin the same try, the second is refused."""
    async with gateway.dispatch(Step.look) as behind:
        await behind.change("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await behind.enter(scope)
        await executions.count_tries(behind, proposal.id)
        async with gateway.transaction(scope, Step.execution_intent) as tx:
            await begin(tx, proposal)
        with pytest.raises(IntegrityError, match="uq_executions"):
            await begin(behind, proposal)


async def test_the_first_outcome_stays(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Whoever learns the outcome second changes nothing and is told."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        begun = await begin(tx, proposal)
    first = await settle(gateway, scope, begun.id, "applied")
    second = await settle(gateway, scope, begun.id, "unknown")
    async with gateway.transaction(scope, Step.look) as tx:
        outcome = (await executions.get(tx, begun.id)).outcome

    assert (True, False, "applied") == (first, second, outcome)


async def test_one_of_many_stores_the_outcome(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Of four that settle at once, one does."""
    async with gateway.transaction(scope, Step.execution_intent) as tx:
        begun = await begin(tx, proposal)
    stored = await asyncio.gather(
        *(settle(gateway, scope, begun.id, word) for word in "abcd")
    )

    assert 1 == sum(stored)


async def test_a_verification_ends_when_it_is_done(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A look that came too early leaves the execution unverified."""
    async with gateway.transaction(scope, Step.execution_verified) as tx:
        begun = await begin(tx, proposal)
        await executions.keep_verification(tx, begun.id, {"text": "early"}, done=False)
        early = (await executions.get(tx, begun.id)).verified_at
        await executions.keep_verification(tx, begun.id, {"text": "well"}, done=True)
        late = (await executions.get(tx, begun.id)).verified_at

    assert (None, tx.now) == (early, late)
