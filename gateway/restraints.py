"""What holds a write back right now: the freeze, and how much was written lately."""

from dataclasses import dataclass, replace

from pydantic import BaseModel

from gateway.registry import AnyWrite
from policy.facts import CallFacts
from storage import freezes, guards
from storage.database import Tx
from storage.guards import Writer
from storage.tasks import Task


def target_of(tool: AnyWrite, params: BaseModel) -> str:
    """
    Name what is acted on by which tool: one lock, one count.

    A ban and a log-out of one user don't exclude each other: each compares its own part
    of the user with what was approved.
    """
    named = params.model_dump(mode="json")
    return f"{tool.name}:{'/'.join(str(named[one]) for one in tool.target_params)}"


def hold_seconds(tool: AnyWrite, effect_seconds: float) -> float:
    """Give for how long a write that may take so long keeps others off its target."""
    return effect_seconds + tool.settle_seconds + guards.SLACK_SECONDS


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
