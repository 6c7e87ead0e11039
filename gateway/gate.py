"""
The gate: what every call needs, and how a call is refused.

Order of a call: token, tool known and listed, params typed, scope, policy, limit,
connector, redaction, evidence or outcome, ledger. A refusal is logged with the rule
that refused and answered in a typed body; nothing is half done.
"""

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel, JsonValue, ValidationError

from gateway.agents import Agent, Agents
from gateway.limits import ReadLimits
from gateway.model_catalog import Models
from gateway.ports import Ports
from gateway.redaction.redact import storable
from gateway.registry import AnyRead, AnyWrite, Registry
from gateway.tokens import RunClaims, Verifier
from policy.decision import Decision
from policy.evaluate import Policy
from policy.event import Event
from policy.scope import Scope
from policy.task import TaskState
from storage import directory, ledger, tasks, tool_calls
from storage.database import Database, Tx
from storage.steps import Step
from storage.tasks import Task
from storage.tool_calls import NewCall


class RefusedCall(Exception):
    """A call that is not carried out; ``status`` is the HTTP status of the answer."""

    def __init__(self, code: str, *, rule: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.rule = rule
        self.message = storable(message)
        self.status = status


def _two_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="search")


@dataclass(frozen=True, slots=True)
class Gate:
    """
    Everything behind the door, of one environment.

    ``lab_only``: every connector is the lab's. ``vault_key`` is a Fernet key,
    ``pseudonym_key`` the secret by which intake names people, ``reveal_key`` the
    Fernet key under which values go to the courier. ``admin_pages`` are templates of
    addresses by tool. ``models`` None: no endpoint is configured.
    """

    database: Database
    policy: Policy
    registry: Registry
    agents: Agents
    ports: Ports
    environment: str
    verifier: Verifier
    vault_key: str
    pseudonym_key: str
    reveal_key: str
    lab_only: bool
    read_limits: ReadLimits
    admin_pages: Mapping[str, str] = field(default_factory=dict)
    models: Models | None = None
    # What strangers wrote at length is searched here: no look-up of a name waits.
    searchers: Executor = field(default_factory=_two_threads)

    def agent(self, name: str, version: int) -> Agent:
        """
        Give the definition that a task began with.

        Raises:
            RefusedCall: this gateway does not have it.
        """
        agent = self.agents.get((name, version))
        if agent is None:
            raise RefusedCall(
                "unknown_agent",
                rule="agent-version",
                message=f"agent {name} {version} is not installed at this gateway",
                status=409,
            )
        return agent

    def check_environment(self, scope: Scope) -> None:
        if scope.environment != self.environment:
            raise RefusedCall(
                "other_environment",
                rule="environment",
                message=f"this gateway serves {self.environment} alone",
                status=403,
            )


async def locate_proposal(gate: Gate, proposal_id: UUID) -> Scope:
    """
    Find the scope of a proposal, which must be of this environment.

    Raises:
        RefusedCall: it is not, or does not exist.
    """
    async with gate.database.dispatch(Step.look) as tx:
        scope = await directory.find_scope(tx, "proposal", proposal_id)
    if scope is None:
        raise RefusedCall(
            "unknown_proposal",
            rule="scope",
            message=f"proposal {proposal_id} is not known here",
            status=404,
        )
    gate.check_environment(scope)
    return scope


def lease_lost(message: str) -> RefusedCall:
    return RefusedCall("lease_lost", rule="fence", message=message, status=410)


async def get_running(tx: Tx, claims: RunClaims) -> Task:
    """
    Lock the run's task, which must still be the run's.

    Raises:
        RefusedCall: the fence moved on, or the task no longer runs.
    """
    task = await tasks.find(tx, claims.task_id, lock=True)
    if (
        task is None
        or task.fence != claims.fence
        or task.state is not TaskState.running
    ):
        raise lease_lost("this run no longer holds its task; stop")
    return task


def parse_params(
    tool: AnyRead | AnyWrite, params: Mapping[str, JsonValue]
) -> BaseModel:
    """
    Type the params of a call.

    Raises:
        RefusedCall: they don't fit the tool's model.
    """
    try:
        return tool.params.model_validate(params)
    except ValidationError as exc:
        first = exc.errors()[0]
        named = first["loc"][:1] and first["loc"][0] in tool.params.model_fields
        where = ".".join(str(part) for part in first["loc"]) if named else "params"
        raise RefusedCall(
            "invalid_params",
            rule="params-schema",
            message=f"{tool.name}: {where}: {first['msg']}",
            status=422,
        ) from exc


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asked for, in its own words; of params the names alone."""

    phase: str
    tool: str
    params: tuple[str, ...]
    reason_code: str | None = None

    def refused(self, claims: RunClaims, *, version: int, rule: str) -> NewCall:
        code = self.reason_code
        return NewCall(
            task_id=claims.task_id,
            run_id=claims.run_id,
            tool=storable(self.tool[:80]),
            tool_version=version,
            phase=self.phase,
            inputs={"refused": [storable(name[:80]) for name in self.params[:20]]},
            correlation_id=claims.run_id,
            verdict="deny",
            rule=rule,
            reason_code=storable(code[:80]) if code is not None else None,
        )


async def log_refusal(tx: Tx, call: NewCall, refusal: RefusedCall) -> None:
    await tool_calls.refuse(tx, call, error=refusal.message)
    await ledger.append(
        tx,
        Event.task_call_refused,
        actor="gateway",
        task_id=call.task_id,
        body={
            "tool": call.tool,
            "phase": call.phase,
            "code": refusal.code,
            "rule": refusal.rule,
            "message": refusal.message,
        },
    )


def say_rule(decision: Decision) -> str:
    """Give matrix rule and guards as one word for logs and cards."""
    return " + ".join((decision.matrix_rule, *decision.cedar_ids))
