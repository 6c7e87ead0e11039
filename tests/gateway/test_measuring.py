"""A maintenance that is announced takes nothing of the time to verify."""

from datetime import timedelta

import pytest

from gateway.connectors.breaker import CircuitOpen
from gateway.subjects import FlagState
from storage import outbox, posts, reversions, tasks
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.outside import FLAG
from tests.gateway.steps import states, step
from tests.gateway.test_undoing import VERIFY_SECONDS, ask, undo_of
from tests.gateway.world import World

AWAY_SECONDS = 300
HOUR_SECONDS = 3600


async def carried_out(world: World) -> Proposal:
    proposal = await world.approved()
    await step(world, proposal)
    return proposal


async def away_for(world: World, proposal: Proposal, *, seconds: int) -> set[str]:
    """Ask when its system wants, for so long; give the codes that were answered."""
    codes: set[str] = set()
    world.outside.flags.away_seconds = AWAY_SECONDS
    for _ in range(seconds // AWAY_SECONDS):
        answer = await step(world, proposal)
        codes.add(answer.code)
        world.database.clock.move(seconds=AWAY_SECONDS)
    world.outside.flags.away_seconds = None
    return codes


async def test_what_was_away_is_measured_when_it_is_back(world: World) -> None:
    """Half an hour, in which no slot waits for it."""
    proposal = await carried_out(world)
    codes = await away_for(world, proposal, seconds=1800)
    world.outside.recover()
    await step(world, proposal)

    assert {"unknown"} == codes
    assert ("succeeded", "completed") == await states(world, proposal)


@pytest.mark.parametrize(("said", "asked"), [(AWAY_SECONDS, AWAY_SECONDS), (1, 5)])
async def test_its_slot_is_given_back_until_then(
    world: World, said: int, asked: int
) -> None:
    """The answer says when to ask again, past what a slot is held for, and why."""
    proposal = await carried_out(world)
    world.outside.flags.away_seconds = said
    answer = await step(world, proposal)

    assert ("unknown", asked) == (answer.code, answer.retry_after_seconds)
    assert "HTTP 503" in answer.text


async def test_its_time_begins_anew_when_it_is_back(world: World) -> None:
    """What is not well at the first look may be by its end, and not after that."""
    first = await carried_out(world)
    await away_for(world, first, seconds=600)
    early = (await step(world, first)).code
    world.database.clock.move(seconds=VERIFY_SECONDS - 10)
    late = (await step(world, first)).code
    world.database.clock.move(seconds=11)
    over = (await step(world, first)).code

    assert ("verifying", "verifying", "failed") == (early, late, over)


async def test_after_an_hour_a_person_looks(world: World) -> None:
    """Nobody could measure it, and nothing takes it back by itself."""
    proposal = await carried_out(world)
    await away_for(world, proposal, seconds=HOUR_SECONDS)
    between = (await states(world, proposal))[0]
    await away_for(world, proposal, seconds=AWAY_SECONDS * 2)

    assert "verifying" == between
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_whoever_takes_its_task_over_waits_for_no_maintenance(
    world: World,
) -> None:
    """Its own time is over: nobody could measure it, and the task is theirs."""
    proposal = await carried_out(world)
    await away_for(world, proposal, seconds=AWAY_SECONDS)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        await tasks.change(tx, proposal.task_id, {"takeover_by": "ann"})
    await away_for(world, proposal, seconds=AWAY_SECONDS)

    assert "outcome_unknown" == (await states(world, proposal))[0]


async def test_a_reversion_that_is_due_waits_for_no_maintenance(world: World) -> None:
    """What was allowed for ten minutes does not last an hour."""
    proposal = await carried_out(world)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        [run] = await tx.rows("SELECT id FROM executions")
        await reversions.schedule(
            tx,
            task_id=proposal.task_id,
            proposal_id=proposal.id,
            execution_id=run["id"],
            due_at=tx.now + timedelta(seconds=AWAY_SECONDS * 2),
        )
    await away_for(world, proposal, seconds=AWAY_SECONDS * 2)
    before = (await states(world, proposal))[0]
    await away_for(world, proposal, seconds=AWAY_SECONDS)

    assert "verifying" == before
    assert "outcome_unknown" == (await states(world, proposal))[0]


async def test_one_that_only_fails_has_its_time(world: World) -> None:
    """It never said when it is back."""
    proposal = await carried_out(world)
    world.outside.flags.unreadable = True
    await step(world, proposal)
    world.database.clock.move(seconds=VERIFY_SECONDS)
    await step(world, proposal)

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_one_that_comes_and_goes_ends_in_an_hour(world: World) -> None:
    """Each look that works begins its time anew, but for an hour in all."""
    proposal = await carried_out(world)
    for _ in range(11):
        await away_for(world, proposal, seconds=AWAY_SECONDS)
        await step(world, proposal)
    between = (await states(world, proposal))[0]
    for _ in range(2):
        await away_for(world, proposal, seconds=AWAY_SECONDS)
        await step(world, proposal)

    assert "verifying" == between
    assert "verifying" != (await states(world, proposal))[0]


async def test_an_open_circuit_says_nothing_against_it(world: World) -> None:
    """Our own breaker is open after the system's word: its hour goes on."""
    proposal = await carried_out(world)
    await away_for(world, proposal, seconds=AWAY_SECONDS)

    async def fail(_key: str) -> FlagState:
        raise CircuitOpen("unleash: failed too often just now", retry_after=10.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.flags, "get", fail)
        await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)

    assert ("succeeded", "completed") == await states(world, proposal)


async def test_a_failure_after_it_was_back_is_none_of_it(world: World) -> None:
    """It was read between: what fails then has the time that began with that."""
    proposal = await carried_out(world)
    await away_for(world, proposal, seconds=AWAY_SECONDS)
    await step(world, proposal)
    world.outside.flags.unreadable = True
    world.database.clock.move(seconds=VERIFY_SECONDS + 1)
    await step(world, proposal)

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_an_undo_is_measured_after_a_maintenance_too(world: World) -> None:
    """Its target reads as before once it can be read."""
    proposal = await carried_out(world)
    world.outside.recover()
    await step(world, proposal)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await step(world, undo)
    await away_for(world, undo, seconds=1800)
    await step(world, undo)

    assert "succeeded" == (await states(world, undo))[0]
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_wait_for_it_is_shown_no_more_once_it_is_back(world: World) -> None:
    """The root says for what it waits, until it is read again."""
    proposal = await carried_out(world)
    await away_for(world, proposal, seconds=AWAY_SECONDS)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        await posts.say_wait(tx, await tasks.get(tx, proposal.task_id), "HTTP 503")
    await step(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        shown = await outbox.find_step(tx, proposal.task_id)

    assert "verifying" == (await states(world, proposal))[0]
    assert shown is not None
    assert not shown.text.startswith("Waits")
