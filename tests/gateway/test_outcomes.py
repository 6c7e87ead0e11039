"""Outcomes: stored once, by whoever learns them first."""

import asyncio

from gateway.outcome import Ended, Outcome
from gateway.outcomes import settle
from storage import executions
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.steps import LOST_BEFORE, outcomes, states, step
from tests.gateway.world import World
from wire.control import ExecutionAnswer

APPLIED = Outcome(Ended.applied, after={"version": 8})
NOT_SENT = Outcome(Ended.not_sent, error="refused")
# Whoever waits for a row of this transaction's.
WAITING = (
    "SELECT FROM pg_locks WHERE NOT granted"
    " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


async def begun(world: World) -> Proposal:
    """Bring an execution to where its answer is missing."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    return proposal


async def learn(
    world: World, proposal: Proposal, found: Outcome, target: str = ""
) -> ExecutionAnswer:
    database = world.gate.database
    async with database.transaction(world.scope, Step.execution_outcome) as tx:
        execution = await executions.find_last(tx, proposal.id)
        assert execution is not None
        return await settle(tx, execution, found, verify_seconds=90, target=target)


async def test_the_first_outcome_stands(world: World) -> None:
    """What comes after it changes nothing."""
    proposal = await begun(world)
    await learn(world, proposal, APPLIED)
    second = await learn(world, proposal, NOT_SENT)

    assert "settled already" == second.text
    assert ["applied"] == await outcomes(world)
    assert ("verifying", "executing") == await states(world, proposal)


async def test_outcomes_at_once_are_one(world: World) -> None:
    """Of ten who learn it, one writes it: one entry, one state."""
    proposal = await begun(world)
    await asyncio.gather(*(learn(world, proposal, APPLIED) for _ in range(10)))

    assert 1 == len(await world.events(proposal.task_id, "task.executed"))


async def test_an_outcome_frees_its_target(world: World) -> None:
    """Whatever it was."""
    proposal = await begun(world)
    locked = await world.rows("SELECT target FROM target_locks")
    await learn(world, proposal, NOT_SENT)

    assert ["toggle_feature_flag:new_ranker"] == [row["target"] for row in locked]
    assert [] == await world.rows("SELECT target FROM target_locks")


async def test_silence_is_no_outcome(world: World) -> None:
    """It is noted, with what comes next, and the execution stays open."""
    proposal = await begun(world)
    [entry] = await world.events(proposal.task_id, "task.call_failed")

    assert "read back after the deadline" == entry["next"]
    assert [None] == await outcomes(world)


async def test_a_task_that_moved_on_keeps_its_state(world: World) -> None:
    """An outcome learnt late is stored, and moves no task that is a person's."""
    proposal = await begun(world)
    await world.database_change(
        "UPDATE tasks SET state = 'escalated_to_human' WHERE id = :id",
        id=proposal.task_id,
    )
    await learn(world, proposal, Outcome(Ended.lost, error="who knows"))

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_an_outcome_takes_its_locks_as_a_beginning_does(world: World) -> None:
    """The target before the counts, so that the two wait and never cross."""
    proposal = await begun(world)
    database, target = world.gate.database, "toggle_feature_flag:new_ranker"
    async with (
        asyncio.timeout(20),
        asyncio.TaskGroup() as group,
        database.transaction(world.scope, Step.execution_intent) as tx,
    ):
        await tx.rows("SELECT FROM target_locks FOR UPDATE")
        group.create_task(learn(world, proposal, NOT_SENT, target))
        while not await tx.rows(WAITING):  # noqa: ASYNC110 - rows
            await asyncio.sleep(0.02)
        counts = await tx.rows("SELECT FROM write_counts FOR UPDATE NOWAIT")

    assert len(counts) > 0
    assert ["not_sent"] == await outcomes(world)
