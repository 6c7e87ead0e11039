"""Reversions of what nobody could tell whether it took effect."""

import pytest

from gateway.expiring import schedule_reversion
from gateway.outcome import Ended, Outcome
from gateway.reverted import why_held
from gateway.tools.feature_flag import FlagParams
from orchestrator.execution import give_up_effects
from policy.lifecycle import ProposalEvent
from storage import executions, proposals
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance_often,
    expiring,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, keys, step
from tests.gateway.test_late import answer
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
    world.database.clock.move(seconds=60)
    await world.click(proposal, verdict="no_effect")

    assert "cancelled" == await state(world, proposal)


async def denied_unread(world: World) -> Proposal:
    """Have a person say that nothing happened, while nobody can read the target."""
    proposal = await lost(world, percent=77)
    world.outside.flags.unreadable = True
    await world.click(proposal, verdict="no_effect")
    world.outside.flags.unreadable = False
    return await world.proposal(proposal.id)


async def test_a_word_of_what_nobody_could_read_calls_nothing_off(world: World) -> None:
    """Its instant finds the target as it was, and says so."""
    proposal = await denied_unread(world)
    found = await reversion_of(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert "scheduled" == found.state
    assert "its target is looked at then" in found.reason
    assert "done" == await state(world, proposal)


async def test_what_stands_against_such_a_word_calls_a_person(world: World) -> None:
    """It landed, or is another's: nothing is written, and somebody looks."""
    proposal = await denied_unread(world)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    sent = len(keys(world))
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)
    found = await reversion_of(world, proposal)
    [task] = await world.rows("SELECT title FROM tasks WHERE linked_to IS NOT NULL")

    assert "failed" == found.state
    assert "its target reads as it was left" in found.reason
    assert sent == len(keys(world))
    assert task["title"].startswith("Somebody said that it did not take effect: ")


async def test_a_word_said_while_its_time_ends_is_heard(world: World) -> None:
    """Between the look and the write: nothing is written, and it looks again."""
    proposal = await world.proposal((await lost(world, percent=77)).id)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    world.database.clock.move(seconds=LASTS + 1)
    sent = len(keys(world))
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        before = await why_held(tx, proposal.id)
        await proposals.move(
            tx, proposal, ProposalEvent.failed, by="ann", reason="ann says so"
        )
        last = await executions.find_last(tx, proposal.id)
        assert last is not None
        await executions.keep_word(tx, last.id, {"attested_by": "ann"}, done=False)
        after = await why_held(tx, proposal.id)
    await advance_often(world, proposal)

    assert (None, "somebody spoke of it meanwhile") == (before, after)
    assert sent == len(keys(world))
    assert "failed" == await state(world, proposal)


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


@pytest.mark.parametrize("ended", [Ended.failed, Ended.not_sent, Ended.moved])
async def test_what_person_and_system_deny_is_written_over_by_nobody(
    world: World, ended: Ended
) -> None:
    """Its system says late that it refused: what stands there is somebody's."""
    proposal = await denied_unread(world)
    await answer(world, proposal, Outcome(ended, error="HTTP 400"))
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    theirs, sent = world.outside.flags.flags[FLAG], len(keys(world))
    world.database.clock.move(seconds=LASTS + 1)
    await advance_often(world, proposal)

    assert (sent, theirs) == (len(keys(world)), world.outside.flags.flags[FLAG])
    assert "cancelled" == await state(world, proposal)


async def test_it_is_not_said_that_nothing_was_written_when_it_was(
    world: World,
) -> None:
    """A word that comes while the reversion's own answer is missing."""
    proposal = await world.proposal((await lost(world, percent=77)).id)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    world.database.clock.move(seconds=LASTS + 1)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await advance_often(world, proposal)
    world.outside.flags.unreadable = True
    await world.click(proposal, verdict="no_effect")
    world.outside.flags.unreadable = False
    for _ in range(6):
        world.database.clock.move(seconds=SETTLED_SECONDS + 20)
        await advance_often(world, proposal)
    said = await world.rows(
        "SELECT payload::text AS said FROM outbox WHERE task_id IN"
        " (SELECT id FROM tasks WHERE linked_to IS NOT NULL)"
    )

    assert "failed" == await state(world, proposal)
    assert "look whose change stands" in str(said)
    assert "nothing was written" not in str(said)


async def test_a_word_before_it_could_land_calls_nothing_off(world: World) -> None:
    """Read as before, within its deadline: it may land behind the word."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    async with world.database("worker").transaction(world.scope, Step.finish_run) as tx:
        every = await proposals.list_of_task(tx, proposal.task_id)
        await give_up_effects(tx, every, "the gateway failed 30 times")
    await world.click(await world.proposal(proposal.id), verdict="no_effect")

    assert "scheduled" == await state(world, proposal)
