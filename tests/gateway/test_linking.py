"""A linked task: its own thread, its own group, the parent's matter."""

from gateway.linking import open_linked
from policy.task import TaskState
from storage import threads
from storage.steps import Step
from tests.gateway.world import World


async def test_a_linked_task_follows_its_parent(world: World) -> None:
    """Kind, service, channel and agent are the parent's; the link is kept."""
    claims = await world.start()
    parent = await world.task(claims.task_id)
    async with world.gate.database.transaction(world.scope, Step.decide) as tx:
        made = await open_linked(
            tx,
            parent,
            state=TaskState.escalated_to_human,
            title="Not reverted: it" + "!" * 400,
            opened_by="autopilot",
            reason="somebody has to look",
        )
        thread = await threads.get(tx, made.id)
    [created] = await world.events(made.id, "task.created")
    [root] = await world.rows(
        "SELECT payload FROM outbox WHERE task_id = :id AND slot = 'root'", id=made.id
    )

    assert (parent.id, "escalated_to_human") == (made.linked_to, made.state)
    assert (parent.kind, parent.service) == (made.kind, made.service)
    assert (parent.channel, parent.agent) == (thread.channel, made.agent)
    assert parent.group_key != made.group_key
    assert 300 == len(made.title)
    assert str(parent.id) == created["linked_to"]
    assert f"follows {parent.short_id}" in root["payload"]["next_step"]


async def test_a_grant_of_the_parent_is_none_of_the_linked_task(world: World) -> None:
    """Its root must not say that it runs by itself."""
    claims = await world.start(level="L1, then L2 by grant 2bf52059")
    parent = await world.task(claims.task_id)
    async with world.gate.database.transaction(world.scope, Step.decide) as tx:
        made = await open_linked(
            tx,
            parent,
            state=TaskState.needs_approval,
            title="Undo",
            opened_by="operator",
            reason="an undo waits",
        )

    assert "L1" == made.level
