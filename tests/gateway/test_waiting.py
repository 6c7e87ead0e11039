"""How long a reversion waits for its system, and what its card is told meanwhile."""

import pytest

from gateway.ports import Later
from storage.proposals import Proposal
from tests.gateway.expiring import (
    SETTLED_SECONDS,
    advance,
    due,
    expiring,
    linked,
    reversion_of,
    state,
)
from tests.gateway.outside import Failure
from tests.gateway.steps import PUT_OFF
from tests.gateway.world import World

QUARTER_SECONDS = 15 * 60
HOUR_SECONDS = 4 * QUARTER_SECONDS


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway whose flags are turned for ten minutes."""
    return expiring(world)


async def minutes_until_over(world: World, proposal: Proposal, *, spell: int) -> float:
    """Take turns between a system that puts off, and one that can't be read."""
    began_at = world.database.clock()
    for look in range(800):
        world.outside.flags.unreadable = look // spell % 2 == 1
        if await state(world, proposal) not in {"scheduled", "running"}:
            return (world.database.clock() - began_at).total_seconds() / 60
        await advance(world, proposal)
        world.database.clock.move(seconds=15)
    raise AssertionError("nobody was called")


@pytest.mark.parametrize(
    ("met", "spell"),
    [(PUT_OFF, 1), (PUT_OFF, 36), (Failure(Later("503", retry_after=40)), 36)],
)
async def test_troubles_that_take_turns_share_one_hour(
    world: World, met: Failure, spell: int
) -> None:
    """Unreadable for more than five minutes between two words of a busy system."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([met] * 900)
    minutes = await minutes_until_over(world, proposal, spell=spell)

    assert 60 <= minutes <= 75
    assert "failed" == await state(world, proposal)
    assert ["escalated_to_human"] == await linked(world, proposal)


async def test_its_hour_is_its_system_s_and_not_our_absence(world: World) -> None:
    """Of two hours in which nobody looked five minutes count."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 2)
    await advance(world, proposal)
    world.database.clock.move(seconds=2 * HOUR_SECONDS)
    await advance(world, proposal)
    between = await state(world, proposal)
    world.database.clock.move(seconds=41)
    await advance(world, proposal)

    assert ("scheduled", "applied") == (between, await state(world, proposal))


async def test_a_process_that_always_comes_late_calls_somebody(world: World) -> None:
    """Each look comes an hour late, and each word is that its system is busy."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 50)
    for _ in range(15):
        await advance(world, proposal)
        world.database.clock.move(seconds=HOUR_SECONDS)

    assert "failed" == await state(world, proposal)


async def test_a_blip_after_an_hour_of_waits_calls_nobody(world: World) -> None:
    """It was sent at last, and its answer was lost: it is read back within a minute."""
    proposal = await due(world)
    world.outside.flags.away_seconds = 280
    for _ in range(12):
        await advance(world, proposal)
        world.database.clock.move(seconds=295)
    world.outside.flags.away_seconds = None
    world.outside.flags.writes.coming.append(
        Failure(Later("503", retry_after=60), applied=True)
    )
    await advance(world, proposal)
    world.database.clock.move(seconds=60 + SETTLED_SECONDS)
    world.outside.flags.unreadable = True
    for _ in range(5):
        await advance(world, proposal)
        world.database.clock.move(seconds=5.1)
    world.outside.flags.unreadable = False
    for _ in range(2):
        await advance(world, proposal)

    assert "done" == await state(world, proposal)


async def test_what_took_effect_has_its_hour_to_be_verified(world: World) -> None:
    """Fifty minutes until it is taken, and as long until it can be read."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 10)
    for _ in range(11):
        await advance(world, proposal)
        world.database.clock.move(seconds=301)
    applied = await state(world, proposal)
    world.outside.flags.away_seconds = 300
    for _ in range(10):
        await advance(world, proposal)
        world.database.clock.move(seconds=301)
    world.outside.flags.away_seconds = None
    await advance(world, proposal)

    assert ("applied", "done") == (applied, await state(world, proposal))


async def cards(world: World, proposal: Proposal) -> list[str]:
    """Give what each version of its card says of its reversion, the oldest first."""
    rows = await world.rows(
        "SELECT payload->'reversion'->>'reason' AS said FROM outbox"
        " WHERE slot = :slot ORDER BY version",
        slot=f"proposal:{proposal.id}",
    )
    return [row["said"] or "" for row in rows]


async def look_in_turns(world: World, proposal: Proposal, said: list[str]) -> None:
    """Look each six seconds, and meet one trouble after the other."""
    for one in said:
        world.outside.flags.trouble = one
        await advance(world, proposal)
        world.database.clock.move(seconds=6)
    world.outside.flags.trouble = ""


async def test_two_troubles_in_turns_edit_a_card_twice(world: World) -> None:
    """Nine minutes of the one and the other: each is told, and then no more."""
    proposal = await due(world)
    before = len(await cards(world, proposal))
    await look_in_turns(world, proposal, ["disk", "net"] * 45)
    told = (await cards(world, proposal))[before:]

    assert ["HTTP 500: disk", "HTTP 500: net"] == [one[-14:].strip() for one in told]


async def test_a_reason_that_comes_back_for_good_is_shown_again(world: World) -> None:
    """Told before, and so for five minutes: the card says what is so."""
    proposal = await due(world)
    await look_in_turns(world, proposal, ["disk", "net"])
    await look_in_turns(world, proposal, ["disk"] * 48)
    early = (await cards(world, proposal))[-1]
    await look_in_turns(world, proposal, ["disk"] * 5)
    told = await cards(world, proposal)

    assert early.endswith("net")
    assert told[-1].endswith("disk")
    assert (await reversion_of(world, proposal)).reason.endswith("disk")


async def test_what_puts_off_for_good_is_shown_again(world: World) -> None:
    """Each of its tries is begun anew, and what it says is the same."""
    proposal = await due(world)
    world.outside.flags.writes.coming.extend([PUT_OFF] * 20)
    await advance(world, proposal)
    world.database.clock.move(seconds=41)
    await look_in_turns(world, proposal, ["disk"])
    shown = (await cards(world, proposal))[-1]
    for _ in range(8):
        await advance(world, proposal)
        world.database.clock.move(seconds=100)

    assert shown.endswith("disk")
    assert (await cards(world, proposal))[-1].startswith("429")


async def test_a_trouble_with_another_number_each_time_edits_no_storm(
    world: World,
) -> None:
    """Five of them within the hour; the rest is the row's."""
    proposal = await due(world)
    before = len(await cards(world, proposal))
    await look_in_turns(world, proposal, [f"request {n} failed" for n in range(60)])

    assert 5 == len((await cards(world, proposal))[before:])


async def test_looks_under_a_freeze_of_everything_are_not_in_vain(
    world: World,
) -> None:
    """Nothing may begin anyway: nobody is called, and its hour begins with the thaw."""
    proposal = await due(world)
    world.outside.flags.unreadable = True
    await freeze(world, undo_too=True)
    for _ in range(150):
        held = await advance(world, proposal)
        world.database.clock.move(seconds=60)
    await freeze(world, undo_too=False)
    await advance(world, proposal)
    found = await reversion_of(world, proposal)

    assert "frozen whole by b" in held.text
    assert ("scheduled", 1) == (found.state, found.waits)
    assert [] == await linked(world, proposal)


async def freeze(world: World, *, undo_too: bool) -> None:
    await world.database_change(
        "UPDATE freezes SET frozen = true, undo_too = :all, reason = 'r', by = 'b'"
        " WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
        all=undo_too,
    )
