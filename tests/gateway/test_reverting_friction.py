"""A friction over another one: what held before comes back, or stays lifted."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from policy.lifecycle import TaskEvent
from storage.proposals import Proposal
from tests.gateway.expiring import advance_often, reversion_of
from tests.gateway.outside_society import TARGET
from tests.gateway.steps import step
from tests.gateway.test_every_tool import see
from tests.gateway.world import AGENT, World

HOUR = 3600.0


@pytest.fixture
def world(world: World) -> World:
    """Give an agent with every tool, and a target in slow mode for two hours."""
    names = tuple(one.name for one in world.gate.registry.specs)
    agent = replace(world.gate.agent(AGENT, 1), tools=names)
    agents = MappingProxyType({(AGENT, 1): agent})
    world.outside.now = lambda: world.database.clock().timestamp()
    put(world, friction_type="slow_mode", expires_at=begin(world) + 2 * HOUR)
    ports = world.outside.ports
    return replace(world, gate=replace(world.gate, agents=agents, ports=ports))


def begin(world: World) -> float:
    return float(int(world.outside.now()))


def put(world: World, **changes: object) -> None:
    rows = world.outside.frictions.rows
    rows[TARGET] = replace(rows[TARGET], **changes)  # type: ignore[arg-type]


def drop(world: World) -> None:
    """Take it away, as a system does whose version moves with its fields."""
    version = world.outside.frictions.rows[TARGET].version + 1
    put(world, friction_type=None, expires_at=None, version=version)


async def confirmed(world: World) -> Proposal:
    """Put confirm on the target for an hour, and verify it."""
    names = tuple(one.name for one in world.gate.registry.specs)
    claims = replace(await world.start(), tools=names)
    params = {
        "target": TARGET,
        "friction_type": "confirm",
        "expires_at": begin(world) + HOUR,
    }
    made = await world.propose(
        claims,
        tool="apply_friction",
        params=params,
        reason_code="dogpile",
        evidence_ids=(await see(world, claims, [TARGET]),),
    )
    await world.move(claims.task_id, TaskEvent.run_awaits_person)
    proposal = await world.proposal(made.proposal_id)
    await world.click(proposal)
    await step(world, proposal)
    put(world, actions_last_hour=1)
    assert "succeeded" == (await step(world, proposal)).code
    return proposal


async def test_what_held_before_comes_back_at_the_end(world: World) -> None:
    """Confirm ran out; slow mode has an hour left."""
    proposal = await confirmed(world)
    world.database.clock.move(seconds=HOUR + 2)
    drop(world)
    await advance_often(world, proposal)

    assert "slow_mode" == world.outside.frictions.rows[TARGET].friction_type
    assert "done" == (await reversion_of(world, proposal)).state


async def test_nothing_comes_back_once_its_own_end_is_over(world: World) -> None:
    """The gateway was away for both of them."""
    proposal = await confirmed(world)
    world.database.clock.move(seconds=2 * HOUR + 2)
    drop(world)
    await advance_often(world, proposal)

    assert world.outside.frictions.rows[TARGET].friction_type is None
    assert "it was back already" == (await reversion_of(world, proposal)).reason
