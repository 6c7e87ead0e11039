"""A grant taken back by a person: one transaction, which needs no other process."""

from uuid import UUID

from policy.event import Event
from policy.scope import Scope
from storage import ledger, overrides, posts, tasks
from storage.database import Database
from storage.steps import Step


async def withdraw(
    database: Database, scope: Scope, override_id: UUID, *, by: str
) -> str:
    """
    End a grant, and give what its person is told; after that nothing begins under it.

    What has begun runs to its end, as under any approval.
    """
    async with database.transaction(scope, Step.freeze) as tx:
        seen = await overrides.get(tx, override_id)
        task = await tasks.get(tx, seen.task_id, lock=True)
        if not await overrides.withdraw(tx, override_id, by=by):
            return f"Grant {seen.short_id} had ended before; nothing was changed."
        now = await overrides.get(tx, override_id)
        await ledger.append(
            tx,
            Event.task_autonomy_withdrawn,
            actor=by,
            task_id=task.id,
            body={"grant": now.id, "used": len(now.used_by), "left": now.left},
        )
        await posts.post_card(tx, now.proposal_id)
        await posts.post_root(
            tx, task, next_step=f"{by} withdrew grant {now.short_id}: people are asked"
        )
    return (
        f"Grant {now.short_id} is withdrawn: {now.tool} on {now.service} asks people "
        f"again. {len(now.used_by)} of {now.most} had begun."
    )
