"""What holds a write back right now: the freeze, and how much was written lately."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import BaseModel

from gateway.gate import Gate
from gateway.registry import AnyWrite
from policy.facts import CallFacts
from policy.scope import Scope
from storage import freezes, guards
from storage.database import Tx
from storage.executions import Execution
from storage.guards import Writer
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task


def target_of(tool: AnyWrite, params: BaseModel) -> str:
    """
    Name what is acted on by which tool: one lock, one count.

    A ban and a log-out of one user don't exclude each other: each compares its own part
    of the user with what was approved.
    """
    named = params.model_dump(mode="json")
    return f"{tool.name}:{'/'.join(str(named[one]) for one in tool.target_params)}"


async def ask_for_target(
    gate: Gate, scope: Scope, target: str, proposal: Proposal
) -> None:
    """Have whoever holds a target for long let what takes something back go first."""
    if proposal.undoes is None:
        return
    async with gate.database.transaction(scope, Step.look) as tx:
        await guards.ask_for_target(tx, target, by=proposal.id)


def hold_seconds(tool: AnyWrite, effect_seconds: float) -> float:
    """Give for how long a write that may take so long keeps others off its target."""
    return effect_seconds + tool.settle_seconds + guards.SLACK_SECONDS


def may_land_until(execution: Execution, tool: AnyWrite) -> datetime:
    """Give until when what was sent, and not seen, may still take effect."""
    seconds = tool.settle_seconds + guards.SLACK_SECONDS
    return execution.effect_deadline_at + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a write is about: its task, its params, its target as it was seen."""

    task: Task
    params: BaseModel
    before: BaseModel

    @property
    def services(self) -> frozenset[str]:
        """Name every service that task, params or target say it belongs to."""
        named = (getattr(one, "service", None) for one in (self.params, self.before))
        return frozenset(str(one) for one in (self.task.service, *named) if one)


def writer_of(tool: AnyWrite, params: BaseModel, facts: CallFacts) -> Writer:
    return Writer(tool=tool.name, target=target_of(tool, params), agent=facts.agent)


async def load_restraints(
    tx: Tx, facts: CallFacts, tool: AnyWrite, touched: Touched
) -> CallFacts:
    """Add to the facts what holds the write back, as a look before any decision."""
    return await _load(tx, facts, tool, touched, binding=False)


async def hold_restraints(
    tx: Tx, facts: CallFacts, tool: AnyWrite, touched: Touched
) -> CallFacts:
    """Do the same in a write's first transaction: none of it changes until its end."""
    return await _load(tx, facts, tool, touched, binding=True)


async def _load(
    tx: Tx, facts: CallFacts, tool: AnyWrite, touched: Touched, *, binding: bool
) -> CallFacts:
    freeze = await freezes.read(tx, lock=binding)
    counts = await guards.read_counts(
        tx, writer_of(tool, touched.params, facts), alone=binding
    )
    hold = freeze.holding(
        tool=tool.name, category=tool.category, services=touched.services
    )
    return replace(
        facts,
        frozen=hold is not None,
        frozen_whole=freeze.holds_undo is not None,
        writes_last_hour=counts.tool,
        writes_on_target=counts.target,
        writes_by_agent=counts.agent,
        writes_here=counts.everywhere,
    )
