"""What was allowed before a restore may have run since: people are asked anew."""

from dataclasses import replace

import pytest

from gateway import deciding
from orchestrator.restoring import withdraw_grants
from policy.lifecycle import TaskEvent
from storage import freezes
from storage.proposals import Proposal
from storage.steps import Step
from tests.database import RELEASE
from tests.gateway.expiring import SETTLED_SECONDS
from tests.gateway.steps import LOST_BEFORE, keys, states, step
from tests.gateway.test_granting import asked, granted, list_live
from tests.gateway.test_revealing import named
from tests.gateway.world import OPERATOR, SECOND, World


async def restore(world: World) -> None:
    """Put the environment's rows back out of a backup, and thaw."""
    world.database.clock.move(seconds=1)
    await withdraw_grants(world.database(RELEASE), world.scope)
    async with world.database(RELEASE).transaction(world.scope, Step.set_up) as tx:
        await freezes.note_restore(tx)
    world.database.clock.move(seconds=1)


async def test_an_approval_from_before_lets_nothing_run(world: World) -> None:
    """The card asks once more, says why, and runs on a vote of today."""
    proposal = await world.approved()
    await restore(world)
    held = await step(world, proposal)
    between = await states(world, proposal)
    asked_anew = await world.proposal(proposal.id)
    late = await world.click(proposal)
    answer = await world.click(asked_anew)
    ran = await step(world, proposal)

    assert "lapsed" == held.code
    assert "restored from a backup since" in held.text
    assert ("needs_approval", "needs_approval") == between
    assert ("stale_digest", "approved", "verifying") == (
        late.code,
        answer.code,
        ran.code,
    )
    assert 1 == len(keys(world))


async def test_what_a_grant_let_run_asks_people(world: World) -> None:
    """So does what a rule alone had allowed."""
    await granted(world)
    proposal = await asked(world)
    await world.move(proposal.task_id, TaskEvent.run_found_executable)
    await restore(world)
    held = await step(world, proposal)

    assert "lapsed" == held.code
    assert ("needs_approval", "needs_approval") == await states(world, proposal)
    assert [] == keys(world)


async def test_what_was_sent_before_is_read_back_and_not_sent_again(
    world: World,
) -> None:
    """Its key may be forgotten by now, and it may have run under another one."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    await restore(world)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    now = await world.proposal(proposal.id)

    assert "outcome_unknown" == now.state
    assert "restored from a backup since" in str(now.closed_reason)
    assert 1 == len(keys(world))


@pytest.mark.parametrize("who", [OPERATOR, SECOND])
async def test_what_is_approved_afterwards_runs(world: World, who: str) -> None:
    """Though it was proposed before."""
    proposal = await world.shown()
    await restore(world)
    await world.click(proposal, user=who)
    ran = await step(world, proposal)

    assert "verifying" == ran.code


async def test_an_undo_from_before_asks_as_well(world: World) -> None:
    """It may have been taken back already."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    await world.click(proposal, verdict="undo")
    [row] = await world.rows("SELECT id FROM proposals WHERE undoes IS NOT NULL")
    undo: Proposal = await world.proposal(row["id"])
    await world.click(undo)
    await restore(world)
    held = await step(world, undo)

    assert "lapsed" == held.code
    assert 1 == len(keys(world))


async def test_a_grant_from_before_is_none(world: World) -> None:
    """It may have been taken back, or used up, since the backup."""
    await granted(world)
    await restore(world)
    proposal = await asked(world)

    posts = await world.rows("SELECT slot, payload FROM outbox ORDER BY created_at, id")
    cards = {row["slot"]: row["payload"] for row in posts}
    by = {
        facts["grant"]["withdrawn_by"] for facts in cards.values() if facts.get("grant")
    }

    assert "needs_approval" == proposal.state
    assert [] == await list_live(world)
    assert {"a restore"} == by


async def test_another_environment_s_restore_ends_no_grant_here(world: World) -> None:
    """No wall keeps the release role from it: the query does."""
    await granted(world)
    elsewhere = replace(world.scope, environment="staging")
    await withdraw_grants(world.database(RELEASE), elsewhere)

    assert 1 == len(await list_live(world))


async def test_a_click_from_before_lets_nothing_run(world: World) -> None:
    """It lay in the inbox when the backup was made, and may have run since."""
    proposal = await world.shown()
    waiting = await world.request(proposal)
    await restore(world)
    answer = await deciding.decide(world.gate, waiting)
    today = await world.click(proposal)

    assert "stale_digest" == answer.code
    assert "restored from a backup since you clicked" in answer.text
    assert "approved" == today.code


async def test_votes_from_before_count_no_more_and_may_be_given_again(
    world: World,
) -> None:
    """Two must agree: one vote of today is one, whoever had voted before."""
    proposal = await world.shown()
    await world.database_change("UPDATE proposals SET quorum = 2")
    await world.click(proposal, user=OPERATOR)
    await restore(world)
    second = await world.click(proposal, user=SECOND)
    again = await world.click(proposal, user=OPERATOR)
    [voided] = await world.events(proposal.task_id, "task.votes_voided")

    assert ("counted", "approved") == (second.code, again.code)
    assert "Counted. 1 more must approve it." == second.text
    assert ["operator"] == voided["voided"]


async def test_nor_does_it_show_personal_values(world: World) -> None:
    """Whoever may see them clicks again, and stands in the ledger of today."""
    proposal = await named(world)
    waiting = await world.request(proposal, verdict="reveal")
    await restore(world)
    answer = await deciding.decide(world.gate, waiting)

    assert "stale_digest" == answer.code
    assert [] == await world.events(proposal.task_id, "task.revealed")
