"""What a runner reads: its session, its tools, and the world through them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from pydantic import BaseModel, JsonValue

from gateway.excerpt import excerpt
from gateway.gate import (
    Asked,
    Gate,
    RefusedCall,
    get_running,
    lease_lost,
    log_refusal,
    parse_params,
    say_rule,
)
from gateway.ports import ConnectorError
from gateway.redaction.placeholder import Searched
from gateway.redaction.redact import redact_text
from gateway.refusing import MOST_LOGGED, refuse_logged
from gateway.registry import AnyRead, Occasion, Picture, ReadTool
from gateway.sane import sane
from gateway.tokens import RunClaims
from gateway.veil import (
    hide,
    hide_words,
    holds_placeholder,
    lift_given,
    search_ahead,
    veil,
)
from policy.decision import Decision, Verdict
from policy.event import Event
from policy.facts import CallFacts, Phase
from policy.task import TaskState
from storage import alerts, ledger, runs, tasks, tool_calls, traces
from storage.canonical import digest
from storage.database import Tx
from storage.runs import JournalEntry
from storage.steps import Effect, Step
from storage.tasks import Task
from storage.tool_calls import Drawing, NewCall
from wire.tools import ToolAnswer, ToolCall


async def call_tool(
    gate: Gate, claims: RunClaims, name: str, call: ToolCall
) -> ToolAnswer:
    """
    Carry out one read: intent, connector, evidence.

    Raises:
        RefusedCall: with the rule that refused; logged.
    """
    try:
        tool, typed = _typed(gate, claims, name, call)
        request_digest = digest({"tool": name, "params": typed})
        begun = await _begin(gate, claims, tool, call, request_digest=request_digest)
    except RefusedCall as refusal:
        asked = Asked("read", name, tuple(call.params))
        await refuse_logged(gate, claims, asked, refusal)
        raise
    if isinstance(begun, RefusedCall):
        raise begun
    if isinstance(begun, ToolAnswer):
        return begun
    call_id, occasion, params = begun
    try:
        async with (
            gate.database.effect(Effect.tool_read),
            asyncio.timeout(tool.deadline_seconds),
        ):
            result = await sane(tool.read(params, gate.ports, occasion))
    except (ConnectorError, TimeoutError) as exc:
        said = await _fail(gate, claims, call_id, tool.name, exc)
        raise _unreadable(f"{name}: {said}") from exc
    picture = await _draw(gate, tool, params, result, occasion)
    found = result.model_dump(mode="json")
    try:
        searched = await search_ahead(
            gate,
            claims.scope,
            claims.task_id,
            found,
            partial(hide, model=tool.result, outside=True),
        )
    except TimeoutError as exc:
        late = TimeoutError("its answer takes too long to be searched for people")
        said = await _fail(gate, claims, call_id, tool.name, late)
        raise _unreadable(f"{name}: {said}") from exc
    return await _finish(
        gate,
        claims,
        _Finished(call_id, tool, call.step, request_digest, found, searched, picture),
    )


def _unreadable(message: str) -> RefusedCall:
    return RefusedCall("unreadable", rule="connector", message=message, status=424)


def _typed(
    gate: Gate, claims: RunClaims, name: str, call: ToolCall
) -> tuple[AnyRead, Mapping[str, JsonValue]]:
    """Find the tool and type the params; placeholders are typed once lifted."""
    gate.check_environment(claims.scope)
    tool = _listed(claims, name, gate.registry.find(name))
    if holds_placeholder(call.params):
        return tool, call.params
    return tool, parse_params(tool, call.params).model_dump(mode="json")


def _listed(claims: RunClaims, name: str, tool: object) -> AnyRead:
    if isinstance(tool, ReadTool) and name in claims.tools:
        return tool
    raise RefusedCall(
        "unknown_tool",
        rule="tool-list",
        message=f"{name} is not a read tool of {actor_of(claims)}",
        status=404,
    )


async def _begin(
    gate: Gate, claims: RunClaims, tool: AnyRead, call: ToolCall, *, request_digest: str
) -> ToolAnswer | RefusedCall | tuple[UUID, Occasion, BaseModel]:
    """
    Check all that must hold, and log the intent; or answer from the journal.

    A refusal that is given is logged already; one that is raised is not.
    """
    now = gate.database.now()
    allowed = await gate.read_limits.allow(claims.scope.tenant_id, tool.name)
    async with gate.database.transaction(claims.scope, Step.begin_call) as tx:
        task = await get_running(tx, claims)
        reads, kept = await runs.look(tx, task.id, claims.run_id, call.step)
        if kept is not None:
            return _replay(kept, call, request_digest)
        params = parse_params(tool, await lift_given(gate, tx, task.id, call.params))
        agent = gate.agent(claims.agent, claims.agent_version)
        spent = reads >= agent.tool_calls
        facts = read_facts(gate, claims, task, tool.name, call.params)
        decision = gate.policy.evaluate_read(facts)
        async with veil(gate, tx, task.id) as placeholders:
            inputs = hide(call.params, placeholders)
        new = NewCall(
            task_id=task.id,
            run_id=claims.run_id,
            tool=tool.name,
            tool_version=tool.version,
            phase="read",
            inputs=inputs,
            correlation_id=task.correlation_id,
            verdict=decision.verdict,
            rule=say_rule(decision),
        )
        refusal = _refusal(decision, spent=spent, allowed=allowed)
        if refusal is None:
            call_id = await tool_calls.begin(tx, new)
            start = await alerts.find_start(tx, task.id)
            await traces.post(tx, task, run_id=claims.run_id, done=False)
        elif reads < agent.tool_calls + MOST_LOGGED:
            await log_refusal(tx, new, refusal)
            await traces.post(tx, task, run_id=claims.run_id, done=False)
    if refusal is not None:
        return refusal
    started = start.timestamp() if start else None
    occasion = Occasion(task.scope, now.timestamp(), task.service, started)
    return call_id, occasion, params


def _refusal(decision: Decision, *, spent: bool, allowed: bool) -> RefusedCall | None:
    if decision.verdict is not Verdict.allow:
        return RefusedCall(
            "denied", rule=say_rule(decision), message=decision.reason, status=403
        )
    if spent:
        return RefusedCall(
            "budget_spent",
            rule="run-budget",
            message="this run's tool calls are spent; report what is known",
            status=429,
        )
    if not allowed:
        return RefusedCall(
            "rate_limited",
            rule="read-limit",
            message="the tenant's reads of this minute are spent; wait",
            status=429,
        )
    return None


def read_facts(
    gate: Gate,
    claims: RunClaims,
    task: Task,
    tool: str,
    params: "dict[str, JsonValue]",
) -> CallFacts:
    agent = gate.agent(claims.agent, claims.agent_version)
    return CallFacts(
        tenant_id=task.tenant_id,
        environment=gate.environment,
        task_environment=task.environment,
        kind=task.kind,
        tool=tool,
        params=params,
        phase=Phase.read,
        agent=agent.name,
        agent_version=agent.version,
        allowed_tools=tuple(name for name in claims.tools if name in agent.tools),
        requester=task.opened_by,
        sandbox=claims.sandbox,
        lab_only=gate.lab_only,
        autonomy_ceiling=int(agent.ceiling),
    )


def _replay(kept: JournalEntry, call: ToolCall, request_digest: str) -> ToolAnswer:
    if kept.request_digest != request_digest:
        raise RefusedCall(
            "step_reused",
            rule="journal",
            message=f"step {call.step} was asked with other params before",
            status=409,
        )
    answer = ToolAnswer.model_validate(kept.answer)
    return answer.model_copy(update={"replayed": True})


@dataclass(frozen=True, slots=True)
class _Finished:
    """One read that the connector answered."""

    call_id: UUID
    tool: AnyRead
    step: str
    request_digest: str
    found: Mapping[str, JsonValue]
    searched: Searched | None
    picture: Picture | None


async def _draw(
    gate: Gate, tool: AnyRead, params: BaseModel, result: BaseModel, occasion: Occasion
) -> Picture | None:
    """Draw what was read; what can't be drawn takes nothing from the result."""
    if tool.picture is None:
        return None
    try:
        async with asyncio.timeout(tool.deadline_seconds):
            return await tool.picture(params, result, gate.ports, occasion)
    except (ConnectorError, TimeoutError) as exc:
        structlog.get_logger().info("picture.failed", tool=tool.name, error=str(exc))
        return None


async def _finish(gate: Gate, claims: RunClaims, done: _Finished) -> ToolAnswer:
    async with gate.database.transaction(claims.scope, Step.finish_call) as tx:
        task = await tasks.get(tx, claims.task_id, lock=True)
        held = task.fence == claims.fence and task.state == "running"
        if held:
            answer = await _keep(gate, tx, claims, task, done)
        else:
            await tool_calls.finish(
                tx, done.call_id, outputs=None, error="the run lost its task meanwhile"
            )
    if not held:
        raise lease_lost("this run no longer holds its task; stop")
    return answer


async def _keep(
    gate: Gate, tx: Tx, claims: RunClaims, task: Task, done: _Finished
) -> ToolAnswer:
    """Keep the whole as evidence, and in journal and ledger what was answered."""
    drawing = None
    async with veil(
        gate, tx, task.id, searched=done.searched, for_run=True
    ) as placeholders:
        body = hide(done.found, placeholders, done.tool.result, outside=True)
        if done.picture is not None:
            alt = redact_text(done.picture.alt, placeholders)
            drawing = Drawing(done.picture.png, alt)
    evidence = await tool_calls.keep_evidence(
        tx,
        done.call_id,
        task_id=task.id,
        tool=done.tool.name,
        body=body,
        drawing=drawing,
    )
    result, left_out = excerpt(body)
    answer = ToolAnswer(
        evidence_id=str(evidence.id),
        digest=evidence.digest,
        tool=done.tool.name,
        result=result,
        left_out=left_out,
    )
    kept = {"evidence": evidence.id, "digest": evidence.digest}
    await tool_calls.finish(tx, done.call_id, outputs=kept)
    entry = JournalEntry(done.step, done.request_digest, answer.model_dump())
    await runs.keep_journal(tx, claims.run_id, entry)
    await ledger.append(
        tx,
        Event.task_evidence_attached,
        actor=actor_of(claims),
        task_id=task.id,
        body={"tool": done.tool.name, "call": done.call_id, **kept},
    )
    await traces.post(tx, task, run_id=claims.run_id, done=False)
    return answer


async def _fail(
    gate: Gate, claims: RunClaims, call_id: UUID, tool: str, exc: Exception
) -> str:
    """Log why there is no answer; give it as it may be told."""
    async with gate.database.transaction(claims.scope, Step.finish_call) as tx:
        task = await tasks.get(tx, claims.task_id, lock=True)
        async with veil(gate, tx, claims.task_id) as placeholders:
            said = hide_words(str(exc) or "no answer in time", placeholders)
        error = f"{type(exc).__name__}: {said}"
        await tool_calls.finish(tx, call_id, outputs=None, error=error)
        await ledger.append(
            tx,
            Event.task_call_failed,
            actor="gateway",
            task_id=claims.task_id,
            body={"tool": tool, "call": call_id, "error": error},
        )
        if task.fence == claims.fence and task.state is TaskState.running:
            await traces.post(tx, task, run_id=claims.run_id, done=False)
    return said


def actor_of(claims: RunClaims) -> str:
    return f"agent {claims.agent} {claims.agent_version}"
