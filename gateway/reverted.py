"""
What becomes of a reversion: tried again later, or over.

What can't be taken back opens a linked task for a person. The caller holds the task and
the reversion, in that order.
"""

from datetime import datetime, timedelta

from gateway.linking import open_linked
from gateway.outcome import Ended, Outcome
from gateway.outcomes import MOST_TRIES, close_effect
from policy.event import Event
from policy.proposal import ReversionState
from policy.task import TaskState
from storage import executions, ledger, posts, reversions, tasks
from storage.database import Tx
from storage.proposals import Proposal
from storage.reversions import Reversion
from wire.control import ReversionAnswer

AGAIN_SECONDS = 5.0
# How many looks may be in vain, five seconds apart, before a person looks.
MOST_WAITS = 120


async def retry_at(tx: Tx, now: Reversion, outcome: Outcome) -> datetime | None:
    """Give when to try again what did not leave; None where a person has to look."""
    if outcome.ended is Ended.put_off and now.waits < MOST_WAITS:
        await reversions.count_wait(tx, now)
        return tx.now + timedelta(seconds=outcome.retry_after)
    vain = await executions.count_in_vain(tx, now.proposal_id, kind="revert")
    if outcome.ended is Ended.not_sent and vain < MOST_TRIES:
        return tx.now + timedelta(seconds=AGAIN_SECONDS * vain)
    return None


async def postpone(
    tx: Tx, now: Reversion, reason: str, *, seconds: float = AGAIN_SECONDS
) -> ReversionAnswer:
    later = tx.now + timedelta(seconds=seconds)
    await reversions.move(tx, now, now.state, reason=reason, next_try_at=later)
    return ReversionAnswer(code="waits", text=reason)


async def finish(
    tx: Tx, proposal: Proposal, now: Reversion, state: ReversionState, reason: str
) -> ReversionAnswer:
    """End it: row, ledger, card, and a task for a person if it failed."""
    await reversions.move(tx, now, state, reason=reason)
    for kind in ("revert", "apply"):
        open_one = await executions.find_last(tx, proposal.id, kind=kind)
        await close_effect(tx, open_one, reason)
    failed = state is ReversionState.failed
    await ledger.append(
        tx,
        Event.task_reversion_failed if failed else Event.task_reverted,
        actor="gateway",
        task_id=now.task_id,
        body={"proposal": now.proposal_id, "state": state, "reason": reason},
    )
    await posts.post_card(tx, now.proposal_id)
    if failed:
        parent = await tasks.get(tx, now.task_id)
        await open_linked(
            tx,
            parent,
            state=TaskState.escalated_to_human,
            title=f"Not reverted: {proposal.estimate.get('title') or proposal.tool}",
            opened_by="autopilot",
            reason=f"its reversion failed, a person has to take it back: {reason}",
        )
    return ReversionAnswer(code="over", text=reason)
