"""What an action meant, and a later one has set: the later one's is left alone."""

import pytest

from storage import executions
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    acted,
    advance,
    advance_often,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_BEFORE, step, writes
from tests.gateway.test_attesting import undo_of
from tests.gateway.test_reverting_lost import denied_unread, lost
from tests.gateway.world import World

FIVE_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 5}
FIFTY_PERCENT = {"flag_key": FLAG, "enabled": True, "rollout_percent": 50}


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def off_again(world: World) -> Proposal:
    """Have another task turn the flag off, for an hour longer than the first."""
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=120)
    later = await acted(world)
    await world.database_change(
        "UPDATE reversions SET due_at = due_at + interval '1 hour',"
        " next_try_at = next_try_at + interval '1 hour' WHERE proposal_id = :id",
        id=later.id,
    )
    return later


async def to_its_end(world: World, proposal: Proposal) -> int:
    """Bring a reversion to its instant and through; give how many writes there were."""
    before = writes(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    return writes(world) - before


async def test_what_never_landed_takes_no_later_action_back(world: World) -> None:
    """The same was done later, is known to have been, and has a time of its own."""
    first = await lost(world, percent=77)
    later = await off_again(world)
    sent = await to_its_end(world, first)
    found = await reversion_of(world, first)
    short_id = (await world.task(later.task_id)).short_id

    assert (0, "skipped") == (sent, found.state)
    assert f"(task {short_id}) has set it so since" in found.reason
    assert "is taken back at its own time, so it was left alone" in found.reason
    assert [] == await linked(world, first)
    assert not world.outside.flags.flags[FLAG].enabled


async def test_the_later_one_is_taken_back_at_its_own_time(world: World) -> None:
    """Left alone by the first, an hour longer."""
    first = await lost(world, percent=77)
    later = await off_again(world)
    await to_its_end(world, first)
    world.database.clock.move(seconds=3600)
    await advance_often(world, later)

    assert "done" == await state(world, later)
    assert world.outside.flags.flags[FLAG].enabled


async def test_one_that_lasts_is_left_alone_too(world: World) -> None:
    """It has no reversion at all."""
    first = await lost(world, percent=77)
    later = await off_again(world)
    await world.database_change(
        "DELETE FROM reversions WHERE proposal_id = :id", id=later.id
    )
    sent = await to_its_end(world, first)

    assert (0, "skipped") == (sent, await state(world, first))


async def test_what_was_restored_by_hand_and_set_by_a_later_one(world: World) -> None:
    """The first was known to have landed: its change went, and this is another's."""
    first = await acted(world)
    await off_again(world)
    sent = await to_its_end(world, first)

    assert (0, "skipped") == (sent, await state(world, first))


async def test_a_word_against_the_first_calls_nobody(world: World) -> None:
    """Whose change stands is known: no person has to look for it."""
    first = await denied_unread(world)
    await off_again(world)
    await to_its_end(world, first)

    assert "skipped" == await state(world, first)
    assert [] == await linked(world, first)


async def test_a_later_one_that_was_undone_owns_nothing(world: World) -> None:
    """What stands then is the first's, that landed late."""
    first = await lost(world, percent=77)
    later = await off_again(world)
    await world.click(later, verdict="undo")
    undo = await undo_of(world, later)
    await world.click(undo)
    await step(world, undo)
    await step(world, undo)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    sent = await to_its_end(world, first)

    assert (1, "done") == (sent, await state(world, first))


async def test_another_target_is_another_s(world: World) -> None:
    """The same was done to another flag: the first is taken back."""
    first = await lost(world, percent=77)
    later = await off_again(world)
    await world.database_change(
        'UPDATE proposals SET params = params || \'{"flag_key": "other"}\''
        " WHERE id = :id",
        id=later.id,
    )
    sent = await to_its_end(world, first)

    assert (1, "done") == (sent, await state(world, first))


async def test_what_a_later_reversion_put_back_is_taken_back(world: World) -> None:
    """Another action lay over the first, and its reversion restored that one's."""
    first = await acted(world)
    later = await world.approved(params=FIVE_PERCENT)
    await step(world, later)
    world.outside.recover()
    await step(world, later)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, later)
    between = world.outside.flags.flags[FLAG].enabled
    await advance_often(world, first)

    assert ("done", "done") == (await state(world, later), await state(world, first))
    assert not between
    assert world.outside.flags.flags[FLAG].enabled


async def test_what_restores_an_older_change_is_no_later_action_s(
    world: World,
) -> None:
    """What was lost meant what an undo has set since: the undo's stands."""
    first = await acted(world)
    other = await lost_as(world)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)
    await world.click(undo)
    world.database.clock.move(seconds=120)
    await step(world, undo)
    await step(world, undo)
    sent = await to_its_end(world, other)

    assert (0, "skipped") == (sent, await state(world, other))
    assert "(undo)” (task" in (await reversion_of(world, other)).reason
    assert world.outside.flags.flags[FLAG].enabled


async def lost_as(world: World) -> Proposal:
    """Lose an action that was to set what an undo of the first restores."""
    world.database.clock.move(seconds=1)
    other = await world.approved(params=FIFTY_PERCENT)
    world.outside.flags.repeatable = False
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, other)
    world.database.clock.move(seconds=20)
    await step(world, other)
    assert "outcome_unknown" == (await world.proposal(other.id)).state
    return other


async def test_what_was_set_anew_since_the_restoring_calls_nobody(
    world: World,
) -> None:
    """Taken back, its answer lost, and the next action comes before it is verified."""
    first = await acted(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance(world, first)
    applied = await state(world, first)
    await acted(world)
    world.database.clock.move(seconds=120)
    await advance(world, first)

    assert ("applied", "skipped") == (applied, await state(world, first))
    assert [] == await linked(world, first)


async def later_than(
    world: World, first: Proposal, target: dict[str, object]
) -> list[Execution]:
    """Give what is read of later executions to find an owner."""
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        action = await executions.find_last(tx, first.id)
        assert action is not None
        return await executions.list_since(
            tx, action, first.tool, target=target, unsure=False
        )


async def test_only_what_may_be_of_the_target_is_read(world: World) -> None:
    """Each one costs a look: what others did to other flags is left in its rows."""
    first = await acted(world)
    later = await off_again(world)
    of_ours = await later_than(world, first, {"flag_key": FLAG})
    of_another = await later_than(world, first, {"flag_key": "other"})

    assert ([later.id], []) == ([one.proposal_id for one in of_ours], of_another)


async def test_what_may_be_another_target_crowds_out_none_of_ours(
    world: World,
) -> None:
    """Two hundred newer ones name somebody by a placeholder; ours is read before."""
    first = await acted(world)
    ours = await off_again(world)
    theirs = await off_again(world)
    await world.database_change(
        'UPDATE proposals SET params = params || \'{"flag_key": "⟨name:1⟩"}\''
        " WHERE id = :id",
        id=theirs.id,
    )
    await world.database_change(
        "INSERT INTO executions SELECT (jsonb_populate_record(one, jsonb_build_object("
        "'id', gen_random_uuid(), 'try', number))).* FROM executions AS one,"
        " generate_series(2, 201) AS number WHERE one.proposal_id = :id",
        id=theirs.id,
    )
    found = await later_than(world, first, {"flag_key": FLAG})
    of_whom = [one.proposal_id for one in found]

    assert 200 == len(found)
    assert [*[theirs.id] * 199, ours.id] == of_whom


async def test_a_placeholder_may_stand_for_the_target(world: World) -> None:
    """Only the vault knows: it is looked at."""
    first = await acted(world)
    later = await off_again(world)
    await world.database_change(
        'UPDATE proposals SET params = params || \'{"flag_key": "⟨name:1⟩"}\''
        " WHERE id = :id",
        id=later.id,
    )
    found = await later_than(world, first, {"flag_key": "other"})

    assert [later.id] == [one.proposal_id for one in found]
