"""A 503 that names its end may be a proxy's: what it answered may have landed."""

from dataclasses import replace

import pytest

from gateway.ports import Later
from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance_often,
    due,
    expiring,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import keys, outcomes, states, step, writes
from tests.gateway.world import World

WAIT_SECONDS = 40
LATER = Failure(Later("503 Service Unavailable", retry_after=WAIT_SECONDS))
LANDED = replace(LATER, applied=True)


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def put_off(world: World, met: Failure) -> Proposal:
    """Carry out what meets a 503, and let its time pass."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(met)
    answer = await step(world, proposal)
    assert "unknown" == answer.code
    assert WAIT_SECONDS <= answer.retry_after_seconds
    world.database.clock.move(seconds=WAIT_SECONDS + SETTLED_SECONDS)
    return proposal


@pytest.mark.parametrize("repeatable", [True, False])
async def test_what_landed_is_measured_and_taken_back(
    world: World, *, repeatable: bool
) -> None:
    """Nobody takes it for somebody else's change, and it ends at its instant."""
    world.outside.flags.repeatable = repeatable
    proposal = await put_off(world, LANDED)
    world.outside.recover()
    await step(world, proposal)
    await step(world, proposal)
    between = await states(world, proposal)
    world.database.clock.move(seconds=LASTS)
    await advance_often(world, proposal)

    assert ("succeeded", "completed") == between
    assert "done" == await state(world, proposal)
    assert world.outside.flags.flags[FLAG].enabled
    assert 2 == writes(world)


async def test_what_did_not_land_is_sent_under_its_key(world: World) -> None:
    """It is one execution, and counts once."""
    proposal = await put_off(world, LATER)
    await step(world, proposal)

    assert "verifying" == (await states(world, proposal))[0]
    assert [f"{proposal.id}:apply"] * 2 == keys(world)
    assert (["applied"], 1) == (await outcomes(world), writes(world))


async def test_a_system_without_keys_is_not_sent_it_again(world: World) -> None:
    """A person is told, and looks."""
    world.outside.flags.repeatable = False
    proposal = await put_off(world, LATER)
    await step(world, proposal)

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert 1 == len(keys(world))


async def test_whoever_takes_over_meanwhile_has_it_taken_back_all_the_same(
    world: World,
) -> None:
    """What landed holds for as long as was said, whoever has the task."""
    proposal = await put_off(world, LANDED)
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'second' WHERE id = :id", id=proposal.task_id
    )
    await step(world, proposal)

    assert "scheduled" == await state(world, proposal)


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("met", [LATER, LANDED])
async def test_a_reversion_that_meets_it_is_done(
    world: World, met: Failure, *, repeatable: bool
) -> None:
    """It waits as long as it was asked, and sets nothing twice that stands already."""
    world.outside.flags.repeatable = repeatable
    proposal = await due(world)
    world.outside.flags.writes.coming.append(met)
    await advance_often(world, proposal)
    held = await state(world, proposal)
    for _ in range(2):
        world.database.clock.move(seconds=WAIT_SECONDS + SETTLED_SECONDS)
        await advance_often(world, proposal)

    assert ("running", "done") == (held, await state(world, proposal))
    assert world.outside.flags.flags[FLAG].enabled
    assert 2 == writes(world)
