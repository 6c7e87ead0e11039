"""Revealing: for whom policy lets see, sealed on the way, noted in the ledger."""

import pytest
from cryptography.fernet import Fernet

from storage.proposals import Proposal
from tests.database import ADMIN
from tests.gateway.canaries import Canary, tables_with
from tests.gateway.world import GUEST, OPERATOR, World

CANARY = Canary(9)


async def named(world: World) -> Proposal:
    """Give a card whose reason names a person."""
    return await world.shown(because=f"they asked at {CANARY.mail}, {CANARY.phone}")


async def sealed_of(world: World) -> str:
    [row] = await world.rows(
        "SELECT payload FROM outbox WHERE kind = 'answer' ORDER BY created_at DESC"
        " LIMIT 1"
    )
    return str(row["payload"].get("sealed", ""))


async def test_who_may_see_is_whispered_the_values(world: World) -> None:
    """Sealed for the courier; the ledger has the placeholders, no row the values."""
    proposal = await named(world)
    answer = await world.click(proposal, verdict="reveal")
    opened = Fernet(world.gate.reveal_key).decrypt(await sealed_of(world)).decode()
    [entry] = await world.events(proposal.task_id, "task.revealed")

    assert "revealed" == answer.code
    assert f"⟨email:1⟩  {CANARY.mail}\n⟨phone:1⟩  {CANARY.phone}" == opened
    assert ["⟨email:1⟩", "⟨phone:1⟩"] == entry["placeholders"]
    assert CANARY.mail not in answer.text
    assert {} == tables_with(world.database.urls[ADMIN], CANARY.traces())


@pytest.mark.parametrize(
    ("user", "code"), [(GUEST, "not_yours"), ("U0NOBODY", "unknown_person")]
)
async def test_nobody_else_is_shown_anything(
    world: World, user: str, code: str
) -> None:
    """A role that approves is no role that sees."""
    proposal = await named(world)
    answer = await world.click(proposal, verdict="reveal", user=user)

    assert code == answer.code
    assert "" == await sealed_of(world)
    assert [] == await world.events(proposal.task_id, "task.revealed")


async def test_a_card_that_hides_nothing_says_so(world: World) -> None:
    proposal = await world.shown()
    answer = await world.click(proposal, verdict="reveal", user=OPERATOR)

    assert "nothing_hidden" == answer.code


async def test_what_was_forgotten_is_said(world: World) -> None:
    """After the vault's life nobody can see it any more."""
    proposal = await named(world)
    await world.database_change("UPDATE vault SET ciphertext = ''")
    answer = await world.click(proposal, verdict="reveal")

    assert "forgotten" == answer.code
    assert "" == await sealed_of(world)
