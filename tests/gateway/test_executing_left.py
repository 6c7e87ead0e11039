"""What was under way when its task stopped executing is seen to its end."""

import pytest

from gateway.outcome import Ended, Outcome
from gateway.outcomes import Checked, settle, settle_verification
from storage import executions
from storage.errors import LeaseLost
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, states, step, writes
from tests.gateway.world import World
from wire.control import ExecutionAnswer

SETTLED_SECONDS = 13
VERIFY_SECONDS = 91


async def end(world: World, proposal: Proposal) -> ExecutionAnswer:
    """Ask as nobody's worker."""
    return await world.advance(proposal.task_id, fence=0)


async def escalate(world: World, proposal: Proposal) -> None:
    await world.database_change(
        "UPDATE tasks SET state = 'escalated_to_human' WHERE id = :id",
        id=proposal.task_id,
    )


async def test_what_took_effect_is_read_back_and_measured(world: World) -> None:
    """The card tells how it ended; the task stays the person's."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    await escalate(world, proposal)
    early = await end(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    read = await end(world, proposal)
    world.outside.recover()
    measured = await end(world, proposal)

    assert ["unknown", "verifying", "succeeded"] == [
        one.code for one in (early, read, measured)
    ]
    assert ("succeeded", "escalated_to_human") == await states(world, proposal)
    assert 1 == writes(world)


async def test_what_was_not_seen_is_not_sent_again(world: World) -> None:
    """A person has the task: no approval stays behind, and it is not said to fail."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    await escalate(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await end(world, proposal)
    now = await world.proposal(proposal.id)

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert "may still land" in str(now.closed_reason)
    assert (0, 1) == (writes(world), len(keys(world)))


async def test_what_did_not_help_is_told_and_left_to_the_person(world: World) -> None:
    """No undo is proposed past whoever has the task."""
    proposal = await world.approved()
    await step(world, proposal)
    await escalate(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await end(world, proposal)

    assert ("failed", "escalated_to_human") == await states(world, proposal)
    assert 1 == len(await world.rows("SELECT id FROM proposals"))


async def test_nothing_begins_without_a_fence(world: World) -> None:
    """Neither while a worker may hold the task, nor once it is a person's."""
    proposal = await world.approved()
    with pytest.raises(LeaseLost):
        await end(world, proposal)
    await escalate(world, proposal)

    assert "idle" == (await end(world, proposal)).code
    assert ("approved", "escalated_to_human") == await states(world, proposal)
    assert 0 == writes(world)


async def test_an_unknown_outcome_keeps_no_worker_busy(world: World) -> None:
    """A task handed back goes on beside what a person still has to judge."""
    proposal = await world.approved()
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )

    assert "idle" == (await step(world, proposal)).code


async def test_who_took_over_meanwhile_has_the_task_at_the_outcome(
    world: World,
) -> None:
    """The action is measured all the same, and nothing is executed after it."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'second' WHERE id = :id", id=proposal.task_id
    )
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    between = await states(world, proposal)
    world.outside.recover()
    await end(world, proposal)

    assert ("verifying", "escalated_to_human") == between
    assert ("succeeded", "escalated_to_human") == await states(world, proposal)


async def test_a_failure_is_told_to_whoever_has_the_task(world: World) -> None:
    """On the root message, beside the card that offers the undo."""
    proposal = await world.approved()
    await step(world, proposal)
    await escalate(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await end(world, proposal)
    [root] = await world.rows(
        "SELECT payload FROM outbox WHERE slot = 'root' ORDER BY version DESC LIMIT 1"
    )

    assert "its action had no effect" in root["payload"]["next_step"]


async def test_what_was_given_up_and_never_left_is_no_second_escalation(
    world: World,
) -> None:
    """Its answer comes late, in the task's second life, and is stored."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        last = await executions.find_last(tx, proposal.id)
        assert last is not None
        await settle(tx, last, Outcome(Ended.not_sent, error="refused"))

    assert ("failed", "executing") == await states(world, proposal)


async def test_a_verdict_that_stands_keeps_its_words(world: World) -> None:
    """Whoever measures second changes nothing."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    async with world.gate.database.transaction(
        world.scope, Step.execution_verified
    ) as tx:
        last = await executions.find_last(tx, proposal.id)
        assert last is not None
        late = Checked(worked=False, text="too late", measures={})
        await settle_verification(tx, last, late)
    [row] = await world.rows("SELECT verification, verified_at FROM executions")

    assert "too late" not in str(row["verification"])
    assert row["verified_at"] is not None
