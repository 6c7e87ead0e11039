"""A later action whose rows this release can't read: it may own what stands."""

import pytest

from storage.proposals import Proposal
from tests.gateway.expiring import (
    LASTS,
    acted,
    advance,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.outside import FLAG
from tests.gateway.steps import step
from tests.gateway.test_attesting import undo_of
from tests.gateway.test_beside import FIFTY_PERCENT, held
from tests.gateway.test_owning import off_again, to_its_end
from tests.gateway.world import World

SPOILT = {
    "before": "UPDATE executions SET before = before || '{\"of_tomorrow\": 1}'"
    " WHERE proposal_id = :id",
    "params": "UPDATE proposals SET params = params || '{\"rollout_percent\": 700}'"
    " WHERE id = :id",
}


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def named(world: World, proposal: Proposal) -> str:
    """Give what is said of it where it can't be read."""
    short_id = (await world.task(proposal.task_id)).short_id
    return f"(task {short_id}), which can't be read"


@pytest.mark.parametrize("column", SPOILT)
async def test_a_reversion_writes_nothing_over_it(world: World, column: str) -> None:
    """A person has it: the later one was approved, and reads as what is to go."""
    first = await acted(world)
    later = await off_again(world)
    await world.database_change(SPOILT[column], id=later.id)
    sent = await to_its_end(world, first)
    found = await reversion_of(world, first)

    assert (0, "failed") == (sent, found.state)
    assert found.reason.startswith("nothing was written: somebody's later action may")
    assert await named(world, later) in found.reason
    assert ["escalated_to_human"] == await linked(world, first)
    assert not world.outside.flags.flags[FLAG].enabled


async def test_one_that_surely_owns_it_comes_first(world: World) -> None:
    """A newer one can't be read: whosesoever it is, it is not the first's."""
    first = await acted(world)
    ours = await off_again(world)
    newest = await off_again(world)
    await world.database_change(SPOILT["before"], id=newest.id)
    sent = await to_its_end(world, first)
    short_id = (await world.task(ours.task_id)).short_id

    assert (0, "skipped") == (sent, await state(world, first))
    assert f"(task {short_id}) has set" in (await reversion_of(world, first)).reason


async def test_what_a_placeholder_alone_may_make_ours_owns_nothing(
    world: World,
) -> None:
    """Nobody can tell of whom it was: the first is taken back."""
    first = await acted(world)
    later = await off_again(world)
    await world.database_change(
        'UPDATE proposals SET params = params || \'{"flag_key": "⟨name:1⟩"}\''
        " WHERE id = :id",
        id=later.id,
    )
    sent = await to_its_end(world, first)

    assert (1, "done") == (sent, await state(world, first))


async def test_what_does_not_stay_restored_is_a_person_s(world: World) -> None:
    """Set anew before it was verified, by what can't be read: its reason names that."""
    first = await acted(world)
    world.database.clock.move(seconds=LASTS + 1)
    await advance(world, first)
    later = await acted(world)
    await world.database_change(SPOILT["before"], id=later.id)
    world.database.clock.move(seconds=120)
    await advance(world, first)
    reason = (await reversion_of(world, first)).reason

    assert "failed" == await state(world, first)
    assert reason.startswith("it does not stay restored: somebody's later action may")
    assert await named(world, later) in reason


async def test_an_undo_s_card_says_so(world: World) -> None:
    """It would overwrite that: people are asked, and look before."""
    first = await acted(world)
    later = await off_again(world)
    await world.database_change(SPOILT["before"], id=later.id)
    await world.click(first, verdict="undo")
    undo = await undo_of(world, first)

    assert "needs_approval" == undo.state
    assert "Somebody's later action may stand there: " in undo.because
    assert await named(world, later) in undo.because


async def test_what_reads_as_meant_may_be_its_work(world: World) -> None:
    """A lost write is nobody's then, and takes nothing back."""
    second, undo = await held(world, FIFTY_PERCENT)
    for _ in range(2):
        await step(world, undo)
    await world.database_change(SPOILT["before"], id=undo.id)
    await world.freeze(frozen=False)
    await step(world, second)
    now = await world.proposal(second.id)

    assert "outcome_unknown" == now.state
    assert "read back as it was meant, but somebody's later action may stand" in (
        str(now.closed_reason)
    )
