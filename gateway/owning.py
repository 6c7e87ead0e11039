"""
Whose change a target holds: a later action's, though an earlier one meant the same.

What was lost is judged by what was meant, and that may be another's. A later execution
of the same tool on the same target that is known to have taken effect, and whose change
stands, owns it: it is taken back with that one, or not at all. What takes something
back owns what it set where that was older than the action asked about; else it has put
back what the action left.
"""

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


async def find_owner(tx: Tx, of: Standing, *, unsure: bool = False) -> str | None:
    """
    Say which later execution has set what stands; None if none has.

    ``unsure`` counts those of which nobody knows whether they took effect.
    """
    target = of.params.model_dump(mode="json", include={*of.tool.target_params})
    later = await executions.list_since(
        tx, of.action, of.tool.name, target=target, unsure=unsure
    )
    for one in later:
        proposal = await proposals.get(tx, one.proposal_id)
        try:
            stands = await _stands(tx, of, one, proposal)
        except RefusedCall:
            # What this release can't read, or whose values nobody keeps any more.
            continue
        if stands:
            return await _say(tx, one, proposal)
    return None


async def _stands(tx: Tx, of: Standing, later: Execution, proposal: Proposal) -> bool:
    async def lifted(body: object) -> dict[str, JsonValue]:
        return await lift(of.gate, tx, later.task_id, plain(body or {}))

    asked = plain(proposal.undo)["params"] if _reverts(later) else proposal.params
    params = read_params(of.tool, await lifted(asked))
    if target_of(of.tool, params) != target_of(of.tool, of.params):
        return False
    before = read_state(of.tool, await lifted(later.before), what="before")
    return of.tool.reconcile(params, before, of.seen) is Settled.applied


def _reverts(one: Execution) -> bool:
    return one.kind == "revert"


async def _say(tx: Tx, later: Execution, proposal: Proposal) -> str:
    """Name it without whom its task's placeholders stand for: ours are others."""
    task = await tasks.get(tx, later.task_id)
    title = proposal.tool if "⟨" in proposal.title else proposal.title
    if _reverts(later):
        return f"the reversion of “{title}” (task {task.short_id}) has set it so since"
    said = f"“{title}” (task {task.short_id}) has set it so since"
    own = await reversions.find_of_proposal(tx, proposal.id)
    if own is None:
        return said
    if own.state is ReversionState.failed:
        return f"{said}, and a person has to take that back"
    return f"{said}, and is taken back at its own time"
