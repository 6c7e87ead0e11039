"""The last question: what a person approved uses no grant, and is not stale by one."""

from policy.lifecycle import TaskEvent
from storage import overrides
from storage.steps import Step
from tests.gateway.world import SECOND, World


async def test_what_was_approved_uses_no_grant(world: World) -> None:
    """The grant stays for what nobody is asked about."""
    approved = await world.approved()
    other = await world.shown()
    await world.click(other, user=SECOND, verdict="grant")
    ran = await world.advance(approved.task_id)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        [live] = await overrides.list_live(tx)

    assert "verifying" == ran.code
    assert (3, ()) == (live.left, live.used_by)


async def test_the_facts_of_an_execution_name_the_grant(world: World) -> None:
    """As they stood when it began, so that the verdict can be replayed."""
    origin = await world.shown()
    await world.click(origin, verdict="grant")
    claims = await world.start()
    seen = await world.look(claims)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    await world.advance(claims.task_id)
    rows = await world.rows(
        "SELECT facts, verdict, level, matrix_rule FROM decisions"
        " WHERE task_id = :task AND phase = 'execute'",
        task=claims.task_id,
    )

    [row] = rows
    again = world.gate.policy.replay(row["facts"])
    assert ("allow", "L2") == (row["verdict"], row["level"])
    assert row["matrix_rule"] == again.matrix_rule == answer.rule
    assert 3 == row["facts"]["grant"]["uses_left"]
