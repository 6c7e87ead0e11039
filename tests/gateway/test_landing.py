"""A request that lands after it was read back in vain: measured, never denied."""

from collections.abc import Awaitable, Callable

import pytest

from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance,
    due,
    expiring,
    linked,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_BEFORE, outcomes, states, step, writes
from tests.gateway.world import OPERATOR, World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def unseen(world: World, *, times: int = 1) -> Proposal:
    """Send an action whose answer is lost, and which is not seen when it is read."""
    proposal = await world.approved()
    for _ in range(times):
        world.outside.flags.writes.coming.append(LOST_BEFORE)
        await step(world, proposal)
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await step(world, proposal)
    return await world.proposal(proposal.id)


def land(world: World) -> None:
    world.outside.flags.put(enabled=False, rollout_percent=0)


async def weighed(world: World) -> int:
    rows = await world.rows("SELECT count FROM write_counts WHERE kind = 'tool'")
    return sum(row["count"] for row in rows)


async def test_what_landed_before_the_second_try_is_measured(world: World) -> None:
    """It is its own effect, and nobody else's: no second request, and it is kept."""
    proposal = await unseen(world)
    between = (proposal.state, await weighed(world))
    land(world)
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    [told] = await world.events(proposal.task_id, "task.answered_late")

    assert ("approved", 1) == between
    assert ("succeeded", "completed") == await states(world, proposal)
    assert ["applied"] == await outcomes(world)
    assert ("not_seen", "applied") == (told["stands"], told["answer"])
    assert 0 == writes(world)
    assert ("scheduled", 1) == (await state(world, proposal), await weighed(world))


async def test_it_is_taken_back_at_its_end(world: World) -> None:
    """Reversion and undo have what it left."""
    proposal = await unseen(world)
    land(world)
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    world.database.clock.move(seconds=LASTS + 1)
    for _ in range(3):
        await advance(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert ("done", True, 50) == (
        await state(world, proposal),
        flag.enabled,
        flag.rollout_percent,
    )


async def test_what_lands_under_the_second_try_is_read_back(world: World) -> None:
    """A target that moved may have moved by the first one."""
    proposal = await unseen(world)
    lands_first(world)
    await step(world, proposal)
    between = await outcomes(world)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)

    assert ["not_seen", None] == between
    assert ["not_seen", "applied"] == await outcomes(world)
    assert ("verifying", "executing") == await states(world, proposal)


def lands_first(world: World) -> None:
    """Have the earlier request land right before the next write."""
    flags = world.outside.flags
    write: Callable[..., Awaitable[object]] = flags.set

    async def late(*given: object, **named: object) -> object:
        land(world)
        return await write(*given, **named)

    flags.set = late  # type: ignore[method-assign,assignment]


async def test_after_the_last_try_a_person_looks(world: World) -> None:
    """Nobody can tell, so it is looked at when its time is over, and can be undone."""
    proposal = await unseen(world, times=3)
    states_then = await states(world, proposal)
    land(world)
    undo = await world.click(proposal, verdict="undo", user=OPERATOR)
    world.database.clock.move(seconds=LASTS + 1)
    for _ in range(3):
        await advance(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert ("outcome_unknown", "escalated_to_human") == states_then
    assert "may still land" in str(proposal.closed_reason)
    assert "undo_proposed" == undo.code
    assert ("done", True) == (await state(world, proposal), flag.enabled)


async def test_what_is_called_off_between_two_tries_is_still_taken_back(
    world: World,
) -> None:
    """Its first request lands although its task is a person's by then."""
    proposal = await unseen(world)
    await world.move(proposal.task_id, TaskEvent.execution_lost)
    land(world)
    world.database.clock.move(seconds=LASTS + 1)
    for _ in range(3):
        await advance(world, proposal)

    assert "done" == await state(world, proposal)
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_reversion_that_lands_late_is_done(world: World) -> None:
    """Under its own second try, too: nobody else changed the target."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    flags = world.outside.flags
    write: Callable[..., Awaitable[object]] = flags.set

    async def late(*given: object, **named: object) -> object:
        flags.put(enabled=True, rollout_percent=50)
        return await write(*given, **named)

    flags.set = late  # type: ignore[method-assign,assignment]
    between = await advance(world, proposal)
    for _ in range(3):
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await advance(world, proposal)

    assert "read back" in between.text
    assert ("done", []) == (
        await state(world, proposal),
        await linked(world, proposal),
    )
