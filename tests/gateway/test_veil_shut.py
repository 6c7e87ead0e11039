"""A key that opens no value of before is our own fault; a forgotten value is gone."""

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from gateway.veil import VaultShut, hide, veil
from storage.steps import Step
from tests.gateway.expiring import advance_often, due, expiring, reversion_of, state
from tests.gateway.steps import keys, states, step, writes
from tests.gateway.test_undoing import ask, done
from tests.gateway.world import World, bearer

FORM = '{"userIds": ["ann@example.org"]}'


@pytest.fixture
def world(world: World) -> World:
    """Give a gateway over a flag whose former state is hidden in each row."""
    world.outside.flags.set_form(FORM)
    return world


def rekeyed(world: World) -> World:
    """Give the same gateway, started with another VAULT_KEY."""
    key = Fernet.generate_key().decode()
    return replace(world, gate=replace(world.gate, vault_key=key))


async def test_a_run_reads_nothing_of_whom_nobody_can_know(world: World) -> None:
    """A name that can't be opened would pass as any word."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hide({"first_name": "Kim"}, placeholders)
    with pytest.raises(VaultShut, match="put VAULT_KEY right"):
        async with (
            world.gate.database.transaction(world.scope, Step.begin_call) as tx,
            veil(rekeyed(world).gate, tx, claims.task_id, for_run=True),
        ):
            pass


async def test_what_was_approved_waits_for_the_key(world: World) -> None:
    """Nothing is sent, and nothing ends; with the key put right it is carried out."""
    proposal = await world.approved()
    with pytest.raises(VaultShut, match="put VAULT_KEY right") as caught:
        await step(rekeyed(world), proposal)
    between = await states(world, proposal)
    sent = keys(world).copy()
    await step(world, proposal)

    assert "userIds" not in str(caught.value)
    assert (("approved", "executing"), []) == (between, sent)
    assert ("verifying", "executing") == await states(world, proposal)


async def test_what_is_verified_waits_for_it_too(world: World) -> None:
    """It is measured as soon as its rows can be read again."""
    proposal = await world.approved()
    await step(world, proposal)
    with pytest.raises(VaultShut):
        await step(rekeyed(world), proposal)
    between = await states(world, proposal)
    world.outside.recover()
    await step(world, proposal)

    assert ("verifying", "executing") == between
    assert "succeeded" == (await states(world, proposal))[0]


async def test_a_reversion_counts_it_as_a_fault_of_ours(world: World) -> None:
    """The door says no more than that; it is looked at again, and then taken back."""
    token = world.control_token()  # before the world's clock moves
    world = expiring(world)
    proposal = await due(world)
    found = await reversion_of(world, proposal)
    body = {
        "tenant_id": world.scope.tenant_id,
        "environment": world.scope.environment,
        "reversion_id": str(found.id),
    }
    async with rekeyed(world).control_door() as client:
        answer = await client.post("/v1/reversions", json=body, headers=bearer(token))
    now = await reversion_of(world, proposal)
    world.database.clock.move(seconds=60)
    await advance_often(world, proposal)

    assert (500, "error") == (answer.status_code, answer.json()["code"])
    assert ("scheduled", 1) == (now.state, now.waits)
    assert "a fault in toggle_feature_flag (VaultShut)" in now.reason
    assert "done" == await state(world, proposal)


async def test_an_undo_of_what_is_forgotten_says_so_for_good(world: World) -> None:
    """A person has to act by hand; no later click finds it again."""
    proposal = await done(world)
    await world.database_change("UPDATE vault SET ciphertext = ''")
    answer = await ask(world, proposal)

    assert "undo_refused" == answer.code
    assert answer.text == (
        "Its former state is no longer kept; a person has to act by hand."
    )
    assert 1 == writes(world)
