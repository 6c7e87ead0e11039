"""A request that lands after it was read back in vain: measured, never denied."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.ports import ConnectorError, NothingSent, Refused, StateMoved
from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance,
    due,
    expiring,
    linked,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import LOST_BEFORE, keys, outcomes, states, step, writes
from tests.gateway.world import OPERATOR, World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def unseen(world: World, *, times: int = 1) -> Proposal:
    """Send an action whose answer is lost, and which is not seen when it is read."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.extend([LOST_BEFORE] * times)
    for _ in range(times):
        await step(world, proposal)
        world.database.clock.move(seconds=SETTLED_SECONDS)
    return await world.proposal(proposal.id)


def land(world: World) -> None:
    world.outside.flags.put(enabled=False, rollout_percent=0)


async def weighed(world: World) -> int:
    rows = await world.rows("SELECT count FROM write_counts WHERE kind = 'tool'")
    return sum(row["count"] for row in rows)


async def test_what_landed_before_it_was_sent_again_is_measured(world: World) -> None:
    """It is its own effect, and nobody else's: no second request."""
    proposal = await unseen(world)
    land(world)
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)

    assert ("succeeded", "completed") == await states(world, proposal)
    assert (["applied"], 0, 1) == (
        await outcomes(world),
        writes(world),
        len(keys(world)),
    )
    assert ("scheduled", 1) == (await state(world, proposal), await weighed(world))


async def test_it_is_one_execution_however_often_it_is_sent(world: World) -> None:
    """Under one key, weighed once, each time a call; nothing calls it off meanwhile."""
    proposal = await unseen(world, times=2)
    between = (proposal.state, await outcomes(world))
    await step(world, proposal)
    calls = await world.rows(
        "SELECT state FROM tool_calls WHERE phase = 'apply' ORDER BY started_at"
    )

    assert ("executing", [None]) == between
    assert ("verifying", ["applied"]) == (
        (await world.proposal(proposal.id)).state,
        await outcomes(world),
    )
    assert ["failed", "failed", "completed"] == [one["state"] for one in calls]
    assert [f"{proposal.id}:apply"] * 3 == keys(world)
    assert (1, 1) == (writes(world), await weighed(world))


@pytest.mark.parametrize(
    "refusal", [StateMoved("412"), Refused("already exists"), NothingSent("refused")]
)
async def test_what_lands_under_a_later_try_is_read_back(
    world: World, refusal: ConnectorError
) -> None:
    """Whatever the later one is told, it may be told because the first one landed."""
    proposal = await unseen(world)
    world.outside.flags.writes.coming.append(Failure(refusal))
    await step(world, proposal)
    between = await outcomes(world)
    land(world)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)

    assert [None] == between
    assert ["applied"] == await outcomes(world)
    assert ("verifying", "executing") == await states(world, proposal)


async def test_nothing_is_sent_again_under_a_freeze(world: World) -> None:
    """It is read back meanwhile, and sent again once it is thawed."""
    proposal = await unseen(world)
    await world.freeze(frozen=True)
    held = await step(world, proposal)
    sent = len(keys(world))
    await world.freeze(frozen=False)
    await step(world, proposal)

    assert ("unknown", 1) == (held.code, sent)
    assert "frozen by" in held.text
    assert (2, ["applied"]) == (len(keys(world)), await outcomes(world))


async def test_after_the_last_try_a_person_looks(world: World) -> None:
    """Nobody can tell, so it is looked at when its time is over, and can be undone."""
    proposal = await unseen(world, times=3)
    await step(world, proposal)
    states_then = await states(world, proposal)
    proposal = await world.proposal(proposal.id)
    land(world)
    undo = await world.click(proposal, verdict="undo", user=OPERATOR)
    world.database.clock.move(seconds=LASTS + 1)
    for _ in range(3):
        await advance(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert ("outcome_unknown", "escalated_to_human") == states_then
    assert "may still land" in str(proposal.closed_reason)
    assert "undo_proposed" == undo.code
    assert ("done", True) == (await state(world, proposal), flag.enabled)


async def test_a_person_who_takes_over_is_told_that_it_may_land(world: World) -> None:
    """Nothing is sent again for them; what lands is taken back at its end."""
    proposal = await unseen(world)
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'ann' WHERE id = :id", id=proposal.task_id
    )
    await step(world, proposal)
    states_then, sent = await states(world, proposal), len(keys(world))
    land(world)
    world.database.clock.move(seconds=LASTS + 1)
    for _ in range(3):
        await advance(world, proposal)

    assert ("outcome_unknown", 1) == (states_then[0], sent)
    assert "done" == await state(world, proposal)
    assert world.outside.flags.flags[FLAG].enabled


async def test_a_reversion_that_lands_late_is_done(world: World) -> None:
    """Under its own second try, too: nobody else changed the target."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    flags = world.outside.flags
    write: Callable[..., Awaitable[object]] = flags.set

    async def late(*given: object, **named: object) -> object:
        flags.put(enabled=True, rollout_percent=50)
        return await write(*given, **named)

    flags.set = late  # type: ignore[method-assign,assignment]
    between = await advance(world, proposal)
    for _ in range(3):
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await advance(world, proposal)

    assert "read back" in between.text
    assert ("done", []) == (
        await state(world, proposal),
        await linked(world, proposal),
    )
