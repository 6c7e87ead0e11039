"""What stands in for gateway, sandbox and timers, and short ways to look at rows."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import JsonValue

from gateway.client import GatewayAway, GatewayClient
from orchestrator.launch import HostOptions, Job, RunExit, Sandboxes
from orchestrator.runs import Claiming, StartedRun, claim
from orchestrator.timers import Timers
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import RunOutcome, TaskState
from storage import ledger, proposals, runs, tasks
from storage.database import Row
from storage.directory import Due
from storage.redacted import Redacted
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_proposal, add_task
from wire.control import (
    DecisionAnswer,
    DecisionRequest,
    ExecutionAnswer,
    ExecutionRequest,
)

PROJECT = Path(__file__).parents[2]
CLAIMING = Claiming("worker 1", "staging", 30, 4)


class FakeGateway(GatewayClient):
    """Answers from ``answers`` in turn; an exception among them is raised."""

    def __init__(self, *answers: ExecutionAnswer | DecisionAnswer | Exception) -> None:
        self.answers = list(answers)
        self.decided: list[DecisionRequest] = []
        self.executed: list[ExecutionRequest] = []

    async def decide(self, request: DecisionRequest) -> DecisionAnswer:
        self.decided.append(request)
        answer = self._next()
        assert isinstance(answer, DecisionAnswer)
        return answer

    async def execute(self, request: ExecutionRequest) -> ExecutionAnswer:
        self.executed.append(request)
        answer = self._next()
        assert isinstance(answer, ExecutionAnswer)
        return answer

    def _next(self) -> ExecutionAnswer | DecisionAnswer:
        answer = self.answers.pop(0) if self.answers else GatewayAway("no more answers")
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeSandboxes(Sandboxes):
    """Carries jobs out by a function of the test."""

    def __init__(self, act: Callable[[Job], Awaitable[RunExit]]) -> None:
        super().__init__(HostOptions(script=Path("x"), python="x"))
        self._act = act

    @property
    def provider(self) -> str:
        return "bubblewrap"

    async def run(self, job: Job) -> RunExit:
        return await self._act(job)


class FakeTimers(Timers):
    """Remembers what was set, and never rings."""

    def __init__(self) -> None:
        self.asked: list[tuple[Due, datetime]] = []

    async def set(self, due: Due, at: datetime) -> None:
        self.asked.append((due, at))

    async def run(self) -> None:
        return


@dataclass
class Rows:
    """One scope's rows, as the worker and the gateway write them."""

    database: Databases
    scope: Scope

    async def queued(self, **changes: object) -> Task:
        agent = {"agent": "reliability-triage", "agent_version": 1}
        async with self.database("worker").transaction(self.scope, Step.set_up) as tx:
            return await add_task(tx, **{**agent, **changes})

    async def started(self, **changes: object) -> StartedRun:
        """Queue a task and claim it as a worker does."""
        await self.queued(**changes)
        return await self.claim()

    async def claim(self) -> StartedRun:
        how = replace(CLAIMING, environment=self.scope.environment)
        claimed = await claim(self.database("worker"), how, take_runs=True)
        assert isinstance(claimed, StartedRun)
        return claimed

    async def propose(self, task: Task, **changes: object) -> UUID:
        async with self.database("gateway").transaction(self.scope, Step.set_up) as tx:
            return (await add_proposal(tx, task, **changes)).id

    async def report(
        self, started: StartedRun, outcome: str = "finished", **body: JsonValue
    ) -> None:
        """Store the run's own report, as the gateway does."""
        async with self.database("gateway").transaction(self.scope, Step.set_up) as tx:
            await runs.report(tx, started.run.id, RunOutcome(outcome), Redacted(body))

    async def task(self, task_id: UUID) -> Task:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return await tasks.get(tx, task_id)

    async def state(self, task_id: UUID) -> TaskState:
        return (await self.task(task_id)).state

    async def proposal_state(self, proposal_id: UUID) -> ProposalState:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return (await proposals.get(tx, proposal_id)).state

    async def rows(self, query: str, **values: object) -> list[Row]:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return await tx.rows(query, values)

    async def change(self, query: str, **values: object) -> None:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            await tx.change(query, values)

    async def events(self, task_id: UUID, event: str) -> list[dict[str, object]]:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            entries = await ledger.list_of_task(tx, task_id)
        return [json.loads(one.body) for one in entries if one.event == event]
