"""What holds a write back: the freeze that meets it, and its counts."""

import pytest

from gateway.restraints import (
    Touched,
    hold_restraints,
    load_restraints,
    target_of,
    writer_of,
)
from gateway.tools.catalog import all_tools
from policy.facts import CallFacts
from storage import freezes, guards
from storage.freezes import EVERYTHING, Hold
from storage.steps import Step
from tests.gateway.outside import SERVICE
from tests.gateway.world import FLAG_OFF, World
from tests.policy.shipped import toggle_facts

TOOL = all_tools().write("toggle_feature_flag")
PARAMS = TOOL.params.model_validate(FLAG_OFF)
BEFORE = TOOL.state.model_validate(
    {
        "key": "new_ranker",
        "service": SERVICE,
        "enabled": True,
        "rollout_percent": 50,
        "version": 7,
    }
)


async def load(world: World) -> CallFacts:
    task = await world.task((await world.start()).task_id)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        return await load_restraints(
            tx, toggle_facts(), TOOL, Touched(task, PARAMS, BEFORE)
        )


async def freeze(world: World, name: str, *, undo_too: bool = False) -> None:
    async with world.database("web").transaction(world.scope, Step.freeze) as tx:
        await freezes.freeze(tx, Hold("r", "b"), scope=name, undo_too=undo_too)


@pytest.mark.parametrize(
    "name",
    [EVERYTHING, "toggle_feature_flag", "write_reversible", f"service:{SERVICE}"],
)
async def test_a_freeze_that_meets_the_write_holds_it(world: World, name: str) -> None:
    """Whole, by tool, by category or by the task's service."""
    await freeze(world, name)
    facts = await load(world)

    assert (True, False) == (facts.frozen, facts.frozen_whole)


async def test_a_frozen_service_is_held_from_another_services_task(
    world: World,
) -> None:
    """The flag's own service counts, whatever the task is about."""
    claims = await world.start(service="otherservice")
    task = await world.task(claims.task_id)
    await freeze(world, f"service:{SERVICE}")
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        touched = Touched(task, PARAMS, BEFORE)
        facts = await load_restraints(tx, toggle_facts(), TOOL, touched)

    assert facts.frozen


@pytest.mark.parametrize("name", ["throttle_endpoint", "service:another"])
async def test_another_freeze_does_not(world: World, name: str) -> None:
    """What is frozen beside it lets it go on."""
    await freeze(world, name)

    assert not (await load(world)).frozen


async def test_a_freeze_of_everything_holds_undo_too(world: World) -> None:
    """``--all``."""
    await freeze(world, EVERYTHING, undo_too=True)

    assert (await load(world)).frozen_whole


async def test_the_counts_of_this_writer_are_loaded(world: World) -> None:
    """Tool, target, agent and environment, each by its own name."""
    task = await world.task((await world.start()).task_id)
    facts = toggle_facts()
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        await guards.count_write(tx, writer_of(TOOL, PARAMS, facts))
        touched = Touched(task, PARAMS, BEFORE)
        held = await hold_restraints(tx, facts, TOOL, touched)

    assert (1, 1, 1, 1) == (
        held.writes_last_hour,
        held.writes_on_target,
        held.writes_by_agent,
        held.writes_here,
    )


def test_a_target_is_named_by_tool_and_params() -> None:
    """One lock and one count for one target."""
    assert "toggle_feature_flag:new_ranker" == target_of(TOOL, PARAMS)
