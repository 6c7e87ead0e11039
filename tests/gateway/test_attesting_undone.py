"""Words on an undo, and on what its system answered: no reversion is lost by them."""

import pytest
from pydantic import BaseModel

from gateway.outcome import Ended, Outcome
from gateway.outcomes import settle
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG, FlagParams
from gateway.waiting import AGAIN_SECONDS, MOST_WAITS
from storage import executions
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    acted,
    advance,
    advance_often,
    expiring,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, states, step, writes
from tests.gateway.test_attesting import undo_of
from tests.gateway.test_executing_unmeasured import unmeasured
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def lost_undo(world: World, proposal: Proposal) -> Proposal:
    """Ask for an undo, and have nobody know whether it took effect."""
    world.outside.flags.repeatable = False
    await world.click(proposal, verdict="undo")
    undo = await undo_of(world, proposal)
    await world.click(undo)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, undo)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, undo)
    return await world.proposal(undo.id)


async def back_in_time(world: World, proposal: Proposal) -> bool:
    """Tell whether its instant brings back what it changed."""
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]
    return (True, 50) == (flag.enabled, flag.rollout_percent)


async def test_an_undo_that_its_target_contradicts(world: World) -> None:
    """The action stands there still; it can be said that the undo did not work."""
    proposal = await acted(world)
    undo = await lost_undo(world, proposal)
    refused = await world.click(undo, verdict="took_effect")
    taken = await world.click(undo, verdict="no_effect")

    assert ("contradicted", "attested") == (refused.code, taken.code)
    assert "say that it did not take effect" in refused.text
    assert await back_in_time(world, proposal)


async def test_an_undo_that_nobody_can_hold_against_its_target(world: World) -> None:
    """The word is taken, and the action's end is looked at all the same."""
    proposal = await acted(world)
    undo = await lost_undo(world, proposal)
    world.outside.flags.unreadable = True
    answer = await world.click(undo, verdict="took_effect")
    world.outside.flags.unreadable = False

    assert "attested" == answer.code
    assert "undone" == (await world.proposal(proposal.id)).state
    assert "scheduled" == await state(world, proposal)


async def said_undone(world: World) -> Proposal:
    """Have a person say that an undo took effect, whose target nobody could read."""
    proposal = await acted(world)
    undo = await lost_undo(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.outside.flags.unreadable = True
    await world.click(undo, verdict="took_effect")
    world.outside.flags.unreadable = False
    found = await reversion_of(world, proposal)
    assert "says that it is undone; its target is looked at then" in found.reason
    return await world.proposal(proposal.id)


async def linked(world: World) -> list[str]:
    rows = await world.rows("SELECT title FROM tasks WHERE linked_to IS NOT NULL")
    return [row["title"] for row in rows if "Somebody said" in row["title"]]


async def test_what_a_later_action_has_set_calls_nobody(world: World) -> None:
    """It is known whose change stands there: nothing is written, and nobody looks."""
    proposal = await said_undone(world)
    world.outside.services.become(error_ratio=0.18)
    # What was given up may still land until then.
    world.database.clock.move(seconds=80)
    await step(world, await world.approved())
    done = writes(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    found = await reversion_of(world, proposal)

    assert ("skipped", done) == (found.state, writes(world))
    assert "has set it so since" in found.reason
    assert [] == await linked(world)


async def test_nothing_is_written_on_the_strength_of_a_word(world: World) -> None:
    """Whose change stands there nobody can tell: a person is called, and looks."""
    proposal = await said_undone(world)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    done = writes(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    found = await reversion_of(world, proposal)

    assert "failed" == found.state
    assert "its target reads as it was left" in found.reason
    assert done == writes(world)
    assert 1 == len(await linked(world))
    posts = await world.rows("SELECT payload::text AS said FROM outbox")
    assert "look whose change stands at its target" in str(posts)


async def test_what_really_was_undone_calls_nobody(world: World) -> None:
    """Its target reads as before at its instant."""
    proposal = await said_undone(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)
    assert [] == await linked(world)


async def test_what_nobody_could_read_till_the_end_calls_somebody(
    world: World,
) -> None:
    """The word was all there ever was."""
    proposal = await said_undone(world)
    world.outside.flags.unreadable = True
    world.database.clock.move(seconds=LASTS)
    for _ in range(MOST_WAITS + 2):
        await advance(world, proposal)
        world.database.clock.move(seconds=AGAIN_SECONDS + 1)

    assert "failed" == await state(world, proposal)
    assert 1 == len(await linked(world))


async def test_a_change_that_lies_over_what_was_answered(world: World) -> None:
    """Ours is below it, and comes to light once that is taken back."""
    proposal = await world.approved()
    await step(world, proposal)
    await unmeasured(world, proposal)
    ours = world.outside.flags.flags[FLAG]
    world.outside.flags.put(enabled=True, rollout_percent=7)
    answer = await world.click(await world.proposal(proposal.id), verdict="no_effect")
    world.outside.flags.put(enabled=ours.enabled, rollout_percent=ours.rollout_percent)

    assert "attested" == answer.code
    assert await back_in_time(world, proposal)


async def answer_late(world: World, proposal: Proposal, left: BaseModel) -> None:
    """Have its system say after all that it took effect, and what it left."""
    outcome = Outcome(Ended.applied, after=left.model_dump(mode="json"))
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        execution = await executions.find_last(tx, proposal.id)
        assert execution is not None
        await settle(tx, execution, outcome, verify_seconds=90)


async def covered(world: World) -> tuple[Proposal, BaseModel]:
    """Have an answer lost, somebody's change over what it did, and an undo asked."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    params = FlagParams.model_validate(plain(proposal.params))
    left = await TOGGLE_FEATURE_FLAG.observe(params, world.gate.ports)
    world.outside.flags.put(enabled=True, rollout_percent=77)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    await world.click(await world.proposal(proposal.id), verdict="undo")
    return await world.proposal(proposal.id), left


async def test_no_word_denies_what_was_answered_late(world: World) -> None:
    """Its undo waits, so that nobody measures it; its reversion stays on."""
    proposal, left = await covered(world)
    await answer_late(world, proposal, left)
    world.outside.flags.unreadable = True
    await world.click(proposal, verdict="no_effect")

    assert "scheduled" == await state(world, proposal)


async def test_a_late_answer_beside_an_undo_that_nobody_knows_of(world: World) -> None:
    """Nobody measures what may be undone by now, and a word on the undo is taken."""
    proposal, left = await covered(world)
    world.outside.flags.repeatable = False
    undo = await undo_of(world, proposal)
    await world.click(undo)
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, undo)
    world.outside.flags.put(enabled=True, rollout_percent=33)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, undo)
    await answer_late(world, proposal, left)
    between = await states(world, proposal)
    answer = await world.click(await world.proposal(undo.id), verdict="took_effect")

    assert "outcome_unknown" == between[0]
    assert "attested" == answer.code
    assert "undone" == (await world.proposal(proposal.id)).state
