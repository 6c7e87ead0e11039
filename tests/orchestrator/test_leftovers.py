"""Tasks that execute no more, with an effect under way, go to the gateway."""

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

import pytest

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from orchestrator.leftovers import Leftovers
from policy.lifecycle import ProposalEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import executions, proposals
from storage.executions import NewExecution
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task
from wire.control import ExecutionAnswer, ExecutionRequest
from wire.tools import Refusal

MOST_FAULTS = 30


@dataclass
class FakeGateway:
    asked: list[ExecutionRequest] = field(default_factory=list)
    error: Exception | None = None
    wait_seconds: float = 0.0

    async def execute(self, request: ExecutionRequest) -> ExecutionAnswer:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return ExecutionAnswer(
            code="verifying",
            text="done, verifying",
            retry_after_seconds=self.wait_seconds,
        )

    @property
    def client(self) -> GatewayClient:
        return cast("GatewayClient", self)


async def leave(database: Databases, scope: Scope, state: TaskState) -> UUID:
    """Make a task in ``state`` with an effect under way; give its id."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, group_key=str(uuid4()), state=state)
    async with database("gateway").transaction(scope, Step.execution_intent) as tx:
        proposal = await add_proposal(tx, task)
        for event in (ProposalEvent.approved, ProposalEvent.begun):
            await proposals.move(tx, proposal, event)
            proposal = await proposals.get(tx, proposal.id)
        await executions.begin(
            tx,
            NewExecution(task.id, proposal.id, "apply", 1, {}, tx.now),
        )
    return task.id


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
    left = Leftovers(database("worker"), gateway.client, environment)
    ended = await left.end()

    assert int(is_asked) == ended
    assert [(task_id, 0)] * ended == [(one.task_id, one.fence) for one in gateway.asked]


async def test_what_a_system_puts_off_is_not_asked_for_meanwhile(
    database: Databases, scope: Scope
) -> None:
    """However often the worker looks."""
    await leave(database, scope, TaskState.escalated_to_human)
    gateway = FakeGateway(wait_seconds=300)
    left = Leftovers(database("worker"), gateway.client, "staging")
    looks = [await left.end() for _ in range(3)]
    database.clock.move(seconds=301)

    assert [1, 0, 0, 1] == [*looks, await left.end()]


@pytest.mark.parametrize("code", ["stale", "bad_token"])
async def test_a_refusal_that_passes_gives_nothing_up(
    database: Databases, scope: Scope, code: str
) -> None:
    """However late it is, after an outage for one."""
    await leave(database, scope, TaskState.escalated_to_human)
    refusal = GatewayRefused(Refusal(code=code, rule="x", message="y"))
    gateway = FakeGateway(error=refusal)
    left = Leftovers(database("worker"), gateway.client, "staging")
    database.clock.move(seconds=3600)
    looks = [await left.end() for _ in range(MOST_FAULTS + 1)]

    assert [0] * (MOST_FAULTS + 1) == looks


@pytest.mark.parametrize(
    "error",
    [
        GatewayFailed("its own fault"),
        GatewayRefused(Refusal(code="unknown_tool", rule="registry", message="gone")),
    ],
)
async def test_what_the_gateway_fails_on_is_a_person_s_in_the_end(
    database: Databases, scope: Scope, error: Exception
) -> None:
    """Not before its time is long over; the card and the root say so."""
    task_id = await leave(database, scope, TaskState.escalated_to_human)
    left = Leftovers(database("worker"), FakeGateway(error=error).client, "staging")
    early = [await left.end() for _ in range(MOST_FAULTS)]
    database.clock.move(seconds=3600)
    late = await left.end()
    gone = await left.end()
    async with database("worker").transaction(scope, Step.look) as tx:
        [proposal] = await proposals.list_of_task(tx, task_id)
        root = await tx.row("SELECT payload FROM outbox WHERE slot = 'root'")
        given_up = await tx.row("SELECT id FROM ledger WHERE event = 'task.given_up'")

    assert ([0] * MOST_FAULTS, 1, 0) == (early, late, gone)
    assert "outcome_unknown" == proposal.state
    assert given_up is not None
    assert root is not None
    assert "a person has to look" in root["payload"]["next_step"]


async def test_a_gateway_that_is_away_gives_nothing_up(
    database: Databases, scope: Scope
) -> None:
    """It comes back; only after hours a person has the task whole."""
    await leave(database, scope, TaskState.escalated_to_human)
    gateway = FakeGateway(error=GatewayAway("no socket"))
    left = Leftovers(database("worker"), gateway.client, "staging")
    database.clock.move(seconds=3600)

    assert 0 == await left.end()
    assert 0 == await left.end()
    assert 2 == len(gateway.asked)
    database.clock.move(seconds=2 * 3600)
    assert 1 == await left.end()


async def test_more_than_are_drawn_at_a_time_starve_nobody(
    database: Databases, scope: Scope
) -> None:
    """One that stays for ever is not in the way of the others."""
    every = {
        await leave(database, scope, TaskState.escalated_to_human) for _ in range(3)
    }
    gateway = FakeGateway(wait_seconds=0)
    left = Leftovers(database("worker"), gateway.client, "staging", most=1)
    # Two of three are drawn sixty times running once in 10^10 plays.
    looks = [await left.end() for _ in range(60)]

    assert {1} == set(looks)
    assert every == {one.task_id for one in gateway.asked}
