"""
One database for the whole folder, and a tenant of its own for each test.

Nothing of the gateway looks across tenants, so a clone for each test would buy nothing.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings as hypothesis_settings

from gateway.tokens import Signer, Verifier, new_key_pair
from policy.scope import Scope
from tests.conftest import Databases, Scopes
from tests.database import Cluster, Urls
from tests.gateway.outside import Outside, outside_in_trouble
from tests.gateway.world import Keys, Release, World, gate_of, read_release

# A busy machine is no failure; more examples: `--hypothesis-seed` and patience.
hypothesis_settings.register_profile("busy", deadline=None, max_examples=50)
hypothesis_settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-stride", default=3, help="1 breaks answers at each byte")


@pytest.fixture(scope="session")
def urls(cluster: Cluster) -> Iterator[Urls]:
    with cluster.cloned() as made:
        yield made


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture(scope="session")
def keys() -> Keys:
    private, public = new_key_pair()
    return Keys(Signer(private), Verifier(public))


@pytest.fixture(scope="session")
def release() -> Release:
    return read_release()


@pytest.fixture
def environment() -> str:
    """Say where the test plays; a test that wants another one parametrises this."""
    return "prod"


@pytest.fixture
async def scope(scopes: Scopes, numbers: Iterator[int], environment: str) -> Scope:
    return await scopes(f"tenant{next(numbers)}", environment)


@pytest.fixture
def outside() -> Outside:
    return outside_in_trouble()


@pytest.fixture
def world(
    database: Databases, scope: Scope, keys: Keys, outside: Outside, release: Release
) -> World:
    """Give a gateway with the shipped policy, tools and agents."""
    gate = gate_of(release, database("gateway"), scope, keys, outside)
    return World(gate, outside, database, scope, keys)
