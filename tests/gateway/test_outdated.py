"""Rows that this release can't read: a person has them at once, and nothing is sent."""

import json

import pytest

from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    advance,
    expiring,
    reversion_of,
    state,
)
from tests.gateway.steps import LOST_AFTER, keys, outcomes, states, step
from tests.gateway.test_undoing import ask, done, undo_of
from tests.gateway.world import FLAG_OFF, World

UNREAD = "this release can't read what it stored of toggle_feature_flag: "


SPOILING = {
    "before": "UPDATE proposals SET before = CAST(:value AS jsonb) WHERE id = :id",
    "params": "UPDATE proposals SET params = CAST(:value AS jsonb) WHERE id = :id",
    "undo": "UPDATE proposals SET undo = CAST(:value AS jsonb) WHERE id = :id",
    "after": "UPDATE executions SET after = CAST(:value AS jsonb)"
    " WHERE proposal_id = :id",
}


async def spoil(world: World, proposal: Proposal, **columns: object) -> None:
    """Let rows of the proposal hold what no model of today takes."""
    for name, value in columns.items():
        await world.database_change(
            SPOILING[name], value=json.dumps(value), id=proposal.id
        )


@pytest.mark.parametrize(
    "spoilt",
    [
        {"before": {"key": "new_ranker"}},
        {"params": {**FLAG_OFF, "rollout_percent": 700}},
    ],
)
async def test_what_was_approved_is_withdrawn(
    world: World, spoilt: dict[str, object]
) -> None:
    """At the first step: its card says what does not fit, a person has the task."""
    proposal = await world.approved()
    await spoil(world, proposal, **spoilt)
    answer = await step(world, proposal)
    now = await world.proposal(proposal.id)

    assert "lapsed" == answer.code
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)
    assert str(now.closed_reason).startswith(f"nothing was sent: {UNREAD}")
    assert "a person has to look" in str(now.closed_reason)
    again = await world.advance(proposal.task_id, fence=0)
    assert ([], "idle") == (keys(world), again.code)


async def test_an_effect_under_way_is_waited_for_and_then_lost(world: World) -> None:
    """It may be answered until then; a second one is never sent."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    await spoil(world, proposal, before={})
    early = await step(world, proposal)
    world.database.clock.move(seconds=60)
    late = await step(world, proposal)

    assert ("unknown", "failed") == (early.code, late.code)
    assert early.retry_after_seconds > SETTLED_SECONDS - 2
    assert (["lost"], 1) == (await outcomes(world), len(keys(world)))
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_what_was_carried_out_is_of_unknown_outcome(world: World) -> None:
    """Nobody can measure it against what was there."""
    proposal = await world.approved()
    await step(world, proposal)
    await spoil(world, proposal, before={})
    answer = await step(world, proposal)

    assert ("failed", 1) == (answer.code, len(keys(world)))
    assert answer.text.startswith(f"{UNREAD}before: key: ")
    assert ("outcome_unknown", "escalated_to_human") == await states(world, proposal)


async def test_a_takeover_comes_first(world: World) -> None:
    """Whoever took the task over has it, and not nobody."""
    proposal = await world.approved()
    await spoil(world, proposal, before={})
    await world.database_change(
        "UPDATE tasks SET takeover_by = 'operator' WHERE id = :id", id=proposal.task_id
    )
    answer = await step(world, proposal)

    assert "lapsed" == answer.code
    assert ("withdrawn", "escalated_to_human") == await states(world, proposal)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"after": {"key": "new_ranker"}},
        {"undo": {"params": {**FLAG_OFF, "rollout_percent": 700}}},
    ],
)
async def test_an_undo_is_refused_with_why(
    world: World, spoilt: dict[str, object]
) -> None:
    """As what it is: the target itself could be read."""
    proposal = await done(world)
    await spoil(world, proposal, **spoilt)
    answer = await ask(world, proposal)

    assert "undo_refused" == answer.code
    assert answer.text.startswith(UNREAD.capitalize())
    assert answer.text.endswith("act by hand.")


async def test_an_undo_waits_for_a_target_that_is_away(world: World) -> None:
    """It may be asked for again: that is said, and nothing is stored."""
    proposal = await done(world)
    world.outside.flags.unreadable = True
    away = await ask(world, proposal)
    world.outside.flags.unreadable = False
    back = await ask(world, proposal)

    assert away.text.startswith("The target can't be read just now: toggle_feature_")
    assert ("undo_refused", "undo_proposed") == (away.code, back.code)


async def test_an_undo_of_which_the_rows_changed_is_a_person_s(world: World) -> None:
    """Its own card is withdrawn; the action it takes back stays as it was."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await spoil(world, undo, before={})
    answer = await step(world, undo)

    assert "lapsed" == answer.code
    assert ("withdrawn", "escalated_to_human") == await states(world, undo)
    assert "succeeded" == (await world.proposal(proposal.id)).state
    assert 1 == len(keys(world))


async def test_a_reversion_goes_to_a_person(world: World) -> None:
    """At its instant, once, in a task of its own."""
    world = expiring(world)
    proposal = await world.approved()
    await step(world, proposal)
    await spoil(world, proposal, before={}, undo={})
    world.database.clock.move(seconds=LASTS)
    answer = await advance(world, proposal)

    assert ("over", "failed") == (answer.code, await state(world, proposal))
    assert (await reversion_of(world, proposal)).reason.startswith(UNREAD)


async def test_a_person_reads_why_its_target_is_not_shown(world: World) -> None:
    """What they say of it is taken all the same, with why nobody looked."""
    proposal = await world.approved()
    await step(world, proposal)
    await spoil(world, proposal, before={})
    await step(world, proposal)
    answer = await world.click(await world.proposal(proposal.id), verdict="took_effect")

    assert "attested" == answer.code
