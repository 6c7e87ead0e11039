"""The risk of an action, from what was measured and how its agent has done before."""

from dataclasses import replace

from gateway.assessment import Assessment
from gateway.grounding import Grounding
from policy.risk import Measured, Proof, assess_risk
from storage import agent_records
from storage.database import Tx
from storage.tasks import Task


async def with_risk(
    tx: Tx, task: Task, found: Assessment, grounding: Grounding, *, proposed_by: str
) -> Assessment:
    """Give an agent's action with its risk."""
    proof = Proof(
        pieces=grounding.cited,
        oldest_seconds=grounding.oldest_seconds,
        most_seconds=found.tool.evidence_seconds,
    )
    record = await agent_records.read(tx, proposed_by)
    measured = replace(_measured(task, found, grounding), proof=proof, record=record)
    return replace(found, risk=assess_risk(measured))


def with_undo_risk(task: Task, found: Assessment, grounding: Grounding) -> Assessment:
    """Give an undo with its risk: it restores what was measured, whoever asks."""
    return replace(found, risk=assess_risk(_measured(task, found, grounding)))


def _measured(task: Task, found: Assessment, grounding: Grounding) -> Measured:
    return Measured(
        category=found.tool.category,
        environment=task.environment,
        amount=found.amount,
        unit=str(found.estimate["unit"]),
        uncited=bool(grounding.uncited),
        tainted=grounding.tainted,
        proof=None,
        record=None,
    )
