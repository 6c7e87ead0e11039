"""Actions that expire, and how far their reversions have come."""

from dataclasses import replace
from typing import cast

from gateway.registry import AnyWrite, Registry
from gateway.reverting import advance_reversion
from gateway.tools.dashboard import GET_DASHBOARD_SNAPSHOT
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG
from storage import reversions
from storage.proposals import Proposal
from storage.reversions import Reversion
from storage.steps import Step
from tests.gateway.steps import step
from tests.gateway.world import World
from wire.control import ReversionAnswer, ReversionRequest

LASTS = 600.0
SETTLED_SECONDS = 13


def expiring(world: World, tool: object = TOGGLE_FEATURE_FLAG) -> World:
    """Give a gateway whose flags are turned, or what ``tool`` does, for ten minutes."""
    until = world.database.clock().timestamp() + LASTS
    expiring = replace(cast("AnyWrite", tool), expires_at=lambda _params: until)
    registry = Registry((GET_DASHBOARD_SNAPSHOT, expiring))
    return replace(world, gate=replace(world.gate, registry=registry))


async def acted(world: World) -> Proposal:
    """Carry an action out that expires, and verify it."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    return await world.proposal(proposal.id)


async def reversion_of(world: World, proposal: Proposal) -> Reversion:
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        found = await reversions.find_of_proposal(tx, proposal.id)
    assert found is not None
    return found


async def advance(world: World, proposal: Proposal) -> ReversionAnswer:
    found = await reversion_of(world, proposal)
    return await advance_reversion(
        world.gate,
        ReversionRequest(
            tenant_id=world.scope.tenant_id,
            environment=world.scope.environment,
            reversion_id=found.id,
        ),
    )


async def advance_often(world: World, proposal: Proposal) -> None:
    for _ in range(3):
        await advance(world, proposal)


async def due(world: World) -> Proposal:
    """Bring an action to the end of its time."""
    proposal = await acted(world)
    world.database.clock.move(seconds=LASTS + 1)
    return proposal


async def state(world: World, proposal: Proposal) -> str:
    return (await reversion_of(world, proposal)).state.value


async def linked(world: World, proposal: Proposal) -> list[str]:
    rows = await world.rows(
        "SELECT state FROM tasks WHERE linked_to = :id", id=proposal.task_id
    )
    return [row["state"] for row in rows]
