"""
What becomes of a reversion: held, answered late, or over.

What can't be taken back opens a linked task for a person. The caller holds the task and
the reversion, in that order.
"""

from collections.abc import Mapping
from uuid import UUID

from pydantic import JsonValue

from gateway.late import NEVER_LEFT, correct, log_late, say_late
from gateway.linking import open_linked
from gateway.outcome import Ended, log_ending
from gateway.outcomes import close_effect
from gateway.owning import Owner
from gateway.registry import UNDO, AnyWrite, Settled
from policy.event import Event
from policy.proposal import UNDER_WAY, ProposalState, ReversionState
from policy.task import TaskState
from storage import (
    decisions,
    executions,
    freezes,
    guards,
    ledger,
    posts,
    proposals,
    reversions,
    tasks,
)
from storage.canonical import plain
from storage.database import Tx
from storage.executions import Ending, Execution
from storage.proposals import Proposal
from storage.reversions import Reversion
from storage.tasks import Task
from storage.tool_calls import NewCall
from wire.control import ReversionAnswer

ACTIVE = frozenset(
    {ReversionState.scheduled, ReversionState.running, ReversionState.applied}
)
_TAKE_BACK = "its reversion failed, a person has to take it back"
_LOOK = "look whose change stands at its target"


async def keep_late_reversion(
    tx: Tx, proposal: Proposal, now: Reversion, execution_id: UUID, answer: Ending
) -> ReversionAnswer:
    """
    Log a late answer of a reversion, act on it, and tell it on card and root.

    One that was to be tried again is measured instead; what is over stays over.
    """
    stands = await log_late(tx, proposal, execution_id, answer)
    if stands is None:
        return ReversionAnswer(code="waits", text="settled already")
    applied = answer.outcome == Ended.applied
    reason = say_late(answer)
    await executions.keep_late_answer(tx, execution_id, reason, applied=applied)
    await guards.release_target(tx, execution_id)
    if applied and stands.outcome in {*NEVER_LEFT, Ended.not_seen}:
        await correct(tx, stands, answer)
    state, due = now.state, now.next_try_at
    if applied and state is ReversionState.scheduled:
        state, due = ReversionState.applied, tx.now
        await reversions.note_success(tx, now)
    said = f"{now.reason}; {reason}" if now.reason else reason
    await reversions.move(tx, now, state, reason=said, next_try_at=due)
    task = await tasks.get(tx, now.task_id)
    await posts.post_root(tx, task, next_step=f"{proposal.title}, reversion: {reason}")
    await posts.post_card(tx, proposal.id)
    return ReversionAnswer(code="waits", text=reason)


async def why_held(tx: Tx, proposal_id: UUID) -> str | None:
    """Say what keeps a reversion back for now; None if nothing does."""
    waits = await why_waits(tx, proposal_id)
    if waits is not None:
        return waits
    if await find_word(tx, await proposals.get(tx, proposal_id)) is not None:
        return "somebody spoke of it meanwhile"
    return None


async def why_waits(tx: Tx, proposal_id: UUID) -> str | None:
    """Say what keeps a reversion back on purpose, until it ends; None if nothing."""
    hold = (await freezes.read(tx, lock=True)).holds_undo
    if hold is not None:
        return f"frozen whole by {hold.by}: {hold.reason}"
    now = await proposals.get(tx, proposal_id)
    if now.state in UNDER_WAY:
        return "the action itself is still being verified"
    undo = await proposals.find_undo(tx, proposal_id)
    if undo is not None and undo.state in UNDER_WAY:
        return "an undo is under way"
    return None


async def call_of(
    tx: Tx, task: Task, proposal: Proposal, tool: AnyWrite, execution: Execution
) -> NewCall:
    """Give the contract log's row of a reversion, under its action's approval."""
    given = await decisions.list_approvals(tx, proposal.id)
    return NewCall(
        task_id=task.id,
        run_id=proposal.run_id,
        tool=tool.name,
        tool_version=tool.version,
        phase="revert",
        inputs=plain(proposal.undo)["params"],
        correlation_id=task.correlation_id,
        verdict="allow",
        rule=f"expiry of what {proposal.rule} allowed",
        approval_id=given[-1].id if given else None,
        reason_code=UNDO,
        idempotency_key=execution.idempotency_key,
    )


async def find_counting(tx: Tx, now: Reversion) -> Execution | None:
    """Give the latest try to revert; where one took effect, that one."""
    if now.state is ReversionState.applied:
        took = await executions.find_last(
            tx, now.proposal_id, kind="revert", outcome=Ended.applied
        )
        if took is not None:
            return took
    return await executions.find_last(tx, now.proposal_id, kind="revert")


async def find_word(tx: Tx, proposal: Proposal) -> str | None:
    """
    Give what somebody said of an action that nothing but a reversion can hold it to.

    That it is undone; or that it had no effect, and no answer of its system tells
    otherwise.
    """
    if proposal.state is ProposalState.undone:
        return "is undone"
    last = await executions.find_last(tx, proposal.id)
    if last is None or proposal.state is not ProposalState.failed:
        return None
    denied = await executions.is_denied(tx, last.id)
    return "did not take effect" if denied else None


def over_before(found: Settled, word: str | None) -> tuple[ReversionState, str] | None:
    """
    Tell what is over before anything is written; None if it is to be taken back.

    ``word`` is what somebody said of the action: where it stands all the same, nobody
    can tell whose change that is.
    """
    if found is Settled.applied:
        said = "its target reads as before" if word else "it was back already"
        return ReversionState.done, said
    if found is Settled.unknown:
        text = "somebody changed the target since, so it was left alone"
        return ReversionState.skipped, text
    if word is not None:
        said = f"somebody said that it {word}, and its target reads as it was left"
        return ReversionState.failed, said
    return None


def over_owned(owner: Owner) -> tuple[ReversionState, str]:
    """Tell how it ends where the target holds, or may hold, a later action's change."""
    if owner.is_sure:
        return ReversionState.skipped, f"{owner.text}, so it was left alone"
    return ReversionState.failed, f"nothing was written: {owner.text}"


def over_unrestored(owner: Owner | None) -> tuple[ReversionState, str]:
    """Tell how it ends where the target was restored, and reads as left once more."""
    if owner is None:
        return ReversionState.failed, "it does not stay restored"
    if owner.is_sure:
        return ReversionState.skipped, f"restored, and {owner.text}"
    return ReversionState.failed, f"it does not stay restored: {owner.text}"


async def is_on_its_way(tx: Tx, now: Reversion) -> bool:
    """Tell whether a try was sent, not seen, and never answered for by a later one."""
    unseen = await executions.find_last(
        tx, now.proposal_id, kind="revert", outcome=Ended.not_seen
    )
    took = await executions.find_last(
        tx, now.proposal_id, kind="revert", outcome=Ended.applied
    )
    return unseen is not None and took is None


async def own_unseen(tx: Tx, now: Reversion, after: Mapping[str, JsonValue]) -> None:
    """
    Put right a try that was sent and not seen, where its target is restored by now.

    As a read-back would judge it; whoever else may have restored it left no trace.
    """
    unseen = await executions.find_last(
        tx, now.proposal_id, kind="revert", outcome=Ended.not_seen
    )
    if unseen is not None:
        ending = Ending(Ended.applied, after=after)
        await correct(tx, unseen, ending)
        await log_ending(tx, unseen, ending)


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
        word = await find_word(tx, proposal)
        met = f"Somebody said that it {word}" if word else "Not reverted"
        wanted = _LOOK if word else _TAKE_BACK
        if word and not await executions.count_tries(tx, proposal.id, kind="revert"):
            wanted = f"nothing was written: {_LOOK}"
        await open_linked(
            tx,
            parent,
            state=TaskState.escalated_to_human,
            title=f"{met}: {proposal.estimate.get('title') or proposal.tool}",
            opened_by="autopilot",
            reason=f"{wanted}: {reason}",
        )
    return ReversionAnswer(code="over", text=reason)
