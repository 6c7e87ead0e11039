"""A run's beginning and end: what it may know, and what it reports."""

from uuid import UUID

from pydantic import JsonValue

from gateway.citing import cite
from gateway.gate import Gate, get_running
from gateway.model_view import view_model
from gateway.reading import actor_of
from gateway.tokens import RunClaims
from gateway.veil import hide_texts, veil
from policy.event import Event
from policy.task import RunOutcome
from storage import (
    alerts,
    ledger,
    pictures,
    posts,
    proposals,
    runs,
    tool_calls,
    traces,
)
from storage.database import Tx
from storage.runs import JournalEntry
from storage.steps import Step
from storage.tasks import Task
from wire.proposals import RunReport
from wire.session import AlertView, BudgetView, Session, TaskView
from wire.tools import ToolView

# A thread on a phone shows one at a time.
_MOST_PICTURES = 2
# No step of a plan or of a model is called so: those have no dash.
# Where a report holds words.
_TEXTS = frozenset({"summary", "text", "quotes", "unknowns", "notes"})
_SESSION = "the-session"


async def read_session(gate: Gate, claims: RunClaims) -> Session:
    """
    Give a run everything that it may know at its start.

    A run with a model is given the same again when it goes on after a kill: its
    questions begin with it, and each is paid once.
    """
    gate.check_environment(claims.scope)
    agent = gate.agent(claims.agent, claims.agent_version)
    async with gate.database.transaction(claims.scope, Step.read_session) as tx:
        task = await get_running(tx, claims)
        if agent.model is None:
            return await _gather(gate, tx, claims, task)
        _, kept = await runs.look(tx, task.id, claims.run_id, _SESSION)
        if kept is not None:
            # The order of a playbook's values counts, and the database keeps none.
            known = {**kept.answer, "playbook": dict(agent.playbook)}
            return Session.model_validate(known)
        session = await _gather(gate, tx, claims, task)
        body = session.model_dump(mode="json", exclude={"playbook"})
        entry = JournalEntry(_SESSION, agent.digest, body)
        await runs.keep_journal(tx, claims.run_id, entry)
    return session


async def _gather(gate: Gate, tx: Tx, claims: RunClaims, task: Task) -> Session:
    agent = gate.agent(claims.agent, claims.agent_version)
    found = await alerts.list_of_task(tx, task.id)
    earlier = await proposals.list_of_task(tx, task.id)
    return Session(
        run_id=str(claims.run_id),
        task=TaskView(
            id=str(task.id),
            kind=task.kind,
            title=task.title,
            severity=task.severity,
            service=task.service,
            environment=task.environment,
            plan=task.plan,
            rejected=tuple(
                f"{one.tool} {dict(one.params)}"
                for one in earlier
                if one.state == "rejected"
            ),
        ),
        alerts=[
            AlertView(
                fingerprint=one.fingerprint,
                title=one.title,
                severity=one.severity,
                status=one.status,
                service=one.service,
                labels=dict(one.labels),
                annotations=dict(one.annotations),
                starts_at=one.starts_at.isoformat(),
            )
            for one in found
        ],
        agent=agent.name,
        agent_version=agent.version,
        driver="playbook" if agent.model is None else "model",
        playbook=dict(agent.playbook),
        tools=list(claims.tools),
        budget=BudgetView(tool_calls=agent.tool_calls, seconds=agent.seconds),
        model=await view_model(gate, tx, agent, task),
    )


def list_tools(gate: Gate, claims: RunClaims) -> list[ToolView]:
    """Give the tools of this agent version, with their schemas."""
    gate.check_environment(claims.scope)
    return [
        ToolView(
            name=spec.name,
            version=spec.version,
            category=spec.category.value,
            params_schema=_json_object(spec.params_schema),
            reason_codes=spec.reason_codes,
        )
        for spec in gate.registry.specs
        if spec.name in claims.tools
    ]


async def report_run(gate: Gate, claims: RunClaims, report: RunReport) -> None:
    """Store a run's own report and post what it found; the worker judges it."""
    gate.check_environment(claims.scope)
    async with gate.database.transaction(claims.scope, Step.report_run) as tx:
        task = await get_running(tx, claims)
        asked_model = gate.agent(claims.agent, claims.agent_version).model is not None
        if asked_model:
            report = cite(report, await tool_calls.list_evidence(tx, task.id))
        async with veil(gate, tx, task.id) as placeholders:
            body = hide_texts(report.model_dump(mode="json"), placeholders, _TEXTS)
        if not await runs.report(tx, claims.run_id, RunOutcome(report.outcome), body):
            return
        await ledger.append(
            tx,
            Event.task_run_finished,
            actor=actor_of(claims),
            task_id=task.id,
            body={"run": claims.run_id, **body},
        )
        drawn = await pictures.copy_of_task(tx, task.id, most=_MOST_PICTURES)
        found = {
            "evidence": await _evidence_rows(tx, task.id),
            "pictures": [{"id": one.id, "alt": one.alt} for one in drawn],
        }
        await posts.post_findings(tx, task.id, {**body, **found})
        await traces.post(tx, task, run_id=claims.run_id, done=True)


async def _evidence_rows(tx: Tx, task_id: UUID) -> list[dict[str, str]]:
    return [
        {"id": str(one.id), "tool": one.tool, "digest": one.digest}
        for one in await tool_calls.list_evidence(tx, task_id)
    ]


def _json_object(schema: object) -> dict[str, JsonValue]:
    return dict(schema) if isinstance(schema, dict) else {}
