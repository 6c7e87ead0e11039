"""A request that lands after it was read back in vain: measured, never denied."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.outcome import Ended, Outcome
from gateway.outcomes import settle
from gateway.ports import ConnectorError, NothingSent, Refused, StateMoved
from gateway.registry import Registry
from gateway.tools.catalog import all_tools
from policy.evaluate import load_policy
from storage import executions
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
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
from tests.policy.shipped import shipped_texts


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
    assert "are frozen here" in held.text
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


NEVER = """
@id("never")
@reason("Nobody turns flags any more.")
forbid (principal is Agent, action == Action::"execute:toggle_feature_flag", resource);
"""


async def let_time_pass(world: World, _proposal: Proposal) -> World:
    world.database.clock.move(seconds=25 * 3600)
    return world


async def resolve(world: World, proposal: Proposal) -> World:
    await world.database_change(
        "UPDATE tasks SET quiet_at = now() WHERE id = :id", id=proposal.task_id
    )
    return world


async def change_the_row(world: World, proposal: Proposal) -> World:
    await world.database_change(
        "UPDATE proposals SET params = params || '{\"rollout_percent\": 9}'"
        " WHERE id = :id",
        id=proposal.id,
    )
    return world


async def release(world: World, proposal: Proposal) -> World:
    tool = world.gate.registry.write(proposal.tool)
    newer = Registry((replace(tool, version=tool.version + 1),))
    return replace(world, gate=replace(world.gate, registry=newer))


async def withdraw_leave(world: World, _proposal: Proposal) -> World:
    texts = shipped_texts()
    texts["guards.cedar"] += NEVER
    policy = load_policy(texts, all_tools().specs)
    return replace(world, gate=replace(world.gate, policy=policy))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (let_time_pass, "its approval ran out"),
        (resolve, "every alert of the task has resolved"),
        (change_the_row, "is to run"),
        (release, "this gateway has version"),
        (withdraw_leave, "Nobody turns flags any more"),
    ],
)
async def test_what_no_longer_may_begin_is_not_sent_again(
    world: World,
    changes: Callable[[World, Proposal], Awaitable[World]],
    why: str,
) -> None:
    """It may still land, so nobody says that it failed: a person looks."""
    proposal = await unseen(world)
    await step(await changes(world, proposal), proposal)
    now = await world.proposal(proposal.id)

    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)
    assert "may still land (not sent again: " in str(now.closed_reason)
    assert why in str(now.closed_reason)
    assert 1 == len(keys(world))


async def weigh(world: World, writes: int) -> None:
    """Have the tool count so many writes within the hour."""
    query = "UPDATE write_counts SET count = :writes WHERE kind = 'tool'"
    await world.database_change(query, writes=writes)


async def test_its_own_weight_does_not_hold_it_back(world: World) -> None:
    """It is the twentieth write of the hour, and was counted when it began."""
    proposal = await unseen(world)
    await world.database_change(
        "UPDATE write_counts SET count = 20 WHERE kind = 'tool'"
    )
    await step(world, proposal)

    assert (2, ["applied"]) == (len(keys(world)), await outcomes(world))


async def test_a_full_budget_holds_it_back_for_now(world: World) -> None:
    """Twenty others: it waits as any other, and stays open."""
    proposal = await unseen(world)
    await world.database_change(
        "UPDATE write_counts SET count = 21 WHERE kind = 'tool'"
    )
    held = await step(world, proposal)

    assert ("unknown", 1) == (held.code, len(keys(world)))
    assert "budget is spent" in held.text
    assert [None] == await outcomes(world)


async def test_the_first_sender_s_late_refusal_settles_nothing(world: World) -> None:
    """Another one has sent it since: that nothing left here says nothing of that."""
    proposal = await world.approved()
    flags = world.outside.flags
    write: Callable[..., Awaitable[object]] = flags.set
    sent, released = asyncio.Event(), asyncio.Event()

    async def held(*_given: object, **_named: object) -> object:
        flags.set = write  # type: ignore[method-assign,assignment]
        sent.set()
        await released.wait()
        raise NothingSent("connection refused")

    flags.set = held  # type: ignore[method-assign,assignment]
    async with asyncio.TaskGroup() as group:
        group.create_task(step(world, proposal))
        await sent.wait()
        world.database.clock.move(seconds=SETTLED_SECONDS)
        flags.writes.coming.append(LOST_BEFORE)
        await step(world, proposal)
        released.set()
    weighs = await weighed(world)
    between = (await outcomes(world), weighs, await states(world, proposal))
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)

    assert ([None], 1, ("executing", "executing")) == between
    assert ["applied"] == await outcomes(world)


async def test_what_landed_late_is_told_of_the_last_call(world: World) -> None:
    """Three calls under one key, and one effect: the contract log has it once."""
    proposal = await unseen(world, times=3)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        last = await executions.find_last(tx, proposal.id)
        assert last is not None
    await step(world, proposal)
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        await settle(tx, last, Outcome(Ended.applied, after=plain(last.before)))
    calls = await world.rows(
        "SELECT state FROM tool_calls WHERE phase = 'apply' ORDER BY started_at"
    )

    assert ["failed", "failed", "completed"] == [one["state"] for one in calls]


async def test_a_reversion_seen_restored_is_its_own(world: World) -> None:
    """The try that was not seen is told as what it was, in row and contract log."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await advance(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    tried = await world.rows("SELECT outcome FROM executions WHERE kind = 'revert'")
    calls = await world.rows("SELECT state FROM tool_calls WHERE phase = 'revert'")

    assert "done" == await state(world, proposal)
    assert ["applied"] == [one["outcome"] for one in tried]
    assert ["completed"] == [one["state"] for one in calls]
