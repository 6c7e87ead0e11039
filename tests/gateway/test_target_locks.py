"""A target is one execution's until that is read back; what takes back may pass."""

import pytest

from gateway.intent import TargetBusy
from gateway.outcome import Ended, Outcome
from gateway.ports import Later
from storage import freezes
from storage.freezes import Hold
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    acted,
    advance,
    advance_often,
    due,
    expiring,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, states, step, writes
from tests.gateway.test_late import answer, now_is
from tests.gateway.test_reverting_lost import lost
from tests.gateway.world import World

FIVE_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


@pytest.mark.parametrize("why", ["unreadable", "frozen", "we are away"])
async def test_an_outage_ends_no_lock(world: World, why: str) -> None:
    """What is not read back yet is nobody else's: both would count one change."""
    first, second = await world.approved(), await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, first)
    world.outside.flags.unreadable = why == "unreadable"
    await world.freeze(frozen=why == "frozen")
    for _ in range(8):
        world.database.clock.move(seconds=30)
        if why != "we are away":
            await step(world, first)
    world.outside.flags.unreadable = False
    await world.freeze(frozen=False)
    with pytest.raises(TargetBusy):
        await step(world, second)
    await step(world, first)

    assert {f"{first.id}:apply"} == set(keys(world))
    assert "verifying" == (await states(world, first))[0]


async def test_an_outage_ends_no_lock_of_a_reversion(world: World) -> None:
    """It is read back in the end; who changes its target waits until then."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await advance(world, proposal)
    world.database.clock.move(seconds=3600)
    params = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}
    other = await world.approved(params=params)
    with pytest.raises(TargetBusy):
        await step(world, other)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)
    assert "verifying" == (await step(world, other)).code


async def test_what_was_given_up_holds_its_target_for_its_time(world: World) -> None:
    """It may still land until then; nobody reads it back, so no longer."""
    first, second = await world.approved(), await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, first)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=first.id
    )
    world.database.clock.move(seconds=60)
    with pytest.raises(TargetBusy):
        await step(world, second)
    world.database.clock.move(seconds=60)

    assert "verifying" == (await step(world, second)).code


async def test_what_was_sent_in_vain_holds_its_target_for_its_time(
    world: World,
) -> None:
    """Told as "may still land": the next action waits until it no longer may."""
    first, second = await world.approved(), await world.approved()
    for _ in range(12):
        world.outside.flags.writes.coming.append(LOST_BEFORE)
        told = (await step(world, first)).text
        if "outcome_unknown" == (await states(world, first))[0]:
            break
        world.database.clock.move(seconds=SETTLED_SECONDS)
    world.outside.flags.writes.coming.clear()
    with pytest.raises(TargetBusy):
        await step(world, second)
    world.database.clock.move(seconds=80)

    assert "may still land" in told
    assert "verifying" == (await step(world, second)).code


@pytest.mark.parametrize("met", [LOST_BEFORE, Failure(Later("503", retry_after=40))])
async def test_a_reversion_keeps_its_target_between_its_tries(
    world: World, met: Failure
) -> None:
    """Nobody begins between one that was not seen and the next; that one is its own."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(met)
    await advance(world, proposal)
    world.database.clock.move(seconds=60)
    await advance(world, proposal)
    other = await world.approved(params=FIVE_PERCENT)
    with pytest.raises(TargetBusy):
        await step(world, other)
    world.database.clock.move(seconds=6)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)


async def frozen_between_its_tries(world: World) -> tuple[Proposal, Proposal]:
    """Have a freeze hold a write back between its tries, and a reversion pass it."""
    first = await acted(world)
    second = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, second)
    await world.freeze(frozen=True)
    world.database.clock.move(seconds=LASTS + 1)
    await step(world, second)
    await advance_often(world, first)
    return first, second


async def test_a_freeze_that_holds_a_write_holds_no_reversion(world: World) -> None:
    """What is to be sent again after the thaw lets by what takes back."""
    first, second = await frozen_between_its_tries(world)

    assert "executing" == (await states(world, second))[0]
    assert "done" == await state(world, first)


async def test_what_was_passed_keeps_its_target(world: World) -> None:
    """A third one waits until the second is read back: one change counts once."""
    _, second = await frozen_between_its_tries(world)
    await world.freeze(frozen=False)
    third = await world.approved(params=FIVE_PERCENT)
    with pytest.raises(TargetBusy):
        await step(world, third)
    await step(world, second)

    assert "outcome_unknown" == (await states(world, second))[0]


async def test_no_reversion_passes_what_nobody_has_read_back(world: World) -> None:
    """After an outage it might take the second's change for the first's."""
    first = await acted(world)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    second = await world.approved()
    world.database.clock.move(seconds=LASTS - 5)
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, second)
    world.outside.flags.unreadable = True
    world.database.clock.move(seconds=120)
    await step(world, second)
    await advance(world, first)
    world.outside.flags.unreadable = False
    world.database.clock.move(seconds=6)
    done = writes(world)
    await advance_often(world, first)

    assert done == writes(world)


@pytest.mark.parametrize("late", [Ended.applied, Ended.failed])
async def test_a_late_answer_gives_the_target_back(world: World, late: Ended) -> None:
    """What is known for sure holds nobody up."""
    proposal = await world.proposal((await lost(world, percent=77)).id)
    after = await now_is(world, proposal) if late is Ended.applied else None
    await answer(world, proposal, Outcome(late, after=after, error="HTTP 400"))
    other = await world.approved(params=FIVE_PERCENT)

    assert "verifying" == (await step(world, other)).code


async def test_a_freeze_lists_what_may_still_land(world: World) -> None:
    """A reversion between two tries; once it took effect, nothing of it."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    listed = []
    for seconds in (60, 6, 0):
        await advance(world, proposal)
        async with world.database("web").transaction(world.scope, Step.freeze) as tx:
            listed.append(len((await freezes.freeze(tx, Hold("x", "ann"))).begun))
        world.database.clock.move(seconds=seconds)

    assert [1, 1, 0] == listed
    assert "applied" == await state(world, proposal)
