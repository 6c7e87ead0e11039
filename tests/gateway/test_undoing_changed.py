"""An undo that would overwrite what somebody set since asks people."""

from collections.abc import Awaitable, Callable

import pytest

from policy.lifecycle import TaskEvent
from storage.errors import LeaseLost
from storage.proposals import Proposal
from tests.gateway.outside import FLAG
from tests.gateway.steps import LOST_BEFORE, states, step
from tests.gateway.test_undoing import ask, undo_of
from tests.gateway.world import SECOND, World

pytestmark = pytest.mark.parametrize("environment", ["dev"])


async def alone(world: World) -> Proposal:
    """Have policy alone allow an action, as at L2, and carry it out."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    proposal = await world.proposal(made.proposal_id)
    await step(world, proposal)
    return proposal


async def narrowed(world: World) -> Proposal:
    """Have somebody set the flag by hand after the action was verified."""
    proposal = await alone(world)
    world.outside.recover()
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=7)
    world.database.clock.move(seconds=1)
    return proposal


def stands(world: World) -> tuple[bool, int]:
    flag = world.outside.flags.flags[FLAG]
    return flag.enabled, flag.rollout_percent


async def test_after_a_failed_verification_it_waits_for_a_person(world: World) -> None:
    """Somebody narrows the flag by hand while it is measured: theirs stands."""
    proposal = await alone(world)
    world.outside.flags.put(enabled=True, rollout_percent=7)
    await step(world, proposal)
    undo = await undo_of(world, proposal)
    with pytest.raises(LeaseLost):
        await step(world, undo)

    assert ("failed", "needs_approval") == await states(world, proposal)
    assert "needs_approval" == undo.state
    assert "Somebody changed the target since" in undo.because
    assert (True, 7) == stands(world)


async def test_a_wish_alone_does_not_run_it(world: World) -> None:
    """Whoever clicks Undo knows nothing of a later change; its card says it first."""
    proposal = await narrowed(world)
    answer = await ask(world, proposal)
    undo = await undo_of(world, proposal)

    assert answer.text.endswith("It waits for approval.")
    assert ("needs_approval", "needs_approval") == await states(world, undo)
    assert "Somebody changed the target since" in undo.because
    assert (True, 7) == stands(world)


async def test_who_has_seen_it_may_let_it_run(world: World) -> None:
    """Approved with the note in sight, it restores what was."""
    proposal = await narrowed(world)
    await ask(world, proposal)
    undo = await undo_of(world, proposal)
    answer = await world.click(undo, user=SECOND)
    await step(world, undo)
    last = await step(world, undo)

    assert ("approved", "succeeded") == (answer.code, last.code)
    assert (True, 50) == stands(world)


async def test_where_nobody_changed_it_the_wish_runs_it(world: World) -> None:
    """Its linked task is born executing, and takes it back without another click."""
    proposal = await alone(world)
    world.outside.recover()
    await step(world, proposal)
    answer = await ask(world, proposal)
    undo = await undo_of(world, proposal)

    assert answer.text.endswith("It runs now.")
    assert ("approved", "executing") == await states(world, undo)


async def never_landed(world: World) -> Proposal:
    """Lose an action that policy alone allows; its target reads as before."""
    claims = await world.start()
    seen = await world.look(claims)
    made = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    await world.move(claims.task_id, TaskEvent.run_found_executable)
    proposal = await world.proposal(made.proposal_id)
    world.outside.flags.repeatable = False
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.database.clock.move(seconds=120)
    await step(world, proposal)
    assert "outcome_unknown" == (await states(world, proposal))[0]
    return proposal


@pytest.mark.parametrize("before", [narrowed, never_landed])
async def test_what_a_later_action_has_set_asks_people(
    world: World, before: Callable[[World], Awaitable[Proposal]]
) -> None:
    """Done again by another task, after a restore or a loss: the card names it."""
    first = await before(world)
    world.outside.services.become(error_ratio=0.18)
    later = await alone(world)
    await ask(world, first)
    undo = await undo_of(world, first)
    short_id = (await world.task(later.task_id)).short_id

    assert "needs_approval" == undo.state
    assert f"(task {short_id}) has set it so since; look at what it is now" in (
        undo.because
    )
    assert not stands(world)[0]
