"""What was carried out, and nobody could measure: a person says what became of it."""

import pytest

from storage.proposals import Proposal
from tests.gateway.expiring import LASTS, advance_often, expiring, state
from tests.gateway.outside import FLAG, ROUTE, SERVICE
from tests.gateway.steps import states, step
from tests.gateway.test_undoing import VERIFY_SECONDS, ask, undo_of
from tests.gateway.test_undoing_changed import alone
from tests.gateway.world import World

THROTTLE = {"service": SERVICE, "route": ROUTE, "limit_rps": 450}


async def unmeasured(world: World, proposal: Proposal) -> Proposal:
    """Have nobody measure what was carried out until its time is over."""
    world.outside.flags.unreadable = True
    early = await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    late = await step(world, proposal)
    world.outside.flags.unreadable = False
    assert ("verifying", "failed") == (early.code, late.code)
    return await world.proposal(proposal.id)


async def carried_out(world: World) -> Proposal:
    proposal = await world.approved()
    await step(world, proposal)
    return await unmeasured(world, proposal)


async def test_it_is_told_as_unknown_and_not_as_a_failure(world: World) -> None:
    """A person has the task, and reads why; nothing says that it was verified."""
    proposal = await carried_out(world)
    [given_up] = await world.events(proposal.task_id, "task.given_up")
    verified = await world.events(proposal.task_id, "task.verified")
    moved = await world.events(proposal.task_id, "task.moved")

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert str(proposal.closed_reason).startswith("nobody could measure it: flag new_")
    assert ("outcome_unknown", proposal.closed_reason) == (
        given_up["state"],
        given_up["reason"],
    )
    assert [] == verified
    assert "outcome unknown: nobody could measure it" in str(moved)
    assert "no effect" not in str(moved)


@pytest.mark.parametrize("environment", ["dev"])
async def test_nothing_takes_it_back_by_itself(world: World) -> None:
    """Where policy would let its undo run, too."""
    proposal = await unmeasured(world, await alone(world))

    assert [] == await world.rows("SELECT 1 FROM proposals WHERE undoes IS NOT NULL")
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert not world.outside.flags.flags[FLAG].enabled


@pytest.mark.parametrize("environment", ["dev"])
async def test_one_look_in_time_is_enough(world: World) -> None:
    """The metrics are back before its time is over: it is measured as ever."""
    proposal = await alone(world)
    world.outside.flags.unreadable = True
    await step(world, proposal)
    world.outside.flags.unreadable = False
    world.outside.recover()
    await step(world, proposal)

    assert ("succeeded", "completed") == await states(world, proposal)


async def test_a_person_says_that_it_took_effect(world: World) -> None:
    """By the card's own words."""
    proposal = await carried_out(world)
    answer = await world.click(proposal, verdict="took_effect")

    assert "attested" == answer.code
    assert "succeeded" == (await world.proposal(proposal.id)).state


async def test_a_person_says_that_it_did_not(world: World) -> None:
    """Its target does not hold it any more; while it does, the word is not taken."""
    proposal = await carried_out(world)
    early = await world.click(proposal, verdict="no_effect")
    world.outside.flags.put(enabled=True, rollout_percent=7)
    answer = await world.click(proposal, verdict="no_effect")

    assert ("contradicted", "attested") == (early.code, answer.code)
    assert "failed" == (await world.proposal(proposal.id)).state


async def test_a_person_undoes_it(world: World) -> None:
    """Its undo stands against what the action left, and restores what was."""
    proposal = await carried_out(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)
    last = await step(world, undo)
    flag = world.outside.flags.flags[FLAG]

    assert "succeeded" == last.code
    assert "undone" == (await world.proposal(proposal.id)).state
    assert (True, 50) == (flag.enabled, flag.rollout_percent)


async def test_an_undo_that_nobody_could_read_back_is_a_persons(world: World) -> None:
    """It may be back, or not: the action itself is not said to be undone."""
    proposal = await carried_out(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)
    await unmeasured(world, undo)
    before = (await world.proposal(proposal.id)).state
    await world.click(await world.proposal(undo.id), verdict="took_effect")

    assert ("outcome_unknown", "undone") == (
        before,
        (await world.proposal(proposal.id)).state,
    )


async def throttled(world: World) -> Proposal:
    """Throttle a service whose errors nobody measured before."""
    proposal = await world.approved(tool="throttle_endpoint", params=THROTTLE)
    await step(world, proposal)
    await world.database_change(
        "UPDATE proposals SET before = before || '{\"error_ratio\": null}'"
        " WHERE id = :id",
        id=proposal.id,
    )
    return proposal


async def test_what_nothing_could_be_held_against_is_no_failure(world: World) -> None:
    """Measured to the end, and nobody can tell whether it helped: a person looks."""
    proposal = await throttled(world)
    early = await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await step(world, proposal)
    now = await world.proposal(proposal.id)

    assert "verifying" == early.code
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert "nobody measured it before" in str(now.closed_reason)
    assert [] == await world.rows("SELECT 1 FROM proposals WHERE undoes IS NOT NULL")


async def test_where_it_is_well_nothing_has_to_be_held_against(world: World) -> None:
    """What was before is no matter then."""
    proposal = await throttled(world)
    world.outside.recover()
    await step(world, proposal)

    assert "succeeded" == (await states(world, proposal))[0]


async def test_it_is_told_to_who_has_the_task_already(world: World) -> None:
    """Somebody took it over while it was measured."""
    proposal = await world.approved()
    await step(world, proposal)
    await world.database_change(
        "UPDATE tasks SET state = 'escalated_to_human' WHERE id = :id",
        id=proposal.task_id,
    )
    world.outside.flags.unreadable = True
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await world.advance(proposal.task_id, fence=0)
    told = await world.rows(
        "SELECT 1 FROM outbox WHERE CAST(payload AS text) LIKE"
        " '%: nobody could measure it%' AND slot = 'root'"
    )

    assert [] != told
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_what_expires_is_taken_back_all_the_same(world: World) -> None:
    """At its instant, though nobody said what became of it."""
    world = expiring(world)
    proposal = await world.approved()
    await step(world, proposal)
    await unmeasured(world, proposal)
    world.database.clock.move(seconds=LASTS)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)
