"""The doctor's look at the places that routes name."""

from dataclasses import replace
from pathlib import Path

import pytest

from cli.places_check import judge
from gateway.agents import load_agents
from orchestrator.matching import Match
from orchestrator.routing import Routes, load_routes
from policy.scope import Scope

PROJECT = Path(__file__).parents[2]
SCOPES = [Scope("acme", "prod"), Scope("acme", "dev"), Scope("globex", "prod")]


@pytest.fixture(scope="module")
def routes() -> Routes:
    return load_routes(PROJECT / "routes.yaml", load_agents(PROJECT / "agents"))


def with_first(routes: Routes, environment: str, tenant: str | None) -> Routes:
    match = Match(None, tenant, (), {})
    first = replace(routes.routes[0], environment=environment, match=match)
    return replace(routes, routes=(first, *routes.routes[1:]))


def test_the_shipped_routes_lead_somewhere(routes: Routes) -> None:
    found = judge(routes, SCOPES)

    assert found.ok


@pytest.mark.parametrize(
    ("environment", "tenant", "says"),
    [
        ("dev", None, "leads to dev of globex"),
        ("prd", None, "leads to prd of acme, globex"),
        ("dev", "globex", "leads to dev of globex"),
        ("prod", "initech", "is for tenant initech"),
    ],
)
def test_what_leads_nowhere_is_named(
    routes: Routes, environment: str, tenant: str | None, says: str
) -> None:
    """With the mend."""
    found = judge(with_first(routes, environment, tenant), SCOPES)

    assert (False, True) == (found.ok, says in found.text)
    assert "tenant add" in found.mend


@pytest.mark.parametrize(("environment", "tenant"), [("prod", None), ("dev", "acme")])
def test_what_was_added_is_well(
    routes: Routes, environment: str, tenant: str | None
) -> None:
    assert judge(with_first(routes, environment, tenant), SCOPES).ok
