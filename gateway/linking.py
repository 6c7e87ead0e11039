"""A task that follows up another's action, when that one has ended already."""

from policy.event import Event
from policy.task import TaskState
from storage import ledger, posts, tasks, threads
from storage.database import Tx
from storage.tasks import NewTask, Task


async def open_linked(
    tx: Tx, parent: Task, *, state: TaskState, title: str, opened_by: str, reason: str
) -> Task:
    """Open a task in a thread of its own, born in the state that its matter asks."""
    task = await tasks.create(
        tx,
        NewTask(
            kind=parent.kind,
            title=title[:300],
            severity=parent.severity,
            service=parent.service,
            agent=parent.agent,
            agent_version=parent.agent_version,
            agent_digest=parent.agent_digest,
            channel=parent.channel,
            opened_by=opened_by,
            # A grant raises L1 alone, and for what nobody asked for: not for this.
            level="L1" if " by grant " in parent.level else parent.level,
            group_key=f"linked:{tx.new_id()}",
            linked_to=parent.id,
            state=state,
        ),
    )
    await threads.open_thread(tx, task.id, parent.channel)
    await ledger.append(
        tx,
        Event.task_created,
        actor=opened_by,
        task_id=task.id,
        body={
            "kind": task.kind,
            "title": task.title,
            "severity": task.severity,
            "service": task.service,
            "linked_to": parent.id,
            "born": state,
            "agent": f"{task.agent} {task.agent_version}",
            "agent_digest": task.agent_digest,
            "correlation_id": task.correlation_id,
        },
    )
    await posts.post_root(tx, task, next_step=f"{reason} (follows {parent.short_id})")
    return task
