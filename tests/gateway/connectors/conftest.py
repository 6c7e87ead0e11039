"""Fixtures: a mocked system, and reads that are repeated without waiting."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx
import stamina

from gateway.connectors.http import Api
from tests.gateway.connectors.cases import HOST


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Keep the attempts of each caller, without the time between them."""
    with stamina.set_testing(testing=True, attempts=10, cap=True):
        yield


@pytest.fixture
def outside() -> Iterator[respx.MockRouter]:
    """Give a system that answers what the test says, and nothing else."""
    with respx.mock(base_url=HOST, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def platform() -> AsyncIterator[Api]:
    """Give the platform's client to the system of ``outside``."""
    async with httpx.AsyncClient(base_url=HOST) as client:
        yield Api("platform", client)
