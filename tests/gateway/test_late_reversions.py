"""Reversions whose answers come late, beside a second try or after the end."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.outcome import Ended, Outcome
from gateway.outcomes import settle
from gateway.ports import ConnectorError, Refused, StateMoved
from gateway.reverting import _job, _store
from orchestrator.execution import give_up_effects
from policy.lifecycle import TaskEvent
from storage import executions, proposals
from storage.canonical import plain
from storage.executions import Execution
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    SETTLED_SECONDS,
    advance,
    due,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.steps import LOST_AFTER, LOST_BEFORE, states, step
from tests.gateway.world import OPERATOR, World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def store_late(
    world: World, proposal: Proposal, tried: Execution, outcome: Outcome
) -> None:
    """Do what a process that sat on an answer does once the database is back."""
    found = await reversion_of(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        now = await proposals.get(tx, proposal.id)
        job = await _job(world.gate, tx, world.scope, found, now)
    await _store(job, tried, outcome)


async def last_try(world: World, proposal: Proposal) -> Execution:
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        tried = await executions.find_last(tx, proposal.id, kind="revert")
    assert tried is not None
    return tried


async def go_on(world: World, proposal: Proposal, *, times: int = 4) -> None:
    for _ in range(times):
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await advance(world, proposal)


async def test_a_late_silence_changes_nothing_that_is_over(world: World) -> None:
    """It was read back and verified meanwhile: the card says that, and nothing else."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await advance(world, proposal)
    tried = await last_try(world, proposal)
    await go_on(world, proposal)
    before = await reversion_of(world, proposal)
    silence = Outcome(Ended.unknown, error="no answer in time")
    await store_late(world, proposal, tried, silence)

    assert "restored and verified" in before.reason
    assert before == await reversion_of(world, proposal)


@pytest.mark.parametrize(
    "refusal", [StateMoved("412"), Refused("already so")], ids=["moved", "refused"]
)
async def test_a_refusal_because_the_first_try_landed_is_read_back(
    world: World, refusal: ConnectorError
) -> None:
    """It lands while the second is under way, and its answer is stored before that."""
    proposal = await due(world)
    flags = world.outside.flags
    flags.writes.coming.append(LOST_BEFORE)
    await advance(world, proposal)
    first = await last_try(world, proposal)
    await go_on(world, proposal, times=1)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    write: Callable[..., Awaitable[object]] = flags.set

    async def slow(*_given: object, **_named: object) -> object:
        flags.put(enabled=True, rollout_percent=50)
        after = plain(first.before) | {"enabled": True, "rollout_percent": 50}
        await store_late(world, proposal, first, Outcome(Ended.applied, after=after))
        raise refusal

    flags.set = slow  # type: ignore[method-assign,assignment]
    await advance(world, proposal)
    flags.set = write  # type: ignore[method-assign,assignment]
    await go_on(world, proposal)

    assert ("done", []) == (
        await state(world, proposal),
        await linked(world, proposal),
    )


async def test_who_takes_it_back_is_told_that_it_may_still_land(world: World) -> None:
    """Sent three times, never seen: a person repeats nothing without knowing."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([LOST_BEFORE] * 3)
    await advance(world, proposal)
    await go_on(world, proposal, times=7)
    found = await reversion_of(world, proposal)

    assert ("failed", ["escalated_to_human"]) == (
        found.state,
        await linked(world, proposal),
    )
    assert "may still land" in found.reason


async def test_an_answer_beside_a_running_undo_moves_nothing(world: World) -> None:
    """Given up without outcome, and being undone: the undo is verified all the same."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        sent = await executions.find_last(tx, proposal.id)
        assert sent is not None
        given_up = [await proposals.get(tx, proposal.id)]
        await give_up_effects(tx, given_up, "the gateway failed 30 times")
    await world.move(proposal.task_id, TaskEvent.execution_lost)
    asked = await world.proposal(proposal.id)
    await world.click(asked, verdict="undo", user=OPERATOR)
    [row] = await world.rows("SELECT id FROM proposals WHERE undoes = :id", id=asked.id)
    undo = await world.proposal(row["id"])
    await world.click(undo)
    world.database.clock.move(seconds=SETTLED_SECONDS + 2)
    await step(world, undo)
    async with world.gate.database.transaction(
        world.scope, Step.execution_outcome
    ) as tx:
        after = plain(sent.before) | {"enabled": False, "rollout_percent": 0}
        await settle(tx, sent, Outcome(Ended.applied, after=after))
    between = (await world.proposal(proposal.id)).state
    await step(world, undo)

    assert "outcome_unknown" == between
    assert ("succeeded", "completed") == await states(world, undo)
    assert "undone" == (await world.proposal(proposal.id)).state
