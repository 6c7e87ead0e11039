"""
Whose change a target holds: a later action's, though an earlier one meant the same.

What was lost is judged by what was meant, and that may be another's. A later execution
of the same tool on the same target that is known to have taken effect, and whose change
stands, owns it: it is taken back with that one, or not at all. What takes something
back owns what it set where that was older than the action asked about; else it has put
back what the action left. One that names the target, and that this release can't read,
may own it: nothing is written over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue

from gateway.gate import Gate, RefusedCall
from gateway.registry import AnyWrite, Settled
from gateway.restraints import target_of
from gateway.stored import read_params, read_state
from gateway.veil import lift
from policy.proposal import ReversionState
from storage import executions, proposals, reversions, tasks
from storage.canonical import plain
from storage.database import Tx
from storage.executions import Execution
from storage.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Standing:
    """A target as it is ``seen``, which reads as an action's execution meant it."""

    gate: Gate
    tool: AnyWrite
    params: BaseModel
    action: Execution
    seen: BaseModel


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has set what stands, in words; not ``is_sure``: who may have."""

    text: str
    is_sure: bool = True


async def find_owner(tx: Tx, of: Standing, *, unsure: bool = False) -> Owner | None:
    """
    Say which later execution has set what stands; None if none has.

    One that is known to have comes before one that may have.

    ``unsure`` counts those of which nobody knows whether they took effect.
    """
    target = of.params.model_dump(mode="json", include={*of.tool.target_params})
    later = await executions.list_since(
        tx, of.action, of.tool.name, target=target, unsure=unsure
    )
    doubt: Owner | None = None
    for one in later:
        proposal = await proposals.get(tx, one.proposal_id)
        stands = await _stands(tx, of, one, proposal, target)
        if stands:
            return Owner(await _say(tx, one, proposal))
        if stands is None and doubt is None:
            doubt = Owner(await _say_unread(tx, one, proposal), is_sure=False)
    return doubt


async def _stands(
    tx: Tx,
    of: Standing,
    later: Execution,
    proposal: Proposal,
    target: Mapping[str, JsonValue],
) -> bool | None:
    """
    Tell whether it has set what stands; None if it is of the target, and unreadable.

    What only a placeholder may make one of the target's is none of it then.
    """

    async def lifted(body: object) -> dict[str, JsonValue]:
        return await lift(of.gate, tx, later.task_id, plain(body or {}))

    undo = plain(proposal.undo).get("params")
    asked = plain((undo if _reverts(later) else proposal.params) or {})
    is_named = all(asked.get(name) == value for name, value in target.items())
    try:
        params = read_params(of.tool, await lifted(asked))
        is_named = target_of(of.tool, params) == target_of(of.tool, of.params)
        if not is_named:
            return False
        before = read_state(of.tool, await lifted(later.before), what="before")
    except RefusedCall:
        # What this release can't read, or whose values nobody keeps any more.
        return None if is_named else False
    return of.tool.reconcile(params, before, of.seen) is Settled.applied


def _reverts(one: Execution) -> bool:
    return one.kind == "revert"


async def _say(tx: Tx, later: Execution, proposal: Proposal) -> str:
    """Name it without whom its task's placeholders stand for: ours are others."""
    named = await _name(tx, later, proposal)
    said = f"{named} has set it so since"
    if _reverts(later):
        return said
    own = await reversions.find_of_proposal(tx, proposal.id)
    if own is None:
        return said
    if own.state is ReversionState.failed:
        return f"{said}, and a person has to take that back"
    return f"{said}, and is taken back at its own time"


async def _say_unread(tx: Tx, later: Execution, proposal: Proposal) -> str:
    named = await _name(tx, later, proposal)
    return f"somebody's later action may stand there: {named}, which can't be read"


async def _name(tx: Tx, later: Execution, proposal: Proposal) -> str:
    task = await tasks.get(tx, later.task_id)
    title = proposal.tool if "⟨" in proposal.title else proposal.title
    named = f"“{title}” (task {task.short_id})"
    return f"the reversion of {named}" if _reverts(later) else named
