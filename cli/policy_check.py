"""``autopilot policy check``: load all that is text, and say what is wrong."""

import json

from cli.policy_files import load_policy_folder
from gateway.agents import Agent, load_agents
from gateway.settings import FileSettings
from gateway.tools.catalog import all_tools
from orchestrator.routing import load_routes
from runner.playbook_check import parse_playbook


def check_policy(*, as_json: bool) -> int:
    """
    Load policy, agents with their playbooks, and routes.

    Raises:
        PolicyError, AgentError, PlaybookError, RoutingError: with file, line and mend.
    """
    settings = FileSettings()
    registry = all_tools()
    policy, _texts = load_policy_folder(settings.policy_folder, registry.specs)
    agents = load_agents(settings.agents_folder)
    for agent in agents.values():
        check_playbook(agent)
    routes = load_routes(settings.routes_file, agents)
    facts = {
        "bundle": policy.bundle_hash,
        "tools": [spec.name for spec in registry.specs],
        "agents": [f"{agent.name}/{agent.version}" for agent in agents.values()],
        "routes": [route.id for route in routes.routes],
        "people": [person.id for person in policy.people.people],
    }
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        for name, value in facts.items():
            listed = ", ".join(value) if isinstance(value, list) else value
            print(f"✓ {name:8} {listed}")
    return 0


def check_playbook(agent: Agent) -> None:
    """Parse a definition's playbook against its own tools."""
    parse_playbook(dict(agent.playbook), tools=list(agent.tools), path=str(agent.path))
