"""
How long a reversion waits for a system, or for its target, and what is told of it.

Theory of operation. ``vain_since`` is one instant: since when nothing has worked, be it
that the target can't be read, that its system puts the write off, or that another
execution has the target; troubles that take turns share its hour. What took effect,
and whoever holds it on purpose (a freeze, an undo), ends it. After the hour a few looks
more may fail, so that no blip calls a person: within an hour and a quarter one is
called. A system that only fails, and never says when it is back, has ten minutes.
"""

from datetime import datetime, timedelta

from gateway.gate import Gate, RefusedCall
from gateway.outcome import Ended, Outcome
from gateway.outcomes import MOST_TRIES
from gateway.reverted import ACTIVE, finish, why_waits
from gateway.stored import UnreadableRow
from gateway.veil import told
from policy.proposal import ReversionState
from policy.scope import Scope
from storage import executions, guards, outbox, posts, reversions, tasks
from storage.database import Tx
from storage.proposals import Proposal
from storage.reversions import Reversion
from storage.steps import Step
from wire.control import ReversionAnswer

AGAIN_SECONDS = 5.0
# How many looks may be in vain, five seconds apart, before a person looks. A system
# that is busy says itself when it is asked again, for an hour in a row.
MOST_WAITS = 120
# How many of them it takes once the hour is over.
_FEW_WAITS = 12
_AWAY_SECONDS = 30.0
MOST_PUT_OFF = timedelta(hours=1)
# What a card was told within an hour is told again once it has stood for so long.
_TOLD = timedelta(hours=1)
_STANDS = timedelta(minutes=5)
# So many different reasons are told at once within that hour.
_MOST_TOLD = 5
_MOST_READ = 50


async def retry_at(tx: Tx, now: Reversion, outcome: Outcome) -> datetime | None:
    """Give when to try again what did not leave; None where a person has to look."""
    since = await reversions.note_vain(tx, now)
    if outcome.waits and tx.now < since + MOST_PUT_OFF:
        return tx.now + timedelta(seconds=outcome.retry_after)
    vain = await executions.count_in_vain(tx, now.proposal_id, kind="revert")
    in_vain = outcome.ended in {Ended.not_sent, Ended.not_seen} and not outcome.waits
    if in_vain and vain < MOST_TRIES:
        return tx.now + timedelta(seconds=AGAIN_SECONDS * vain)
    return None


async def postpone(
    tx: Tx, now: Reversion, reason: str, *, seconds: float = AGAIN_SECONDS
) -> ReversionAnswer:
    later = tx.now + timedelta(seconds=seconds)
    await reversions.move(tx, now, now.state, reason=reason, next_try_at=later)
    await say_why(tx, now, reason)
    return ReversionAnswer(code="waits", text=reason)


async def look_again(
    gate: Gate,
    scope: Scope,
    found: Reversion,
    proposal: Proposal,
    reason: str,
    away_seconds: float | None = None,
) -> ReversionAnswer:
    """
    Look again later; after many looks in vain, or an hour of trouble, a person does.

    None of them counts while the reversion is kept back on purpose.
    One for which its system says when it is back, in ``away_seconds``, counts as many
    as it lasts half minutes, so that it has an hour.
    """
    async with gate.database.transaction(scope, Step.reversion_outcome) as tx:
        now = await locked(tx, found)
        if now.state not in ACTIVE:
            return ReversionAnswer(code="over", text=now.reason)
        # What may not begin is no trouble; what was sent is read back all the same.
        if now.state is ReversionState.scheduled:
            waits = await why_waits(tx, proposal.id)
            if waits is not None:
                await reversions.note_success(tx, now)
                return await postpone(tx, now, waits)
        reason = await told(gate, tx, found.task_id, reason, outside=True)
        wait = AGAIN_SECONDS
        looks = 1
        if away_seconds is not None:
            wait = max(_AWAY_SECONDS, away_seconds)
            looks = round(wait / _AWAY_SECONDS)
        since = await reversions.note_vain(tx, now, looks=looks)
        most = MOST_WAITS if tx.now < since + MOST_PUT_OFF else _FEW_WAITS
        if now.waits >= most:
            return await finish(tx, proposal, now, ReversionState.failed, reason)
        return await postpone(tx, now, reason, seconds=wait)


async def wait_for_target(
    gate: Gate, scope: Scope, found: Reversion, proposal: Proposal, target: str
) -> ReversionAnswer:
    """
    Wait while another execution has the target; after an hour a person looks.

    One that its system puts off again and again lets it go first.
    """
    reason = "another execution is changing its target"
    async with gate.database.transaction(scope, Step.reversion_outcome) as tx:
        now = await locked(tx, found)
        if now.state not in ACTIVE:
            return ReversionAnswer(code="over", text=now.reason)
        since = await reversions.note_vain(tx, now)
        if tx.now >= since + MOST_PUT_OFF:
            return await finish(tx, proposal, now, ReversionState.failed, reason)
        await guards.ask_for_target(tx, target, by=proposal.id)
        return await postpone(tx, now, reason)


async def look_later(
    gate: Gate, scope: Scope, found: Reversion, reason: str, *, seconds: float
) -> ReversionAnswer:
    """Look again when there will be something to see; this is no failure."""
    async with gate.database.transaction(scope, Step.reversion_outcome) as tx:
        now = await locked(tx, found)
        if now.state not in ACTIVE:
            return ReversionAnswer(code="over", text=now.reason)
        reason = await told(gate, tx, now.task_id, reason, outside=True)
        return await postpone(tx, now, reason, seconds=seconds)


async def give_up(
    gate: Gate,
    scope: Scope,
    found: Reversion,
    proposal: Proposal,
    refusal: RefusedCall,
) -> ReversionAnswer:
    """Hand what can't be read to a person; what another release may read, in time."""
    if isinstance(refusal, UnreadableRow):
        return await look_again(gate, scope, found, proposal, refusal.message)
    async with gate.database.transaction(scope, Step.reversion_verified) as tx:
        now = await locked(tx, found)
        if now.state not in ACTIVE:
            return ReversionAnswer(code="over", text=now.reason)
        reason = await told(gate, tx, now.task_id, refusal.message, outside=True)
        return await finish(tx, proposal, now, ReversionState.failed, reason)


async def locked(tx: Tx, found: Reversion) -> Reversion:
    """Lock the task, then the reversion: the order in which all lock them."""
    await tasks.get(tx, found.task_id, lock=True)
    return await reversions.get(tx, found.id, lock=True)


async def say_why(tx: Tx, was: Reversion, reason: str) -> None:
    """
    Show on the card why it is not taken back yet, each reason once in an hour.

    Two that take turns at each look edit it twice; one that was told, and has stood for
    five minutes since, is shown again. ``was`` is the row before this look.
    """
    reason = reason[:1000]
    slot = posts.slot_of(was.proposal_id)
    said = await outbox.list_told(tx, was.task_id, slot, most=_MOST_READ)
    if said and not outbox.is_news(reason, said[0][0]):
        return
    lately = _different([one for one, at in said if one and tx.now - at < _TOLD])
    is_new = all(outbox.is_news(reason, one) for one in lately)
    stood = (
        was.reason_at is not None
        and tx.now - was.reason_at >= _STANDS
        and not outbox.is_news(reason, was.reason)
    )
    if stood or (is_new and len(lately) < _MOST_TOLD):
        await posts.post_card(tx, was.proposal_id)


def _different(every: list[str]) -> list[str]:
    found: list[str] = []
    for one in every:
        if all(outbox.is_news(one, other) for other in found):
            found.append(one)
    return found
