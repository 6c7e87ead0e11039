"""What follows for a task when one of its waiting cards is closed."""

from policy.lifecycle import ProposalEvent, TaskEvent, after_closed
from policy.task import TaskState
from storage import moves, proposals, tasks
from storage.database import Tx
from storage.proposals import Proposal
from storage.tasks import Task

# At most three plans a task (ARCHITECTURE §5).
MOST_PLANS = 3


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


async def close_outdated(tx: Tx, task: Task, proposal: Proposal) -> str:
    """
    Close a card whose tool this release has changed; give what its person is told.

    What was shown is not what would run. An agent plans anew, an undo is asked anew.
    """
    reason = f"this release has another {proposal.tool} than the card was made with"
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
    follows = {
        TaskEvent.new_plan_asked: "A new plan is being made.",
        TaskEvent.all_lapsed: "The task waits for a person.",
    }
    then = follows.get(event, "") if event else ""
    then = "Ask for the undo again." if undoes else then
    said = f"{reason[:1].upper()}{reason[1:]}, so nothing was done. {then}"
    return said.rstrip()
