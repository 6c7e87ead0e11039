"""Tasks that execute no more, with an effect under way, go to the gateway."""

from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import pytest

from gateway.client import GatewayClient
from orchestrator.leftovers import end_left
from policy.lifecycle import ProposalEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import proposals
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task
from wire.control import ExecutionAnswer, ExecutionRequest


@dataclass
class FakeGateway:
    asked: list[ExecutionRequest] = field(default_factory=list)

    async def execute(self, request: ExecutionRequest) -> ExecutionAnswer:
        self.asked.append(request)
        return ExecutionAnswer(code="verifying", text="done, verifying")

    @property
    def client(self) -> GatewayClient:
        return cast("GatewayClient", self)


async def leave(database: Databases, scope: Scope, state: TaskState) -> str:
    """Make a task in ``state`` with an effect under way; give its id."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, group_key=str(uuid4()), state=state)
    async with database("gateway").transaction(scope, Step.execution_intent) as tx:
        proposal = await add_proposal(tx, task)
        for event in (ProposalEvent.approved, ProposalEvent.begun):
            await proposals.move(tx, proposal, event)
            proposal = await proposals.get(tx, proposal.id)
    return str(task.id)


@pytest.mark.parametrize(
    ("state", "environment", "is_asked"),
    [
        (TaskState.escalated_to_human, "staging", True),
        (TaskState.executing, "staging", False),
        (TaskState.escalated_to_human, "prod", False),
    ],
)
async def test_what_nobody_executes_is_asked_for_without_a_fence(
    database: Databases,
    scope: Scope,
    state: TaskState,
    environment: str,
    *,
    is_asked: bool,
) -> None:
    """What a worker executes is its own; another environment's gateway is another."""
    task_id = await leave(database, scope, state)
    gateway = FakeGateway()
    ended = await end_left(database("worker"), gateway.client, environment=environment)

    assert int(is_asked) == ended
    assert [(task_id, 0)] * ended == [(one.task_id, one.fence) for one in gateway.asked]
