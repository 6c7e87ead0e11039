"""What becomes of a reversion that could not be sent."""

import pytest

from tests.gateway.expiring import advance, due, expiring, linked, state
from tests.gateway.steps import NOT_SENT, PUT_OFF, keys
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def test_the_third_failed_try_asks_a_person(world: World) -> None:
    """Each try under the same key; then a linked task, escalated, in its own thread."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([NOT_SENT] * 5)
    for _ in range(3):
        await advance(world, proposal)
        world.database.clock.move(seconds=30)
    [entry] = await world.events(proposal.task_id, "task.reversion_failed")
    [title] = await world.rows("SELECT title FROM tasks WHERE linked_to IS NOT NULL")

    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert entry["reason"]
    assert title["title"].startswith("Not reverted: Turn flag")


async def test_a_busy_system_is_asked_when_it_wants(world: World) -> None:
    """Put off more often than tries are given, it is still taken back."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 5)
    for _ in range(5):
        await advance(world, proposal)
        early = await advance(world, proposal)
        world.database.clock.move(seconds=301)
    await advance(world, proposal)
    await advance(world, proposal)

    assert "not due yet" == early.text
    assert ("done", 7) == (await state(world, proposal), len(keys(world)))


async def test_a_system_that_is_always_busy_is_a_persons(world: World) -> None:
    """It is asked a hundred and twenty times, and then no more."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 130)
    for _ in range(125):
        await advance(world, proposal)
        world.database.clock.move(seconds=301)

    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert 122 == len(keys(world))
