"""What a run may propose, and how often it may be refused."""

from gateway.proposing import MOST_PROPOSALS, MOST_REFUSED
from gateway.refusing import MOST_LOGGED
from tests.gateway.outside import ROUTE, SERVICE
from tests.gateway.test_proposing import refused
from tests.gateway.world import FLAG_OFF, World


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
    told = await world.events(claims.task_id, "task.call_refused")

    assert MOST_LOGGED == len(told)


def throttle(number: int) -> dict[str, object]:
    params = {"service": SERVICE, "route": ROUTE, "limit_rps": 450 + number}
    return {"tool": "throttle_endpoint", "params": params, "key": f"throttle {number}"}
