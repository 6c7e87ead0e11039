"""Fixtures: a mocked system, and reads that are repeated without waiting."""

from collections.abc import Iterator

import pytest
import respx
import stamina

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
