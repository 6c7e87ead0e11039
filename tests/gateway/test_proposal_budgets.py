"""What a run may propose, and how often it may be refused."""

import pytest

from gateway.gate import RefusedCall
from gateway.proposing import MOST_PROPOSALS, MOST_REFUSED
from gateway.reading import call_tool
from gateway.refusing import MOST_LOGGED
from gateway.tokens import RunClaims
from tests.gateway.outside import ROUTE, SERVICE
from tests.gateway.test_proposing import refused
from tests.gateway.world import FLAG_OFF, World
from wire.tools import ToolCall


async def test_a_run_can_not_flood_its_thread(world: World) -> None:
    """Five cards a run; a repeat of one of them is answered as before."""
    claims = await world.start()
    for limit in range(MOST_PROPOSALS):
        await world.propose(claims, **throttle(limit))

    assert "429 budget_spent proposal-budget" == await refused(
        world, claims, **throttle(MOST_PROPOSALS)
    )
    assert (await world.propose(claims, **throttle(0))).replayed


async def test_a_run_that_guesses_is_ended(world: World) -> None:
    """Before anything is measured; what it was told once, it is told again."""
    claims = await world.start()
    await world.propose(claims, **throttle(0))
    for _ in range(MOST_REFUSED):
        assert "422 invalid_params params-schema" == await refused(
            world, claims, params={**FLAG_OFF, "rollout_percent": 101}
        )

    assert "429 budget_spent refusal-budget" == await refused(
        world, claims, **throttle(1)
    )
    assert (await world.propose(claims, **throttle(0))).replayed


async def test_what_is_repeated_in_vain_fills_no_ledger(world: World) -> None:
    """It is refused all the same, and the process's log has it."""
    claims = await world.start()
    for number in range(MOST_LOGGED + 5):
        assert "404 unknown_tool tool-list" == await refused(
            world, claims, tool="rm_rf", key=str(number)
        )
    await read_in_vain(world, claims, MOST_LOGGED + 5)
    told = await world.events(claims.task_id, "task.call_refused")

    assert 2 * MOST_LOGGED == len(told)


async def test_reads_in_vain_open_no_way_round_the_budget(world: World) -> None:
    """What was refused of another kind leaves proposals their own count."""
    claims = await world.start()
    await read_in_vain(world, claims, MOST_LOGGED + 1)
    for _ in range(MOST_REFUSED):
        await refused(world, claims, params={**FLAG_OFF, "rollout_percent": 101})

    assert "429 budget_spent refusal-budget" == await refused(
        world, claims, **throttle(1)
    )


def throttle(number: int) -> dict[str, object]:
    params = {"service": SERVICE, "route": ROUTE, "limit_rps": 450 + number}
    return {"tool": "throttle_endpoint", "params": params, "key": f"throttle {number}"}


async def read_in_vain(world: World, claims: RunClaims, times: int) -> None:
    for number in range(times):
        call = ToolCall(step=str(number), params={})
        with pytest.raises(RefusedCall):
            await call_tool(world.gate, claims, "nope", call)
