import pytest

from gateway.agents import Agents, load_agents
from orchestrator.routing import Routes, load_routes
from storage.database import Database
from tests.conftest import Databases
from tests.orchestrator.world import PROJECT


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


@pytest.fixture(scope="session")
def agents() -> Agents:
    return load_agents(PROJECT / "agents")


@pytest.fixture(scope="session")
def routes(agents: Agents) -> Routes:
    """Give the shipped routes: team reliability is grouped by service."""
    return load_routes(PROJECT / "routes.yaml", agents)
