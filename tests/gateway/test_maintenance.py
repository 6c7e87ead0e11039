"""A system in maintenance refuses reads too, and says for how long."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.connectors.breaker import CircuitOpen
from gateway.subjects import FlagState
from storage import outbox, posts, tasks
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    SETTLED_SECONDS,
    advance,
    advance_often,
    due,
    expiring,
    reversion_of,
    state,
)
from tests.gateway.outside import Failure
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, states, step, writes
from tests.gateway.world import World

HALF_AN_HOUR = 1800


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def away_for_long(world: World, proposal: Proposal) -> list[str]:
    """Ask every five minutes, for half an hour, and give what was answered."""
    codes: list[str] = []
    world.outside.flags.away_seconds = 300
    for _ in range(HALF_AN_HOUR // 300):
        codes.append((await step(world, proposal)).code)
        world.database.clock.move(seconds=300)
    world.outside.flags.away_seconds = None
    return codes


async def test_an_action_waits_for_what_says_when_it_is_back(world: World) -> None:
    """Its lost answer is read back after a maintenance of half an hour."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    codes = await away_for_long(world, proposal)
    await step(world, proposal)

    assert {"unknown"} == set(codes)
    assert ("verifying", "executing") == await states(world, proposal)
    assert 1 == writes(world)


async def test_a_person_looks_when_it_does_not_come_back(world: World) -> None:
    """An hour, and no longer."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await away_for_long(world, proposal)
    between = (await states(world, proposal))[0]
    world.outside.flags.away_seconds = 300
    world.database.clock.move(seconds=HALF_AN_HOUR + 60)
    await step(world, proposal)

    assert "executing" == between
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_a_reversion_asks_when_its_system_wants(world: World) -> None:
    """Six looks in half an hour; half of its hour is spent."""
    proposal = await due(world)
    world.outside.flags.away_seconds = 300
    asked = world.outside.flags.asked
    for _ in range(HALF_AN_HOUR // 5):
        await advance(world, proposal)
        world.database.clock.move(seconds=5)
    looked = world.outside.flags.asked - asked
    waits = (await reversion_of(world, proposal)).waits
    world.outside.flags.away_seconds = None
    world.database.clock.move(seconds=300)
    await advance_often(world, proposal)

    assert (6, 60) == (looked, waits)
    assert "done" == await state(world, proposal)


async def test_a_reversion_is_a_person_s_in_the_end(world: World) -> None:
    """After an hour each look counts, and the last one calls somebody."""
    proposal = await due(world)
    world.outside.flags.away_seconds = 30
    for _ in range(250):
        await advance(world, proposal)
        world.database.clock.move(seconds=31)

    assert "failed" == await state(world, proposal)


async def minutes_until_over(world: World, look: Callable[[], Awaitable[bool]]) -> int:
    """Look each half minute through an open circuit; give when it is over."""

    async def fail(_key: str) -> FlagState:
        raise CircuitOpen("unleash: failed too often just now", retry_after=10.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.outside.flags, "get", fail)
        for half_minutes in range(200):
            if await look():
                return half_minutes // 2
            world.database.clock.move(seconds=30)
    raise AssertionError("nobody was called")


async def test_an_open_circuit_is_no_word_of_the_system(world: World) -> None:
    """It only fails, and says nothing: a person looks after ten minutes."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)

    async def over() -> bool:
        await step(world, proposal)
        return "outcome_unknown" == (await states(world, proposal))[0]

    assert 10 == await minutes_until_over(world, over)


async def test_an_open_circuit_counts_for_a_reversion(world: World) -> None:
    """Each look is in vain."""
    proposal = await due(world)

    async def over() -> bool:
        await advance(world, proposal)
        return (await reversion_of(world, proposal)).waits >= 20

    assert 10 >= await minutes_until_over(world, over)


async def test_a_long_hold_takes_nothing_of_the_hour(world: World) -> None:
    """Due for two hours under a freeze of all: it is asked as its system wants."""
    proposal = await due(world)
    world.database.clock.move(seconds=2 * 3600)
    world.outside.flags.away_seconds = 300
    asked = world.outside.flags.asked
    for _ in range(60):
        await advance(world, proposal)
        world.database.clock.move(seconds=5)

    assert 1 == world.outside.flags.asked - asked


@pytest.mark.parametrize("why", ["frozen", "we are away"])
async def test_one_look_that_fails_is_no_silence(world: World, why: str) -> None:
    """Ten minutes count from the first that failed, and not from what was sent."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await world.freeze(frozen=why == "frozen")
    for _ in range(40):
        if why == "frozen":
            await step(world, proposal)
        world.database.clock.move(seconds=30)
    await world.freeze(frozen=False)
    world.outside.flags.unreadable = True
    await step(world, proposal)
    after_one = (await states(world, proposal))[0]
    world.outside.flags.unreadable = False
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.unreadable = True
    for _ in range(2):
        world.database.clock.move(seconds=590)
        await step(world, proposal)
    early = (await states(world, proposal))[0]
    world.database.clock.move(seconds=20)
    await step(world, proposal)

    assert ("executing", "executing") == (after_one, early)
    assert "outcome_unknown" == (await states(world, proposal))[0]


async def test_an_open_circuit_ends_no_hour(world: World) -> None:
    """Its system said that it is away; our own breaker says nothing against that."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    world.outside.flags.away_seconds = 300
    await step(world, proposal)
    world.outside.flags.away_seconds = None

    async def over() -> bool:
        await step(world, proposal)
        return "outcome_unknown" == (await states(world, proposal))[0]

    assert 60 == await minutes_until_over(world, over)


async def test_a_blip_after_a_maintenance_calls_nobody(world: World) -> None:
    """Looks in vain count anew once one has succeeded."""
    proposal = await due(world)
    world.outside.flags.away_seconds = 300
    for _ in range(11):
        await advance(world, proposal)
        world.database.clock.move(seconds=301)
    world.outside.flags.away_seconds = None
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS + 1)
    world.outside.flags.unreadable = True
    for _ in range(12):
        await advance(world, proposal)
        world.database.clock.move(seconds=5.1)

    assert "running" == await state(world, proposal)


@pytest.mark.parametrize("met", [LOST_AFTER, LOST_BEFORE])
async def test_a_wait_that_is_over_is_shown_no_more(world: World, met: Failure) -> None:
    """Read back, or sent again after a thaw: the root says nothing of it."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(met)
    await step(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await world.freeze(frozen=True)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        task = await tasks.get(tx, proposal.task_id)
        await posts.say_wait(tx, task, "Writes are frozen here")
    await step(world, proposal)
    await world.freeze(frozen=False)
    await step(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        shown = await outbox.find_step(tx, proposal.task_id)

    assert "verifying" == (await states(world, proposal))[0]
    assert shown is not None
    assert not shown.text.startswith("Waits")
