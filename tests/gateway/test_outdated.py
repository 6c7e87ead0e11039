"""Rows that this release can't read: refused, as often as a fault of ours may come."""

import json

import pytest

from gateway.gate import RefusedCall
from gateway.waiting import MOST_WAITS
from orchestrator.execution import give_up_effects
from policy.lifecycle import TaskEvent
from storage import proposals
from storage.canonical import plain
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.expiring import (
    LASTS,
    SETTLED_SECONDS,
    acted,
    advance,
    advance_often,
    expiring,
    linked,
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


def restored(proposal: Proposal, name: str) -> object:
    """Give a column as it was read before it was spoilt."""
    return plain(getattr(proposal, name))


async def refused(world: World, proposal: Proposal) -> str:
    """Ask for the next step, which another release may take; give why this can't."""
    with pytest.raises(RefusedCall) as caught:
        await step(world, proposal)
    assert ("unreadable_row", 409) == (caught.value.code, caught.value.status)
    return caught.value.message


@pytest.mark.parametrize(
    "spoilt",
    [
        {"before": {"key": "new_ranker"}},
        {"params": {**FLAG_OFF, "rollout_percent": 700}},
    ],
)
async def test_what_was_approved_is_asked_for_again(
    world: World, spoilt: dict[str, object]
) -> None:
    """Nothing is sent, and the release that can read it carries it out."""
    proposal = await world.approved()
    await spoil(world, proposal, **spoilt)
    said = await refused(world, proposal)
    between = await states(world, proposal)
    sent = len(keys(world))
    await spoil(world, proposal, **{name: restored(proposal, name) for name in spoilt})
    await step(world, proposal)

    assert said.startswith(UNREAD)
    assert "a person has to look" in said
    assert (("approved", "executing"), 0) == (between, sent)
    assert ("verifying", 1) == ((await states(world, proposal))[0], len(keys(world)))


async def test_an_effect_under_way_is_waited_for_before(world: World) -> None:
    """It may be answered until then; a second one is never sent."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_AFTER)
    await step(world, proposal)
    await spoil(world, proposal, before={})
    early = await step(world, proposal)
    world.database.clock.move(seconds=60)
    await refused(world, proposal)
    between = await outcomes(world)
    await spoil(world, proposal, before=restored(proposal, "before"))
    await step(world, proposal)

    assert "unknown" == early.code
    assert early.retry_after_seconds > SETTLED_SECONDS - 2
    assert [None] == between
    assert (["applied"], 1) == (await outcomes(world), len(keys(world)))


async def test_what_was_carried_out_is_measured_later(world: World) -> None:
    """Whoever can read what was there measures it against that."""
    proposal = await world.approved()
    await step(world, proposal)
    await spoil(world, proposal, before={})
    said = await refused(world, proposal)
    between = await states(world, proposal)
    await spoil(world, proposal, before=restored(proposal, "before"))
    world.outside.recover()
    await step(world, proposal)

    assert said.startswith(f"{UNREAD}before: key: ")
    assert ("verifying", "executing") == between
    assert ("succeeded", 1) == ((await states(world, proposal))[0], len(keys(world)))


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        (False, "withdrawn"),
        (True, "outcome_unknown"),
    ],
)
async def test_what_nobody_keeps_any_more_is_a_person_s_at_once(
    world: World, ends: str, *, sent: bool
) -> None:
    """No release reads it again."""
    world.outside.flags.set_form('{"userIds": ["ann@example.org"]}')
    proposal = await world.approved()
    if sent:
        await step(world, proposal)
    await world.database_change("UPDATE vault SET ciphertext = ''")
    await step(world, proposal)
    now = await world.proposal(proposal.id)

    assert (ends, "escalated_to_human") == await states(world, proposal)
    assert "its former state is no longer kept" in str(now.closed_reason)
    assert sent == len(keys(world))


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


async def test_an_undo_of_which_the_rows_changed_is_sent_by_nobody(
    world: World,
) -> None:
    """The action that it takes back stays as it was."""
    proposal = await done(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    await world.click(undo)
    await spoil(world, undo, before={})
    await refused(world, undo)

    assert "approved" == (await states(world, undo))[0]
    assert "succeeded" == (await world.proposal(proposal.id)).state
    assert 1 == len(keys(world))


async def test_a_reversion_goes_to_a_person_in_time(world: World) -> None:
    """It is looked at again, as after a fault of ours, and then has a task."""
    world = expiring(world)
    proposal = await acted(world)
    await spoil(world, proposal, before={}, undo={})
    world.database.clock.move(seconds=LASTS)
    first = await advance(world, proposal)
    between = await reversion_of(world, proposal)
    await world.database_change(
        "UPDATE reversions SET waits = :most, next_try_at = due_at WHERE id = :id",
        most=MOST_WAITS,
        id=between.id,
    )
    last = await advance(world, proposal)

    assert ("waits", "scheduled", 1) == (first.code, between.state, between.waits)
    assert between.reason.startswith(UNREAD)
    assert ("over", "failed") == (last.code, await state(world, proposal))
    assert ["escalated_to_human"] == await linked(world, proposal)
    assert 1 == len(keys(world))


async def test_a_reversion_that_can_be_read_again_is_taken_back(world: World) -> None:
    """The looks before ended nothing."""
    world = expiring(world)
    proposal = await acted(world)
    await spoil(world, proposal, before={})
    world.database.clock.move(seconds=LASTS + 1)
    await advance(world, proposal)
    await spoil(world, proposal, before=restored(proposal, "before"))
    world.database.clock.move(seconds=60)
    await advance_often(world, proposal)

    assert "done" == await state(world, proposal)


async def test_a_person_reads_why_its_target_is_not_shown(world: World) -> None:
    """What they say of it is taken all the same, with why nobody looked."""
    proposal = await world.approved()
    await step(world, proposal)
    await spoil(world, proposal, before={})
    async with world.gate.database.transaction(world.scope, Step.finish_run) as tx:
        every = await proposals.list_of_task(tx, proposal.task_id)
        await give_up_effects(tx, every, "refused 30 times")
    await world.move(proposal.task_id, TaskEvent.execution_lost)
    answer = await world.click(await world.proposal(proposal.id), verdict="took_effect")

    assert "attested" == answer.code
