"""What was restored, and reads otherwise when that is verified."""

import pytest

from storage.proposals import Proposal
from tests.gateway.expiring import (
    advance,
    due,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import writes
from tests.gateway.test_undoing import VERIFY_SECONDS
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def verified(world: World, proposal: Proposal) -> None:
    """Look at it until the time of its verification is over."""
    for _ in range(4):
        world.database.clock.move(seconds=VERIFY_SECONDS)
        await advance(world, proposal)


async def test_what_somebody_changed_since_is_no_failure(world: World) -> None:
    """It was restored; theirs stands, and nobody is asked to take it back."""
    proposal = await due(world)
    await advance(world, proposal)
    sent = world.outside.flags.flags[FLAG]
    world.outside.flags.put(enabled=True, rollout_percent=7)
    await verified(world, proposal)
    found = await reversion_of(world, proposal)

    assert (True, 50) == (sent.enabled, sent.rollout_percent)
    assert ("skipped", "restored, and changed by somebody since") == (
        found.state,
        found.reason,
    )
    assert [] == await linked(world, proposal)
    assert 2 == writes(world)


async def test_what_reads_again_as_before_has_failed(world: World) -> None:
    """Something turns the flag off once more: a person has to look."""
    proposal = await due(world)
    await advance(world, proposal)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    await verified(world, proposal)
    found = await reversion_of(world, proposal)

    assert ("failed", "it does not stay restored") == (found.state, found.reason)
    assert ["escalated_to_human"] == await linked(world, proposal)


async def test_what_is_restored_once_more_in_time_is_done(world: World) -> None:
    """Changed and changed back before the time of its verification is over."""
    proposal = await due(world)
    await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=7)
    early = await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=6)
    await advance(world, proposal)

    assert "not back yet" == early.text
    assert "done" == await state(world, proposal)
