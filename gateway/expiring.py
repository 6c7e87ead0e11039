"""An action that expires: its reversion is scheduled, or called off."""

from datetime import UTC, datetime
from uuid import UUID

from gateway.outcome import Ended
from policy.event import Event
from policy.proposal import ReversionState
from storage import executions, ledger, reversions
from storage.database import Tx
from storage.executions import Execution
from storage.proposals import Proposal
from storage.reversions import Reversion


async def schedule_reversion(
    tx: Tx, proposal: Proposal, execution: Execution, *, reason: str = ""
) -> None:
    """Have an action that expires taken back at its instant, whatever happens here."""
    expires_at = proposal.undo.get("expires_at")
    if not isinstance(expires_at, int | float) or proposal.undoes is not None:
        return
    due_at = datetime.fromtimestamp(expires_at, UTC)
    if await reversions.schedule(
        tx,
        task_id=proposal.task_id,
        proposal_id=proposal.id,
        execution_id=execution.id,
        due_at=due_at,
        reason=reason,
    ):
        await ledger.append(
            tx,
            Event.task_reversion_scheduled,
            actor="gateway",
            task_id=proposal.task_id,
            body={"proposal": proposal.id, "due_at": due_at.isoformat()},
        )


async def cancel_reversion(tx: Tx, proposal_id: UUID, *, reason: str) -> None:
    """Call off a reversion that has nothing left to take back."""
    scheduled = await reversions.find_of_proposal(tx, proposal_id)
    if scheduled is not None and scheduled.state is ReversionState.scheduled:
        await reversions.move(tx, scheduled, ReversionState.cancelled, reason=reason)


async def explain_reversion(tx: Tx, proposal_id: UUID, *, reason: str) -> None:
    """Say on the card why a reversion stands that somebody may wonder at."""
    scheduled = await reversions.find_of_proposal(tx, proposal_id)
    if scheduled is not None and scheduled.state is ReversionState.scheduled:
        await reversions.move(tx, scheduled, scheduled.state, reason=reason)


async def resume_reversion(
    tx: Tx, proposal: Proposal, execution: Execution, *, reason: str
) -> None:
    """Have taken back at its instant what was thought to have had no effect."""
    await schedule_reversion(tx, proposal, execution, reason=reason)
    found = await reversions.find_of_proposal(tx, proposal.id)
    if found is not None and await _may_be_left(tx, found):
        await reversions.move(
            tx,
            found,
            ReversionState.scheduled,
            reason=reason,
            next_try_at=max(found.due_at, tx.now),
        )


async def _may_be_left(tx: Tx, found: Reversion) -> bool:
    """Tell whether it ended without a write, as if there were nothing of ours."""
    if found.state is ReversionState.done:
        ours = await executions.find_last(
            tx, found.proposal_id, kind="revert", outcome=Ended.applied
        )
        return ours is None
    return found.state in {ReversionState.cancelled, ReversionState.skipped}
