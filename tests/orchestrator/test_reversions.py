"""What has expired goes to the gateway, and stays due while that is away."""

from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import pytest

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from orchestrator.reversions import revert_due
from policy.scope import Scope
from storage import executions, reversions
from storage.executions import NewExecution
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task
from wire.control import ReversionAnswer, ReversionRequest
from wire.tools import Refusal


@dataclass
class FakeGateway:
    """Answers, or raises what it is told to."""

    error: Exception | None = None
    asked: list[ReversionRequest] = field(default_factory=list)

    async def revert(self, request: ReversionRequest) -> ReversionAnswer:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return ReversionAnswer(code="waits", text="done, verifying")

    @property
    def client(self) -> GatewayClient:
        return cast("GatewayClient", self)


async def schedule(database: Databases, scope: Scope) -> None:
    """Make an action whose time was over a minute ago."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, group_key=str(uuid4()))
    async with database("gateway").transaction(scope, Step.execution_outcome) as tx:
        proposal = await add_proposal(tx, task)
        done = await executions.begin(
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
        await reversions.schedule(
            tx,
            task_id=task.id,
            proposal_id=proposal.id,
            execution_id=done.id,
            due_at=tx.now.replace(year=2020),
        )


async def test_what_is_due_is_taken_to_the_gateway(
    database: Databases, scope: Scope
) -> None:
    """Scope and id, nothing else; each once a look."""
    await schedule(database, scope)
    await schedule(database, scope)
    gateway = FakeGateway()
    moved = await revert_due(database("worker"), gateway.client, environment="staging")

    assert 2 == moved == len({one.reversion_id for one in gateway.asked})
    assert {scope.tenant_id} == {one.tenant_id for one in gateway.asked}


async def test_nothing_due_asks_nobody(database: Databases, scope: Scope) -> None:
    """The gateway is left in peace."""
    gateway = FakeGateway()

    assert 0 == await revert_due(
        database("worker"), gateway.client, environment="staging"
    )
    assert scope
    assert [] == gateway.asked


async def test_a_gateway_that_is_away_is_asked_no_more(
    database: Databases, scope: Scope
) -> None:
    """Those that were under way at once, and no other."""
    for _ in range(9):
        await schedule(database, scope)
    gateway = FakeGateway(GatewayAway("no socket"))
    moved = await revert_due(database("worker"), gateway.client, environment="staging")

    assert 0 == moved
    assert len(gateway.asked) <= 4


async def test_a_fault_with_one_leaves_the_others_going(
    database: Databases, scope: Scope
) -> None:
    """A row that the gateway stumbles over stops no other."""
    await schedule(database, scope)
    await schedule(database, scope)
    gateway = FakeGateway(GatewayFailed("its own fault"))
    await revert_due(database("worker"), gateway.client, environment="staging")

    assert 2 == len(gateway.asked)


@pytest.mark.parametrize(
    "error",
    [
        GatewayAway("no answer"),
        GatewayRefused(Refusal(code="x", rule="y", message="z")),
    ],
)
async def test_a_gateway_in_trouble_leaves_it_due(
    database: Databases, scope: Scope, error: Exception
) -> None:
    """The next look finds it again."""
    await schedule(database, scope)
    assert 0 == await revert_due(
        database("worker"), FakeGateway(error).client, environment="staging"
    )

    assert 1 == await revert_due(
        database("worker"), FakeGateway().client, environment="staging"
    )
