"""Fail closed: whoever can't read the freeze writes nothing."""

import pytest
from sqlalchemy.exc import ProgrammingError

from tests.gateway.steps import keys, outcomes, step
from tests.gateway.world import World


async def test_where_its_row_is_gone(world: World) -> None:
    """Nobody takes that for a thaw."""
    proposal = await world.approved()
    tenant = world.scope.tenant_id
    await world.database_change(
        "DELETE FROM freezes WHERE tenant_id = :tenant", tenant=tenant
    )
    answer = await step(world, proposal)

    assert "refused_for_now" == answer.code, answer
    assert [] == keys(world)
    assert [] == await outcomes(world)


async def test_where_the_database_refuses_it(world: World) -> None:
    """The step ends with an error, and is tried again later."""
    proposal = await world.approved()
    await world.database_change("REVOKE SELECT ON freezes FROM autopilot_gateway")
    try:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await step(world, proposal)
        before = keys(world).copy(), await outcomes(world)
    finally:
        await world.database_change("GRANT SELECT ON freezes TO autopilot_gateway")
    await step(world, proposal)

    assert ([], []) == before
    assert 1 == len(keys(world))
