"""What follows for a task when one of its waiting cards is closed."""

from collections.abc import Mapping

from policy.lifecycle import ProposalEvent, TaskEvent, after_closed
from policy.task import TaskState
from storage import moves, proposals, tasks
from storage.database import Tx
from storage.proposals import Proposal
from storage.tasks import Task

# At most three plans a task (ARCHITECTURE §5).
MOST_PLANS = 3
_ASK_AGAIN = "Ask for the undo again."
_BY_HAND = "A person has to take it back by hand."
_NO_PLAN = (
    "No new plan is made while something else of its task waits or runs; to have one, "
    "reject what waits with “try another plan”."
)
_FOLLOWS: Mapping[TaskEvent | None, str] = {
    TaskEvent.new_plan_asked: "A new plan is being made.",
    TaskEvent.all_lapsed: "The task waits for a person.",
}


async def move_on(
    tx: Tx, task: Task, *, by_person: bool, new_plan: bool, actor: str, reason: str
) -> TaskEvent | None:
    """
    Move a waiting task on, judged over all of its proposals; None where none waits.

    ``by_person`` and ``new_plan`` as in ``after_closed``.
    """
    if task.state is not TaskState.needs_approval:
        return None
    every = await proposals.list_of_task(tx, task.id)
    event = after_closed(
        [one.state for one in every],
        by_person=by_person,
        new_plan_asked=new_plan,
        plans_left=task.plan < MOST_PLANS,
    )
    if event is TaskEvent.new_plan_asked:
        await tasks.change(tx, task.id, {"plan": task.plan + 1})
    await moves.move(tx, task, event, actor=actor, reason=reason)
    return event


async def close_outdated(
    tx: Tx, task: Task, proposal: Proposal, *, exists: bool
) -> str:
    """
    Close a card whose tool this release has changed; give what its person is told.

    What was shown is not what would run. An agent plans anew, where nothing else of the
    task waits or runs; an undo is asked anew. ``exists``: the release has such a tool.
    """
    has = "has another" if exists else "no longer has"
    reason = f"this release {has} {proposal.tool} than the card was made with"
    reason = reason if exists else f"this release {has} {proposal.tool}"
    await moves.close(tx, task, proposal, ProposalEvent.withdrawn, reason=reason)
    undoes = proposal.undoes is not None
    event = await move_on(
        tx,
        task,
        by_person=False,
        new_plan=not undoes,
        actor="gateway",
        reason=reason,
    )
    then = _FOLLOWS.get(event, _NO_PLAN)
    if undoes:
        then = _ASK_AGAIN if exists else _BY_HAND
    return f"{reason[:1].upper()}{reason[1:]}, so nothing was done. {then}"
