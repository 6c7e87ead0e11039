from collections.abc import AsyncIterator

import pytest

from tests.lab.world import SteppedClock, World, world_of


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def world(clock: SteppedClock) -> AsyncIterator[World]:
    """Run a lab whose platform stands still until the test moves the clock."""
    async with world_of(clock) as made:
        yield made
