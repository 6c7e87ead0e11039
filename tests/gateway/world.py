"""A gateway over the real database, and short ways to bring a task where it matters."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
from cryptography.fernet import Fernet
from pydantic import JsonValue

from gateway import deciding, executing, proposing, reading
from gateway.agents import Agents, load_agents
from gateway.gate import Gate
from gateway.limits import ReadLimits
from gateway.registry import Registry
from gateway.server import control_app, runner_app
from gateway.tokens import RunClaims, Signer, Verifier
from gateway.tools.catalog import all_tools
from policy.evaluate import Policy, load_policy
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import freezes, inbox, ledger, moves, proposals, runs, tasks
from storage.database import Database, Row
from storage.freezes import Hold
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.database import ADMIN, RELEASE
from tests.faults import Faults
from tests.gateway.outside import FLAG, SERVICE, Outside
from tests.policy.shipped import shipped_texts
from tests.samples import add_alert, add_task, alert
from wire.control import (
    DecisionAnswer,
    DecisionRequest,
    ExecutionAnswer,
    ExecutionRequest,
)
from wire.proposals import ProposalAnswer, ProposalDraft
from wire.tools import ToolAnswer, ToolCall

AGENTS = Path(__file__).parents[2] / "agents"
AGENT = "reliability-triage"
PSEUDONYM_KEY = "pseudonyms-of-the-tests"
OPERATOR, SECOND, GUEST = "U0OPERATOR", "U0SECOND", "U0GUEST"
DASHBOARD = "get_dashboard_snapshot"
FLAG_OFF: Mapping[str, JsonValue] = {
    "flag_key": FLAG,
    "enabled": False,
    "rollout_percent": 0,
}


@dataclass(frozen=True)
class Keys:
    signer: Signer
    verifier: Verifier


@dataclass(frozen=True)
class Release:
    """What a release ships: read once, since nothing of it changes."""

    registry: Registry
    policy: Policy
    agents: Agents


def read_release() -> Release:
    registry = all_tools()
    policy = load_policy(shipped_texts(), registry.specs)
    return Release(registry, policy, load_agents(AGENTS))


def gate_of(
    release: Release, database: Database, scope: Scope, keys: Keys, outside: Outside
) -> Gate:
    return Gate(
        database=database,
        policy=release.policy,
        registry=release.registry,
        agents=release.agents,
        ports=outside.ports,
        environment=scope.environment,
        verifier=keys.verifier,
        vault_key=Fernet.generate_key().decode(),
        pseudonym_key=PSEUDONYM_KEY,
        reveal_key=Fernet.generate_key().decode(),
        lab_only=False,
        read_limits=ReadLimits(None, calls_per_minute=600),
    )


@dataclass
class World:
    """One gateway, one tenant; the worker's part is played by the test."""

    gate: Gate
    outside: Outside
    database: Databases
    scope: Scope
    keys: Keys

    async def start(self, **changes: object) -> RunClaims:
        """Open a task with one alert and run it; give what its token would say."""
        async with self.database("worker").transaction(self.scope, Step.set_up) as tx:
            task = await add_task(
                tx,
                **{
                    "service": SERVICE,
                    "agent": AGENT,
                    "agent_version": 1,
                    "group_key": str(uuid4()),
                    **changes,
                },
            )
            await add_alert(tx, alert(str(uuid4()), tx, service=SERVICE), task.id)
            run = await runs.begin(tx, task.id, 1)
            task = await moves.move(tx, task, TaskEvent.claimed, actor="test")
        agent = self.gate.agent(AGENT, 1)
        return RunClaims(
            scope=self.scope,
            task_id=task.id,
            run_id=run.id,
            fence=task.fence,
            agent=AGENT,
            agent_version=1,
            tools=agent.tools,
            sandbox="bubblewrap",
        )

    async def look(self, claims: RunClaims, *, step: str = "snapshot") -> ToolAnswer:
        """Read the dashboard as the run's step."""
        call = ToolCall(step=step, params={"dashboard_id": f"{SERVICE}-overview"})
        return await reading.call_tool(self.gate, claims, DASHBOARD, call)

    async def propose(self, claims: RunClaims, **changes: object) -> ProposalAnswer:
        return await proposing.propose(self.gate, claims, draft(**changes))

    async def shown(
        self, claims: RunClaims | None = None, **changes: object
    ) -> Proposal:
        """Bring a grounded proposal before people: its task needs approval."""
        held = claims or await self.start()
        seen = await self.look(held, step=str(uuid4()))
        answer = await self.propose(
            held, **{"evidence_ids": (seen.evidence_id,), **changes}
        )
        await self.move(held.task_id, TaskEvent.run_awaits_person)
        return await self.proposal(answer.proposal_id)

    async def approved(
        self, claims: RunClaims | None = None, **changes: object
    ) -> Proposal:
        """Bring a proposal to where it may execute."""
        proposal = await self.shown(claims, **changes)
        answer = await self.click(proposal)
        assert answer.code == "approved", answer
        return await self.proposal(proposal.id)

    async def click(self, proposal: Proposal, **changes: object) -> DecisionAnswer:
        """Store a click and have it decided; ``changes`` are fields of the request."""
        return await deciding.decide(self.gate, await self.request(proposal, **changes))

    async def request(self, proposal: Proposal, **changes: object) -> DecisionRequest:
        """Store a click in the inbox, as the web process does; ``user`` clicks."""
        user = changes.pop("user", OPERATOR)
        async with self.database("web").transaction(self.scope, Step.store_click) as tx:
            delivery = Delivery("slack", str(uuid4()), "decision", {"user": user})
            kept = await inbox.receive(tx, delivery)
        fields = {
            "inbox_id": str(kept),
            "proposal_id": str(proposal.id),
            "digest": proposal.digest,
            "person": user,
            "slack_user": user,
            "verdict": "approve",
            **changes,
        }
        return DecisionRequest.model_validate(fields)

    async def advance(
        self, task_id: UUID, *, fence: int | None = None
    ) -> ExecutionAnswer:
        """Ask for the next step of the task's execution, as whoever holds the task."""
        if fence is None and (await self.task(task_id)).fence == 0:
            # One that was born executing is claimed by a worker first.
            await self.database_change(
                "UPDATE tasks SET fence = 1 WHERE id = :id", id=task_id
            )
        held = (await self.task(task_id)).fence if fence is None else fence
        return await executing.advance(
            self.gate,
            ExecutionRequest(
                tenant_id=self.scope.tenant_id,
                environment=self.scope.environment,
                task_id=task_id,
                fence=held,
            ),
        )

    async def move(self, task_id: UUID, event: TaskEvent) -> Task:
        async with self.database("worker").transaction(self.scope, Step.sweep) as tx:
            task = await tasks.get(tx, task_id, lock=True)
            return await moves.move(tx, task, event, actor="test")

    async def freeze(self, *, frozen: bool) -> None:
        async with self.database(RELEASE).transaction(self.scope, Step.set_up) as tx:
            if frozen:
                await freezes.freeze(tx, Hold("release day", "operator"))
            else:
                await freezes.thaw(tx)

    async def task(self, task_id: UUID) -> Task:
        async with self.gate.database.transaction(self.scope, Step.look) as tx:
            return await tasks.get(tx, task_id)

    async def state(self, task_id: UUID) -> TaskState:
        return (await self.task(task_id)).state

    async def proposal(self, proposal_id: UUID | str) -> Proposal:
        async with self.gate.database.transaction(self.scope, Step.look) as tx:
            return await proposals.get(tx, UUID(str(proposal_id)))

    async def rows(self, query: str, **values: object) -> list[Row]:
        """Read as the gateway's role: the tenant's rows alone."""
        async with self.gate.database.transaction(self.scope, Step.look) as tx:
            return await tx.rows(query, values)

    async def database_change(self, query: str, **values: object) -> None:
        """Change rows as only a superuser can, by their ids."""
        url = self.database.urls[ADMIN]
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as to:
            await to.execute(_named(query).encode(), values)

    async def events(self, task_id: UUID, *wanted: str) -> list[dict[str, JsonValue]]:
        """Give the bodies of the task's ledger entries of these events."""
        async with self.gate.database.transaction(self.scope, Step.look) as tx:
            entries = await ledger.list_of_task(tx, task_id)
        return [json.loads(one.body) for one in entries if one.event in wanted]

    async def answers(self) -> list[str]:
        """Give what people were told for their eyes alone, oldest first."""
        found = await self.rows(
            "SELECT payload FROM outbox WHERE kind = 'answer' ORDER BY created_at, id"
        )
        return [row["payload"]["text"] for row in found]

    def with_texts(self, edit: Callable[[dict[str, str]], None]) -> "World":
        """Give the same world under edited policy texts."""
        texts = shipped_texts()
        edit(texts)
        policy = load_policy(texts, self.gate.registry.specs)
        return replace(self, gate=replace(self.gate, policy=policy))

    def killed_at(self, faults: Faults) -> "World":
        """Give a second gateway process that dies at a fault point."""
        database = self.database.fresh("gateway", faults=faults)
        return replace(self, gate=replace(self.gate, database=database))

    def at(self, environment: str) -> "World":
        """Give a gateway of another environment over the same rows."""
        return replace(self, gate=replace(self.gate, environment=environment))

    def runner_door(self) -> httpx.AsyncClient:
        return _client(httpx.ASGITransport(runner_app(self.gate)))

    def control_door(self) -> httpx.AsyncClient:
        return _client(httpx.ASGITransport(control_app(self.gate)))

    def token(self, claims: RunClaims, *, seconds: int = 60) -> str:
        return self.keys.signer.sign_run(claims, now=self.real_now(), seconds=seconds)

    def control_token(self) -> str:
        return self.keys.signer.sign_control(now=self.real_now())

    def real_now(self) -> datetime:
        """Give the test's clock: it starts at the real time, which tokens need."""
        return self.database.clock()


def draft(**changes: object) -> ProposalDraft:
    fields = {
        "key": str(uuid4()),
        "tool": "toggle_feature_flag",
        "params": dict(FLAG_OFF),
        "reason_code": "incident_mitigation",
        "summary": "Turn flag new_ranker off",
        "because": "the failing traces carry it",
        "confidence": 0.9,
        **changes,
    }
    return ProposalDraft.model_validate(fields)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _named(query: str) -> str:
    """Write ``:id`` as psycopg's ``%(id)s``."""
    return re.sub(r":([a-z_]+)", r"%(\1)s", query)


def _client(transport: httpx.ASGITransport) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=transport, base_url="http://gateway")
