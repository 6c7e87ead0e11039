"""The trace of a thread: what was looked at, and what is being looked at."""

from uuid import UUID

from storage import outbox, tool_calls
from storage.canonical import plain
from storage.database import Tx
from storage.outbox import Lane, NewPost
from storage.tasks import Task

_SLOT = "trace"


async def post(tx: Tx, task: Task, *, run_id: UUID, done: bool) -> None:
    """Show a task's reads; those of another run that have no end were cut off."""
    looks = await tool_calls.list_looks(tx, task.id, run_id=run_id)
    facts = {"done": done, "since": task.created_at.timestamp(), "looks": looks}
    await outbox.post(tx, NewPost(task.id, _SLOT, _SLOT, plain(facts), Lane.chatter))


async def end(tx: Tx, task_id: UUID) -> None:
    """Say that nothing is looked at any more, where the trace does not say so yet."""
    shown = await outbox.find_payload(tx, task_id, _SLOT)
    if shown is not None and not shown.get("done"):
        facts = plain({**shown, "done": True})
        await outbox.post(tx, NewPost(task_id, _SLOT, _SLOT, facts, Lane.chatter))
