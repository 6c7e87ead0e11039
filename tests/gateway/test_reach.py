"""Whom an action would reach: measured, or for an undo said to be unknown."""

from dataclasses import replace
from typing import cast

import pytest

from gateway.ports import Refused, Unreadable
from gateway.reach import measure_reach
from gateway.registry import AnyWrite, Estimate
from gateway.tools.feature_flag import TOGGLE_FEATURE_FLAG, FlagParams
from tests.gateway.world import FLAG_OFF, World

PARAMS = FlagParams.model_validate(FLAG_OFF)


async def measured(
    world: World, error: Exception, *, is_undo: bool, amount: float = 1.0
) -> Estimate:
    async def estimate(*_given: object) -> Estimate:
        if amount < 0:
            return Estimate(amount, "users", "x", "y")
        raise error

    ports = world.gate.ports
    before = await TOGGLE_FEATURE_FLAG.observe(PARAMS, ports)
    tool = cast("AnyWrite", replace(TOGGLE_FEATURE_FLAG, estimate=estimate))
    return await measure_reach(tool, PARAMS, before, ports, is_undo=is_undo)


async def test_an_undo_says_that_nobody_measured_it(world: World) -> None:
    """An action that is new waits."""
    reach = await measured(world, Unreadable("away"), is_undo=True)
    with pytest.raises(Unreadable):
        await measured(world, Unreadable("away"), is_undo=False)

    assert (0.0, "not measured") == (reach.amount, reach.cost)


async def test_what_the_tool_refuses_is_refused_of_an_undo_too(world: World) -> None:
    """And so is a reach that makes no sense."""
    with pytest.raises(Refused):
        await measured(world, Refused("too late"), is_undo=True)
    with pytest.raises(Unreadable):
        await measured(world, Refused(""), is_undo=True, amount=-1.0)
