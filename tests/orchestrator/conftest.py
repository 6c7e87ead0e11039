import pytest

from gateway.agents import Agents, load_agents
from orchestrator.routing import Routes, load_routes
from policy.scope import Scope
from storage.database import Database
from tests.conftest import Databases
from tests.orchestrator.inflow import Inflow
from tests.orchestrator.world import PROJECT, Rows


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


@pytest.fixture
def inflow(database: Databases, scope: Scope, routes: Routes) -> Inflow:
    return Inflow(Rows(database, scope), database("web"), database("worker"), routes)
