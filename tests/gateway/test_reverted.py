"""What becomes of a reversion that could not be sent."""

from datetime import timedelta

import pytest

from gateway.reverted import keep_late_reversion
from storage import executions, reversions, tasks
from storage.executions import Ending
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    advance,
    due,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.steps import NOT_SENT, PUT_OFF, keys, writes
from tests.gateway.world import World


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def test_the_third_failed_try_asks_a_person(world: World) -> None:
    """Each try under the same key; then a linked task, escalated, in its own thread."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([NOT_SENT] * 5)
    for _ in range(3):
        await advance(world, proposal)
        world.database.clock.move(seconds=30)
    [entry] = await world.events(proposal.task_id, "task.reversion_failed")
    [title] = await world.rows("SELECT title FROM tasks WHERE linked_to IS NOT NULL")

    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert entry["reason"]
    assert title["title"].startswith("Not reverted: Turn flag")


async def test_a_busy_system_is_asked_when_it_wants(world: World) -> None:
    """Put off more often than tries are given, it is still taken back."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 5)
    for _ in range(5):
        await advance(world, proposal)
        early = await advance(world, proposal)
        world.database.clock.move(seconds=301)
    await advance(world, proposal)
    await advance(world, proposal)

    assert "not due yet" == early.text
    assert ("done", 7) == (await state(world, proposal), len(keys(world)))


async def test_a_system_that_is_always_busy_is_a_persons(world: World) -> None:
    """It is asked for an hour, said on the card, and then no more."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 30)
    await advance(world, proposal)
    [shown] = await world.rows(
        "SELECT payload FROM outbox WHERE slot = :slot ORDER BY version DESC LIMIT 1",
        slot=f"proposal:{proposal.id}",
    )
    for _ in range(20):
        world.database.clock.move(seconds=301)
        await advance(world, proposal)

    assert "429" in str(shown["payload"]["reversion"])
    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert 14 == len(keys(world))


async def test_time_under_a_freeze_is_no_failure(world: World) -> None:
    """Busy for fifty minutes, frozen, and busy again: the hour begins at the thaw."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 30)
    for _ in range(10):
        await advance(world, proposal)
        world.database.clock.move(seconds=301)
    await frozen_whole(world, on=True)
    await advance(world, proposal)
    world.database.clock.move(seconds=7200)
    await advance(world, proposal)
    await frozen_whole(world, on=False)
    for _ in range(3):
        world.database.clock.move(seconds=301)
        await advance(world, proposal)

    assert "scheduled" == await state(world, proposal)


async def test_busy_for_an_hour_after_a_thaw_is_a_persons(world: World) -> None:
    """What was held goes on to count."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 40)
    await advance(world, proposal)
    await frozen_whole(world, on=True)
    world.database.clock.move(seconds=7200)
    await advance(world, proposal)
    await frozen_whole(world, on=False)
    for _ in range(14):
        world.database.clock.move(seconds=301)
        await advance(world, proposal)

    assert "failed" == await state(world, proposal)


async def frozen_whole(world: World, *, on: bool) -> None:
    await world.database_change(
        "UPDATE freezes SET frozen = :on, undo_too = :on, reason = 'r', by = 'b'"
        " WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
        on=on,
    )


async def answered(world: World, proposal: Proposal, ending: Ending) -> str:
    """Have the last try of the reversion answer late; give the reversion's reason."""
    async with world.gate.database.transaction(
        world.scope, Step.reversion_outcome
    ) as tx:
        await tasks.get(tx, proposal.task_id, lock=True)
        now = await reversions.find_of_proposal(tx, proposal.id)
        tried = await executions.find_last(tx, proposal.id, kind="revert")
        assert now is not None
        assert tried is not None
        await keep_late_reversion(tx, proposal, now, tried.id, ending)
    return (await reversion_of(world, proposal)).reason


async def test_what_was_to_be_reverted_again_is_measured(world: World) -> None:
    """Its first try took effect after all: no second one is sent."""
    proposal = await due(world)
    world.outside.flags.writes.coming.append(NOT_SENT)
    await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    reason = await answered(world, proposal, Ending("applied"))
    between = await state(world, proposal)
    await advance(world, proposal)
    [call] = await world.rows("SELECT state FROM tool_calls WHERE phase = 'revert'")

    assert ("applied", "done") == (between, await state(world, proposal))
    assert "connection refused; its system answered after all: it took effect" in reason
    assert "completed" == call["state"]
    assert 1 == writes(world)


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (Ending("applied"), "it took effect"),
        (Ending("failed", error="HTTP 422"), "HTTP 422"),
    ],
)
async def test_what_a_reversion_answers_when_it_is_over_is_told(
    world: World, ending: Ending, told: str
) -> None:
    """On the card, on the root and in the ledger; over stays over."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([NOT_SENT] * 3)
    for _ in range(3):
        await advance(world, proposal)
        world.database.clock.move(seconds=30)
    await answered(world, proposal, ending)
    posted = await world.rows(
        "SELECT slot, payload FROM outbox WHERE task_id = :task ORDER BY version DESC",
        task=proposal.task_id,
    )
    late = await world.events(proposal.task_id, "task.answered_late")
    card, root = (
        next(row["payload"] for row in posted if row["slot"] == slot)
        for slot in (f"proposal:{proposal.id}", "root")
    )

    assert "failed" == await state(world, proposal)
    assert [("not_sent", ending.outcome)] == [
        (one["stands"], one["answer"]) for one in late
    ]
    assert told in str(card["reversion"])
    assert told in str(root["next_step"])


async def test_the_same_answer_once_more_is_no_news(world: World) -> None:
    """Nothing is told."""
    proposal = await due(world)
    await advance(world, proposal)
    before = (await reversion_of(world, proposal)).reason
    after = await answered(world, proposal, Ending("applied"))

    assert before == after
    assert [] == await world.events(proposal.task_id, "task.answered_late")


async def test_the_try_that_took_effect_is_the_one_measured(world: World) -> None:
    """It answers after a second one was begun: its own deadline counts."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([NOT_SENT, NOT_SENT])
    await advance(world, proposal)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        first = await executions.find_last(tx, proposal.id, kind="revert")
        assert first is not None
    world.database.clock.move(seconds=30)
    await advance(world, proposal)
    until = world.database.clock() + timedelta(seconds=90)
    async with world.gate.database.transaction(
        world.scope, Step.reversion_outcome
    ) as tx:
        await tasks.get(tx, proposal.task_id, lock=True)
        now = await reversions.find_of_proposal(tx, proposal.id)
        assert now is not None
        ending = Ending("applied", verify_deadline_at=until)
        await keep_late_reversion(tx, proposal, now, first.id, ending)
    waits = await advance(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=50)
    world.database.clock.move(seconds=30)
    await advance(world, proposal)

    assert "not back yet" == waits.text
    assert "done" == await state(world, proposal)
