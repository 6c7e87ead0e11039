"""Reversions: due, held, done, skipped, failed, and survived whoever dies."""

from datetime import timedelta
from uuid import UUID

import pytest

from gateway.gate import RefusedCall
from gateway.ports import OutcomeUnknown, Refused, StateMoved
from gateway.reverting import advance_reversion
from policy.scope import Scope
from storage.errors import NotFound
from storage.steps import Effect, Step
from tests.faults import KillAt, Killed
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    acted,
    advance,
    advance_often,
    due,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import step, writes
from tests.gateway.world import OPERATOR, World
from wire.control import ReversionRequest


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def test_what_expires_is_scheduled_with_its_outcome(world: World) -> None:
    """Row and ledger entry come with the effect's own transaction."""
    proposal = await acted(world)
    found = await reversion_of(world, proposal)
    entries = await world.events(proposal.task_id, "task.reversion_scheduled")
    ends = world.database.clock() + timedelta(seconds=LASTS)

    assert "scheduled" == found.state
    assert abs((found.due_at - ends).total_seconds()) < 1
    assert 1 == len(entries)


async def test_nothing_is_reverted_before_its_time(world: World) -> None:
    """Asked early, it waits."""
    proposal = await acted(world)
    answer = await advance(world, proposal)

    assert "waits" == answer.code
    assert not world.outside.flags.flags[FLAG].enabled


async def test_a_reversion_restores_and_verifies(world: World) -> None:
    """Sent once under a key of its own, read back, said in ledger and card."""
    proposal = await due(world)
    first = await advance(world, proposal)
    last = await advance(world, proposal)
    flag = world.outside.flags.flags[FLAG]
    [entry] = await world.events(proposal.task_id, "task.reverted")
    [call] = await world.rows("SELECT * FROM tool_calls WHERE phase = 'revert'")

    assert ("waits", "over") == (first.code, last.code)
    assert (True, 50) == (flag.enabled, flag.rollout_percent)
    assert ("done", "done") == (await state(world, proposal), entry["state"])
    assert (f"{proposal.id}:revert", "undo", "completed") == (
        call["idempotency_key"],
        call["reason_code"],
        call["state"],
    )
    assert call["approval_id"] is not None
    assert 2 == writes(world)


async def test_an_action_is_verified_before_it_is_taken_back(world: World) -> None:
    """A short one that ends while it is being verified waits for its verification."""
    proposal = await world.approved()
    await step(world, proposal)
    world.database.clock.move(seconds=LASTS + 1)
    waits = await advance(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    world.database.clock.move(seconds=6)
    await advance(world, proposal)
    await advance(world, proposal)

    assert "still being verified" in waits.text
    assert ("done", "succeeded") == (
        await state(world, proposal),
        (await world.proposal(proposal.id)).state,
    )


async def test_what_is_over_stays_over(world: World) -> None:
    """Asked again, nothing is sent."""
    proposal = await due(world)
    for _ in range(4):
        await advance(world, proposal)

    assert 2 == writes(world)


async def test_what_the_system_took_back_itself_is_done(world: World) -> None:
    """Nothing is sent where the target is as it was."""
    proposal = await due(world)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    answer = await advance(world, proposal)

    assert ("over", "done") == (answer.code, await state(world, proposal))
    assert 1 == writes(world)


async def test_what_somebody_changed_is_left_alone(world: World) -> None:
    """A person's later decision stands."""
    proposal = await due(world)
    world.outside.flags.put(enabled=True, rollout_percent=7)
    answer = await advance(world, proposal)

    assert ("over", "skipped") == (answer.code, await state(world, proposal))
    assert 7 == world.outside.flags.flags[FLAG].rollout_percent
    assert [] == await linked(world, proposal)


async def test_what_was_changed_and_restored_since_is_taken_back(world: World) -> None:
    """By another action and its undo, for one: what was meant stands, and is over."""
    proposal = await due(world)
    left = world.outside.flags.flags[FLAG]
    world.outside.flags.put(enabled=True, rollout_percent=7)
    world.outside.flags.put(enabled=left.enabled, rollout_percent=left.rollout_percent)
    await advance_often(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert "done" == await state(world, proposal)
    assert (True, 50) == (flag.enabled, flag.rollout_percent)


async def test_an_undo_cancels_it(world: World) -> None:
    """What a person took back is not taken back again."""
    proposal = await acted(world)
    await world.click(proposal, verdict="undo", user=OPERATOR)
    [row] = await world.rows("SELECT id FROM proposals WHERE undoes IS NOT NULL")
    undo = await world.proposal(row["id"])
    await world.click(undo)
    await step(world, undo)
    await step(world, undo)
    world.database.clock.move(seconds=LASTS + 1)
    answer = await advance(world, proposal)

    assert ("over", "cancelled") == (answer.code, await state(world, proposal))


async def test_a_freeze_lets_it_through_unless_of_everything(world: World) -> None:
    """Reversions go on under a freeze; ``--all`` holds them until the thaw."""
    proposal = await due(world)
    await world.database_change(
        "UPDATE freezes SET frozen = true, undo_too = true, reason = 'r', by = 'b'"
        " WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
    )
    held = await advance(world, proposal)
    await world.database_change(
        "UPDATE freezes SET undo_too = false WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
    )
    world.database.clock.move(seconds=6)
    await advance(world, proposal)
    await advance(world, proposal)

    assert "frozen whole by b" in held.text
    assert "done" == await state(world, proposal)


@pytest.mark.parametrize(
    ("failure", "ended"),
    [
        (Failure(Refused("HTTP 403")), "failed"),
        (Failure(StateMoved("changed")), "skipped"),
    ],
)
async def test_a_refusal_ends_it(world: World, failure: Failure, ended: str) -> None:
    """A refused one opens a task for a person; a target that moved is left alone."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(failure)
    answer = await advance(world, proposal)
    opened = ["escalated_to_human"] if ended == "failed" else []

    assert ("over", ended) == (answer.code, await state(world, proposal))
    assert opened == await linked(world, proposal)


async def test_a_lost_answer_is_read_back(world: World) -> None:
    """Applied, though nobody heard: told by the target after the deadline."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(
        Failure(OutcomeUnknown("ReadTimeout"), applied=True)
    )
    await advance(world, proposal)
    between = await state(world, proposal)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await advance(world, proposal)
    await advance(world, proposal)

    assert ("running", "done") == (between, await state(world, proposal))
    assert 2 == writes(world)


async def test_an_unreadable_target_is_waited_for(world: World) -> None:
    """Later, and after many looks in vain a person."""
    proposal = await due(world)
    world.outside.flags.unreadable = True
    waits = await advance(world, proposal)
    await world.database_change(
        "UPDATE reversions SET waits = 120, next_try_at = :now WHERE proposal_id = :id",
        now=world.database.clock(),
        id=proposal.id,
    )
    over = await advance(world, proposal)

    assert ("waits", "over") == (waits.code, over.code)
    assert ["escalated_to_human"] == await linked(world, proposal)


async def test_one_that_is_late_is_still_read_back(world: World) -> None:
    """An hour under a freeze of everything, then a lost answer: done all the same."""
    proposal = await due(world)
    world.database.clock.move(seconds=3600)
    world.outside.flags.writes.coming.append(
        Failure(OutcomeUnknown("ReadTimeout"), applied=True)
    )
    for _ in range(4):
        await advance(world, proposal)
        world.database.clock.move(seconds=SETTLED_SECONDS)

    assert "done" == await state(world, proposal)
    assert [] == await linked(world, proposal)


async def test_what_was_not_approved_so_is_not_reverted_so(world: World) -> None:
    """A proposal that no longer has its digest goes to a person, and not in silence."""
    proposal = await due(world)
    await world.database_change(
        "UPDATE proposals SET reason_code = 'other' WHERE id = :id", id=proposal.id
    )
    await advance(world, proposal)

    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert 1 == writes(world)


async def test_what_this_release_can_not_read_goes_to_a_person(world: World) -> None:
    """A state that fits no model stops its own reversion, in time, and no other."""
    proposal = await due(world)
    await world.database_change(
        "UPDATE executions SET after = '{}' WHERE proposal_id = :id", id=proposal.id
    )
    answer = await advance(world, proposal)
    await world.database_change(
        "UPDATE reversions SET waits = 120, next_try_at = :now WHERE proposal_id = :id",
        now=world.database.clock(),
        id=proposal.id,
    )

    assert ("waits", True) == (answer.code, "this release" in answer.text)
    assert "over" == (await advance(world, proposal)).code
    assert ["escalated_to_human"] == await linked(world, proposal)


@pytest.mark.parametrize(
    "point",
    [
        f"{edge}:{name}"
        for name in (
            Step.reversion_intent,
            Effect.tool_revert,
            Step.reversion_outcome,
            Step.reversion_verified,
        )
        for edge in ("before", "after")
    ],
)
async def test_a_gateway_killed_anywhere_reverts_once(world: World, point: str) -> None:
    """The next process goes on from the rows: one write, verified."""
    proposal = await due(world)
    faults = KillAt(point)
    killed = world.killed_at(faults)
    with pytest.raises(Killed):
        await advance_often(killed, proposal)
    for _ in range(4):
        world.database.clock.move(seconds=SETTLED_SECONDS)
        await advance(world, proposal)

    assert faults.reached
    assert "done" == await state(world, proposal)
    assert 2 == writes(world)


async def test_another_environments_gateway_refuses(world: World) -> None:
    """One environment a gateway, so that credentials can't cross."""
    proposal = await due(world)
    with pytest.raises(RefusedCall, match="serves dev alone"):
        await advance(world.at("dev"), proposal)


async def test_another_tenants_reversion_is_not_found(world: World) -> None:
    """The id alone opens nothing."""
    proposal = await due(world)
    found = await reversion_of(world, proposal)
    other = Scope("another", world.scope.environment)
    request = ReversionRequest(
        tenant_id=other.tenant_id,
        environment=other.environment,
        reversion_id=str(UUID(str(found.id))),
    )
    with pytest.raises(NotFound):
        await advance_reversion(world.gate, request)
