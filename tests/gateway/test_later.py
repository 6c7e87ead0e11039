"""A 503 that names its end may be a proxy's: what it answered may have landed."""

from dataclasses import replace

import pytest

from gateway.intent import TargetBusy
from gateway.ports import Later, NothingSent
from gateway.waiting import MOST_WAITS
from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance,
    advance_often,
    due,
    expiring,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import (
    LOST_AFTER,
    LOST_BEFORE,
    PUT_OFF,
    keys,
    outcomes,
    states,
    step,
    writes,
)
from tests.gateway.test_attesting import undo_of
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
    assert "its system asked to come later" in answer.text
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


def busy(kind: type[NothingSent], seconds: float) -> Failure:
    """Give a system that asks to come later, by a word that is sure or is not."""
    return Failure(kind("busy", retry_after=seconds))


@pytest.mark.parametrize("sent", [1, 2])
async def test_its_target_is_nobody_else_s_until_it_is_read_back(
    world: World, sent: int
) -> None:
    """A header of a second shortens no lock: another's change would be taken for it."""
    first, second = await world.approved(), await world.approved()
    for _ in range(sent):
        world.outside.flags.writes.coming.append(busy(Later, 1))
    await step(world, first)
    for _ in range(sent - 1):
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await step(world, first)
    # The worker comes when it can: polls, claims and leases take their time.
    world.database.clock.move(seconds=SETTLED_SECONDS + 30)
    with pytest.raises(TargetBusy):
        await step(world, second)


@pytest.mark.parametrize("kind", [NothingSent, Later])
async def test_an_action_outlives_a_short_maintenance(
    world: World, kind: type[NothingSent]
) -> None:
    """Its approval says for how long, and no count of tries."""
    proposal = await world.approved()
    world.outside.flags.writes.coming += [busy(kind, 1) for _ in range(4)]
    for _ in range(12):
        await step(world, proposal)
        if "verifying" == (await states(world, proposal))[0]:
            break
        world.database.clock.move(seconds=25)

    assert "verifying" == (await states(world, proposal))[0]
    assert (5, 1) == (len(keys(world)), writes(world))


@pytest.mark.parametrize("kind", [NothingSent, Later])
async def test_a_reversion_outlives_it_too(
    world: World, kind: type[NothingSent]
) -> None:
    """For an hour in a row."""
    proposal = await due(world)
    world.outside.flags.writes.coming += [busy(kind, 5) for _ in range(4)]
    for _ in range(40):
        await advance(world, proposal)
        world.database.clock.move(seconds=15)

    assert "done" == await state(world, proposal)


@pytest.mark.parametrize("kind", [NothingSent, Later])
async def test_a_system_that_stays_busy_is_a_person_s(
    world: World, kind: type[NothingSent]
) -> None:
    """After an hour nobody waits any more."""
    proposal = await due(world)
    world.outside.flags.writes.coming += [busy(kind, 300) for _ in range(40)]
    for _ in range(30):
        await advance(world, proposal)
        world.database.clock.move(seconds=320)

    assert "failed" == await state(world, proposal)


async def test_a_header_whose_instant_is_over_counts_as_one(world: World) -> None:
    """A system without keys, whose clock is behind ours, is asked again too."""
    world.outside.flags.repeatable = False
    proposal = await due(world)
    world.outside.flags.writes.coming.append(busy(Later, 0))
    for _ in range(4):
        await advance_often(world, proposal)
        world.database.clock.move(seconds=WAIT_SECONDS)

    assert "done" == await state(world, proposal)


async def test_what_is_left_to_somebody_s_change_may_still_land(world: World) -> None:
    """Whoever reads that it was left alone learns that a request is on its way."""
    world.outside.flags.repeatable = False
    proposal = await due(world)
    world.outside.flags.writes.coming.append(busy(Later, 5))
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=30)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    found = await reversion_of(world, proposal)

    assert "skipped" == found.state
    assert "what was sent before may still land" in found.reason


@pytest.mark.parametrize("last", [PUT_OFF, LOST_BEFORE])
async def test_only_silence_counts_as_a_try(world: World, last: Failure) -> None:
    """Two words of a busy system, and then another answer: it is sent once more."""
    proposal = await world.approved()
    world.outside.flags.writes.coming += [busy(Later, 1), busy(Later, 1), last]
    for _ in range(6):
        await step(world, proposal)
        world.database.clock.move(seconds=WAIT_SECONDS + SETTLED_SECONDS)
        if "verifying" == (await states(world, proposal))[0]:
            break
    errors = await world.rows(
        "SELECT error FROM tool_calls WHERE phase = 'apply' ORDER BY started_at"
    )

    assert "verifying" == (await states(world, proposal))[0]
    assert (4, 1) == (len(keys(world)), writes(world))
    assert "its system asked to come later" in str(errors[0])


async def test_another_s_wait_fails_no_reversion(world: World) -> None:
    """Its target is one's that a busy system puts off; after an hour a person looks."""
    proposal = await due(world)
    params = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}
    other = await world.approved(params=params)
    world.outside.flags.writes.coming.append(busy(Later, 300))
    await step(world, other)
    lock = "UPDATE target_locks SET until = until + interval '1 day'"
    await world.database_change(lock)
    seen = []
    for _ in range(2):
        for _ in range(MOST_WAITS + 5):
            await advance(world, proposal)
            world.database.clock.move(seconds=6)
        seen.append(await state(world, proposal))
        for _ in range(12):
            await advance(world, proposal)
            world.database.clock.move(seconds=300)

    assert ["scheduled", "failed"] == seen


async def test_only_a_busy_system_s_word_is_no_try(world: World) -> None:
    """One silence, and then 429 again and again: it is sent until it is taken."""
    proposal = await world.approved()
    world.outside.flags.writes.coming += [LOST_BEFORE, *[PUT_OFF] * 4]
    for _ in range(9):
        await step(world, proposal)
        if "verifying" == (await states(world, proposal))[0]:
            break
        world.database.clock.move(seconds=WAIT_SECONDS * 2)

    assert "verifying" == (await states(world, proposal))[0]
    assert (6, 1) == (len(keys(world)), writes(world))


async def test_its_own_undo_waits_for_nothing_that_was_given_up(world: World) -> None:
    """Nobody reads it back any more, so it keeps nobody off who takes it back."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )
    await world.database_change(
        "UPDATE tasks SET state = 'escalated_to_human' WHERE id = :id",
        id=proposal.task_id,
    )
    world.database.clock.move(seconds=SETTLED_SECONDS + 1)
    await world.click(await world.proposal(proposal.id), verdict="undo")
    undo = await undo_of(world, proposal)
    await world.click(undo)
    ran = await step(world, undo)

    assert "verifying" == ran.code
