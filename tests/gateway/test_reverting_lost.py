"""Reversions of what nobody could tell whether it took effect."""

import pytest

from gateway.expiring import schedule_reversion
from gateway.tools.feature_flag import FlagParams
from storage import executions, proposals
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance_often,
    expiring,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, step
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def lost(world: World, *, percent: int) -> Proposal:
    """Lose the answer of an action; the target then reads ``percent``, and is on."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=percent)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    assert "outcome_unknown" == (await world.proposal(proposal.id)).state
    return proposal


async def test_what_was_lost_and_landed_late_is_taken_back(world: World) -> None:
    """Nobody could tell; at its end the target holds what was asked for."""
    proposal = await lost(world, percent=77)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert (True, 50) == (flag.enabled, flag.rollout_percent)
    assert "done" == await state(world, proposal)


async def test_what_was_lost_and_is_another_s_is_left_alone(world: World) -> None:
    """A later decision of somebody stands."""
    proposal = await lost(world, percent=77)
    world.outside.flags.put(enabled=True, rollout_percent=9)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert 9 == world.outside.flags.flags[FLAG].rollout_percent
    assert "skipped" == await state(world, proposal)


@pytest.mark.parametrize(("form", "ends"), [("theirs", "skipped"), ("changed", "done")])
async def test_what_was_lost_and_edited_at_the_same_rollout_is_left_alone(
    world: World, form: str, ends: str
) -> None:
    """What stands is ours if it is so to the letter, and else somebody's work."""
    world.outside.flags.set_form("ours")
    proposal = await lost(world, percent=77)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    world.outside.flags.set_form(form)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert ends == await state(world, proposal)
    assert flag.former == ("theirs" if ends == "skipped" else "ours")


async def test_the_word_that_nothing_happened_calls_it_off(world: World) -> None:
    """There is nothing to take back."""
    proposal = await lost(world, percent=77)
    await world.click(proposal, verdict="no_effect")

    assert "cancelled" == await state(world, proposal)


async def test_what_a_stranger_had_set_when_it_was_lost_is_left_alone(
    world: World,
) -> None:
    """What was read back then is nobody's proof that it was ours."""
    proposal = await lost(world, percent=77)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert 77 == world.outside.flags.flags[FLAG].rollout_percent
    assert "skipped" == await state(world, proposal)


async def test_the_word_for_a_stranger_s_state_takes_nothing_back(
    world: World,
) -> None:
    """Somebody said that it took effect; what stands is not what was asked for."""
    proposal = await lost(world, percent=77)
    await world.click(proposal, verdict="took_effect")
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert 77 == world.outside.flags.flags[FLAG].rollout_percent
    assert "skipped" == await state(world, proposal)


async def test_what_never_took_effect_needs_no_write(world: World) -> None:
    """The target is as it was before: done, and nothing was sent."""
    world.outside.flags.repeatable = False
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)
    assert 1 == len(keys(world))


async def test_what_was_given_up_is_taken_back_if_it_stands(world: World) -> None:
    """No outcome was ever stored; what was meant stands, and its time is over."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        last = await executions.find_last(tx, proposal.id)
        assert last is not None
        await schedule_reversion(tx, await proposals.get(tx, proposal.id), last)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert "done" == await state(world, proposal)
    assert (True, 50) == (flag.enabled, flag.rollout_percent)


async def test_what_was_lost_and_restored_meanwhile_is_back(world: World) -> None:
    """It ran out by itself, or somebody restored it: nobody's decision is named."""
    proposal = await lost(world, percent=77)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)
    assert 1 == len(keys(world))
