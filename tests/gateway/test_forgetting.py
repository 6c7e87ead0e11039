"""The vault's life: values go some days after their task has closed, and no sooner."""

import asyncio
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from gateway.forgetting import forget, keep_forgetting
from gateway.gate import Gate, RefusedCall
from gateway.veil import hide, lift, veil
from policy.lifecycle import TaskEvent
from storage.steps import Step
from tests.gateway.expiring import acted, expiring
from tests.gateway.world import World

DAY = 86_400


async def named(world: World) -> UUID:
    """Give a task that knows a person, and has ended."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hide({"note": "ann@example.org"}, placeholders)
    await world.move(claims.task_id, TaskEvent.run_found_nothing)
    return claims.task_id


async def values(world: World) -> int:
    return len(await world.rows("SELECT 1 FROM vault WHERE ciphertext <> ''"))


async def test_values_outlive_their_task_by_thirty_days(world: World) -> None:
    """Then nothing lifts the placeholder any more."""
    task_id = await named(world)
    kept = []
    for days in (29, 2):
        world.database.clock.move(seconds=days * DAY)
        await forget(world.gate)
        kept.append(await values(world))
    refusal = await lifted(world.gate, world, task_id)
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, task_id) as placeholders,
    ):
        newer = hide({"note": "bob@example.org"}, placeholders)

    assert [1, 0] == kept
    assert {"note": "⟨email:2⟩"} == newer  # the first one is nobody else, ever
    assert "forgotten_value" == refusal


async def test_what_is_met_again_can_be_had_again(world: World) -> None:
    """A task left to a person is read once more: the same person, whom it can reach."""
    task_id = await named(world)
    world.database.clock.move(seconds=31 * DAY)
    await forget(world.gate)
    before = await lifted(world.gate, world, task_id)
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, task_id) as placeholders,
    ):
        again = hide({"note": "ann@example.org"}, placeholders)

    assert "forgotten_value" == before
    assert {"note": "⟨email:1⟩"} == again
    assert 1 == await values(world)
    await forget(world.gate)
    assert "" == await lifted(world.gate, world, task_id)


async def test_an_open_task_forgets_nothing(world: World) -> None:
    """However old it is."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hide({"note": "ann@example.org"}, placeholders)
    world.database.clock.move(seconds=400 * DAY)
    await forget(world.gate)

    assert 1 == await values(world)


async def test_a_task_left_to_a_person_forgets_too(world: World) -> None:
    """Nobody closes some of them: their last change counts."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hide({"note": "ann@example.org"}, placeholders)
    await world.move(claims.task_id, TaskEvent.run_stuck)
    kept = []
    for days in (29, 2):
        world.database.clock.move(seconds=days * DAY)
        await forget(world.gate)
        kept.append(await values(world))

    assert [1, 0] == kept


@pytest.mark.parametrize("state", ["closed", "left"])
async def test_what_a_reversion_needs_stays(world: World, state: str) -> None:
    """Its task may be closed, or left to a person, long before it is due."""
    proposal = await acted(expiring(world))
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, proposal.task_id) as placeholders,
    ):
        hide({"note": "ann@example.org"}, placeholders)
    before = await values(world)
    await world.database_change(
        "UPDATE tasks SET closed_at = now() - interval '1 year'"
        if state == "closed"
        else "UPDATE tasks SET state = 'escalated_to_human', closed_at = NULL,"
        " updated_at = now() - interval '1 year'"
    )
    await forget(world.gate)

    assert before == await values(world)


async def test_it_is_done_at_the_start_and_goes_on(world: World) -> None:
    """The first look comes at once; it ends with its process."""
    with capture_logs() as logs:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            forgetting = group.create_task(keep_forgetting(world.gate))
            while not logs:  # noqa: ASYNC110 - a list that another task fills
                await asyncio.sleep(0.01)
            forgetting.cancel()

    assert [("vault.forgotten", 0)] == [(one["event"], one["values"]) for one in logs]


async def lifted(gate: Gate, world: World, task_id: UUID) -> str:
    async with gate.database.transaction(world.scope, Step.look) as tx:
        try:
            await lift(gate, tx, task_id, {"note": "⟨email:1⟩"})
        except RefusedCall as refusal:
            return refusal.code
    return ""
