"""An undo beside a write that a freeze holds back: neither waits for good."""

import asyncio
from uuid import UUID, uuid4

import pytest

from gateway.intent import TargetBusy
from gateway.ports import Later
from gateway.subjects import FlagState, ServiceLoad
from orchestrator.execution import give_up_effects
from storage import executions, guards, proposals
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    acted,
    advance,
    advance_often,
    expiring,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, states, step
from tests.gateway.test_attesting import undo_of
from tests.gateway.test_may_land import begun, sent_and_given_up
from tests.gateway.world import World
from tests.storage.test_guards import until_somebody_waits

FIVE_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}
FIFTY_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 50}
LATER = Failure(Later("503", retry_after=300))


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def beside(world: World) -> tuple[Proposal, Proposal, Proposal]:
    """Lose a write, freeze, and lose the undo of the action before it, too."""
    first = await acted(world)
    second = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, second)
    await world.freeze(frozen=True)
    world.database.clock.move(seconds=120)
    await step(world, second)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, undo)
    return first, second, undo


async def test_an_undo_is_sent_again_beside_a_held_write(world: World) -> None:
    """Under the freeze, and without waiting for what waits for the thaw."""
    first, second, undo = await beside(world)
    world.database.clock.move(seconds=40)
    await step(world, undo)
    await step(world, undo)

    assert "succeeded" == (await states(world, undo))[0]
    assert "undone" == (await states(world, first))[0]
    assert "executing" == (await states(world, second))[0]


@pytest.mark.parametrize("then", ["another action", "the reversion"])
async def test_an_undo_that_was_given_up_holds_nobody_up(
    world: World, then: str
) -> None:
    """Its minute is over: the target is free, and what expires is taken back."""
    first, second, undo = await beside(world)
    async with world.database("worker").transaction(world.scope, Step.finish_run) as tx:
        for one in (undo, second):
            every = await proposals.list_of_task(tx, one.task_id)
            await give_up_effects(tx, every, "the gateway failed 30 times")
    await world.freeze(frozen=False)
    world.database.clock.move(seconds=LASTS + 1)
    if then == "the reversion":
        await advance_often(world, first)
        assert "done" == await state(world, first)
        return
    # Three writes met this target within the hour.
    world.database.clock.move(seconds=3700)
    third = await world.approved(params=FIVE_PERCENT)

    assert "verifying" == (await step(world, third)).code


async def test_a_freeze_says_of_a_held_write_what_is_so(world: World) -> None:
    """It was looked for and not seen, long ago: nothing of it is "under way"."""
    second = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, second)
    await world.freeze(frozen=True)
    world.database.clock.move(seconds=3600)
    await step(world, second)
    [said] = await begun(world)

    assert said.startswith("• may still land: ")


async def test_what_a_person_saw_is_not_listed(world: World) -> None:
    """It took effect, says somebody whom the target does not contradict."""
    proposal = await sent_and_given_up(world, LOST_AFTER)
    await world.click(proposal, verdict="took_effect")

    assert [] == await begun(world)


async def held(world: World, params: dict[str, object]) -> tuple[Proposal, Proposal]:
    """Have a freeze hold a write between its tries, and an undo be approved."""
    first = await acted(world)
    world.database.clock.move(seconds=1)
    second = await world.approved(params=params)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, second)
    await world.freeze(frozen=True)
    world.database.clock.move(seconds=120)
    await step(world, second)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    return second, undo


async def test_a_held_write_takes_no_undo_for_its_own(world: World) -> None:
    """Meant to set what the undo restored: it never landed, and takes nothing back."""
    second, undo = await held(world, FIFTY_PERCENT)
    for _ in range(2):
        await step(world, undo)
    await world.freeze(frozen=False)
    await step(world, second)
    between = (await states(world, second))[0]
    closed = (await world.proposal(second.id)).closed_reason
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, second)

    assert "outcome_unknown" == between
    assert "read back as it was meant, but “Turn flag" in str(closed)
    assert world.outside.flags.flags[FLAG].enabled
    assert "skipped" == await state(world, second)


async def test_what_passed_since_the_look_is_written_over_by_nobody(
    world: World,
) -> None:
    """An undo that begins and ends while the held write measures its reach."""
    second, undo = await held(world, FIVE_PERCENT)
    await world.freeze(frozen=False)
    measure = world.outside.services.service
    codes: list[str] = []

    async def pass_by(name: str) -> ServiceLoad:
        if not codes:
            codes.append("")
            codes.append((await step(world, undo)).code)
        return await measure(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.services, "service", pass_by)
        await step(world, second)
    sent = keys(world).count(f"{second.id}:apply")

    assert "verifying" == codes[1]
    assert 1 == sent
    assert world.outside.flags.flags[FLAG].rollout_percent == 50


async def test_nothing_passes_what_has_just_been_seen(world: World) -> None:
    """It landed between its read-back and the look before it is sent again."""
    second = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.append(LOST_AFTER)
    before = world.outside.flags.flags[FLAG]
    await step(world, second)
    world.database.clock.move(seconds=120)
    landed, asked = world.outside.flags.flags[FLAG], []

    async def late(_key: str) -> FlagState:
        asked.append(1)
        return before if len(asked) == 1 else landed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.flags, "get", late)
        answer = await step(world, second)
    [row] = await world.rows("SELECT verification ? 'unseen' AS yes FROM executions")

    assert "it is seen by now" in answer.text
    assert not row["yes"]


async def busy(world: World) -> tuple[Proposal, Proposal]:
    """Have a system put a write off again and again, over what another left."""
    first = await acted(world)
    world.database.clock.move(seconds=LASTS - 60)
    second = await world.approved(params=FIVE_PERCENT)
    world.outside.flags.writes.coming.extend([LATER] * 60)
    return first, second


async def minutes_until(world: World, second: Proposal, first: Proposal) -> float:
    """Step both each half minute until the first is taken back."""
    began_at = world.database.clock()
    for _ in range(400):
        if "executing" == (await states(world, second))[0]:
            await step(world, second)
        if second is not first and "running" != await state(world, first):
            # The system takes from a reversion what it does not take from others.
            kept = list(world.outside.flags.writes.coming)
            world.outside.flags.writes.coming.clear()
            await advance_often(world, first)
            world.outside.flags.writes.coming.extend(kept)
        if await state(world, first) in {"done", "failed"}:
            break
        world.database.clock.move(seconds=30)
    return (world.database.clock() - began_at).total_seconds() / 60


async def test_a_write_that_is_put_off_for_long_lets_a_reversion_go_first(
    world: World,
) -> None:
    """Each 503 begins its hold anew: after ten minutes it waits, and a person looks."""
    first, second = await busy(world)
    await step(world, second)
    minutes = await minutes_until(world, second, first)
    world.outside.flags.writes.coming.clear()
    await step(world, second)

    assert "done" == await state(world, first)
    assert 10 <= minutes <= 20
    assert "outcome_unknown" == (await states(world, second))[0]


async def test_it_lets_an_undo_go_first_too(world: World) -> None:
    """Which asks for its target each time that it comes in vain."""
    first, second = await busy(world)
    await step(world, second)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    minutes = 0.0
    while minutes < 60:
        await step(world, second)
        kept = list(world.outside.flags.writes.coming)
        world.outside.flags.writes.coming.clear()
        try:
            await step(world, undo)
            break
        except TargetBusy:
            world.outside.flags.writes.coming.extend(kept)
        world.database.clock.move(seconds=30)
        minutes += 0.5

    assert 10 <= minutes <= 20
    assert "verifying" == (await states(world, undo))[0]


async def test_a_short_maintenance_gives_no_place_away(world: World) -> None:
    """Who waits to take back waits for ten minutes at least."""
    first, second = await busy(world)
    world.outside.flags.writes.coming.clear()
    world.outside.flags.writes.coming.append(LATER)
    await step(world, second)
    for _ in range(14):
        world.database.clock.move(seconds=30)
        await advance(world, first)
        await step(world, second)
        if "executing" != (await states(world, second))[0]:
            break

    assert "verifying" == (await states(world, second))[0]


async def test_an_hour_of_503s_is_a_person_s(world: World) -> None:
    """Of an undo too, whose evidence never grows old: it holds its target no day."""
    first = await acted(world)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    world.outside.flags.writes.coming.extend([LATER] * 60)
    seconds = 0.0
    answer = await step(world, undo)
    while answer.code == "unknown" and seconds < 2 * 3600:
        seconds += answer.retry_after_seconds + 1
        world.database.clock.move(seconds=answer.retry_after_seconds + 1)
        answer = await step(world, undo)
    world.outside.flags.writes.coming.clear()
    world.database.clock.move(seconds=120)
    third = await world.approved(params=FIVE_PERCENT)
    ran = await step(world, third)

    assert 3600 <= seconds <= 1.5 * 3600
    assert "outcome_unknown" == (await states(world, undo))[0]
    assert "verifying" == ran.code


@pytest.mark.parametrize("first", ["who passes", "who is sent again"])
async def test_of_who_passes_and_who_is_sent_again_one_goes(
    world: World, first: str
) -> None:
    """At once, in two transactions: the second waits for the first, and is told."""
    second, _ = await held(world, FIVE_PERCENT)
    [row] = await world.rows("SELECT target FROM target_locks")
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        last = await executions.find_last(tx, second.id)
    assert last is not None
    who = {"who passes": uuid4(), "who is sent again": last.id}
    ahead, behind = who.pop(first), *who.values()
    went: list[bool] = []

    async def take(one: UUID, rival: UUID | None) -> None:
        async with (
            asyncio.TaskGroup() as group,
            world.gate.database.transaction(world.scope, Step.execution_intent) as tx,
        ):
            took = await guards.lock_target(
                tx, row["target"], execution_id=one, seconds=60, undoes=one != last.id
            )
            went.append(took)
            if rival is not None:
                group.create_task(take(rival, None))
                await until_somebody_waits(world.gate.database, world.scope)

    await take(ahead, behind)

    assert [True, False] == went
