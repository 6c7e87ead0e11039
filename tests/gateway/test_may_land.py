"""What was sent and not seen may still land: who begins, looks, is told meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.intent import TargetBusy
from gateway.outcome import Ended, Outcome
from gateway.outcomes import mark_undone
from gateway.ports import Later
from gateway.registry import Registry
from gateway.subjects import FlagState
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.tools.feature_flag import FlagParams
from gateway.waiting import MOST_WAITS
from orchestrator.execution import give_up_effects
from orchestrator.freezing import say_begun
from storage import freezes, proposals
from storage.canonical import plain
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
from tests.gateway.steps import LOST_BEFORE, states, step
from tests.gateway.test_attesting import undo_of
from tests.gateway.test_late import answer
from tests.gateway.test_reverting_lost import lost
from tests.gateway.world import World

FIVE_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def begun(world: World) -> Sequence[str]:
    """Freeze, and give what is said of effects already begun."""
    async with world.database("web").transaction(world.scope, Step.freeze) as tx:
        found = (await freezes.freeze(tx, Hold("x", "ann"))).begun
    await world.freeze(frozen=False)
    return [say_begun(one) for one in found]


async def sent_and_given_up(world: World, met: Failure = LOST_BEFORE) -> Proposal:
    """Send what gets no answer, and have nobody read it back any more."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(met)
    await step(world, proposal)
    async with world.database("worker").transaction(world.scope, Step.finish_run) as tx:
        every = await proposals.list_of_task(tx, proposal.task_id)
        await give_up_effects(tx, every, "the gateway failed 30 times")
    return await world.proposal(proposal.id)


async def vain_reversion(world: World) -> Proposal:
    """Lose a reversion's answer at a system that takes no key; it ends failed."""
    proposal = await due(world)
    world.outside.flags.repeatable = False
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    assert "failed" == await state(world, proposal)
    return proposal


async def test_a_reversion_that_nobody_knows_of_keeps_its_target(world: World) -> None:
    """Nobody begins over it at once, and a freeze says what it is."""
    await vain_reversion(world)
    listed = await begun(world)
    with pytest.raises(TargetBusy):
        await step(world, await world.approved(params=FIVE_PERCENT))

    assert ["• may still land: "] == [one[:18] for one in listed]


async def test_a_word_gives_no_target_away(world: World) -> None:
    """It may land behind the word: the next one waits, and a freeze lists it."""
    other = await world.approved(params=FIVE_PERCENT)
    proposal = await sent_and_given_up(world)
    before = await begun(world)
    await world.click(proposal, verdict="no_effect")
    with pytest.raises(TargetBusy):
        await step(world, other)
    after = await begun(world)

    assert (1, 1) == (len(before), len(after))
    assert "its card asks a person" in before[0]
    assert "may still land" in after[0]


async def test_what_is_over_is_not_listed(world: World) -> None:
    """Refused after all by its system: nothing of it is under way."""
    proposal = await world.proposal((await lost(world, percent=77)).id)
    await answer(world, proposal, Outcome(Ended.failed, error="HTTP 400"))

    assert [] == await begun(world)


async def test_a_look_before_it_could_land_is_no_final_one(world: World) -> None:
    """The answer to the look takes a second, in which its time is over."""
    proposal = await sent_and_given_up(world)
    [row] = await world.rows("SELECT effect_deadline_at AS at FROM executions")
    left = (row["at"] - world.database.clock()).total_seconds()
    world.database.clock.move(seconds=left + 60.5)
    seen = world.outside.flags.flags[FLAG]

    async def slow(_key: str) -> FlagState:
        world.database.clock.move(seconds=2)
        return seen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.flags, "get", slow)
        await world.click(proposal, verdict="no_effect")

    assert "failed" == (await world.proposal(proposal.id)).state
    assert "scheduled" == await state(world, proposal)


@pytest.mark.parametrize("met", [LOST_BEFORE, Failure(Later("503", retry_after=200))])
async def test_a_reversion_waits_for_what_may_land(world: World, met: Failure) -> None:
    """Due before: it looks once that is over, and not as if nothing had been sent."""
    other = await world.approved(params=FIVE_PERCENT)
    proposal = await world.approved()
    world.database.clock.move(seconds=LASTS - 5)
    world.outside.flags.writes.coming.append(met)
    await step(world, proposal)
    async with world.database("worker").transaction(world.scope, Step.finish_run) as tx:
        every = await proposals.list_of_task(tx, proposal.task_id)
        await give_up_effects(tx, every, "the gateway failed 30 times")
    world.database.clock.move(seconds=6)
    await advance_often(world, proposal)
    early = await state(world, proposal)
    with pytest.raises(TargetBusy):
        await step(world, other)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    world.database.clock.move(seconds=300)
    await advance_often(world, proposal)

    assert ("scheduled", "done") == (early, await state(world, proposal))
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_release_that_can_t_read_it_gives_no_target_away(world: World) -> None:
    """Its reversion ends as a person's in time, while its write is put off."""
    proposal = await due(world)
    other = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.append(Failure(Later("503", retry_after=40)))
    await advance(world, proposal)
    bare = replace(
        world, gate=replace(world.gate, registry=Registry((GET_DASHBOARD_SNAPSHOT,)))
    )
    await world.database_change(
        "UPDATE reversions SET waits = :most, next_try_at = now() - interval '1 day'"
        " WHERE proposal_id = :id",
        most=MOST_WAITS,
        id=proposal.id,
    )
    await advance(bare, proposal)
    with pytest.raises(TargetBusy):
        await step(world, other)

    assert "failed" == await state(world, proposal)


async def test_a_word_on_an_undo_and_the_reversion_don_t_lock_each_other(
    world: World,
) -> None:
    """Both take the action's task before its target; neither is a victim."""
    first = await acted(world)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, undo)
    async with world.database("worker").transaction(world.scope, Step.finish_run) as tx:
        every = await proposals.list_of_task(tx, undo.task_id)
        await give_up_effects(tx, every, "the gateway failed 30 times")
    world.database.clock.move(seconds=LASTS + 1)
    world.outside.flags.unreadable = True
    ready = asyncio.Event()

    async def slow(*args: object, **kwargs: object) -> None:
        world.outside.flags.unreadable = False
        ready.set()
        await asyncio.sleep(0.5)
        await mark_undone(*args, **kwargs)  # type: ignore[arg-type]

    async def revert() -> None:
        await ready.wait()
        await advance(world, first)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.attesting.mark_undone", slow)
        async with asyncio.TaskGroup() as group:
            group.create_task(revert())
            word = group.create_task(
                world.click(await world.proposal(undo.id), verdict="took_effect")
            )

    assert "attested" == word.result().code
    assert "undone" == (await states(world, first))[0]
