"""``autopilot policy check``: load all that is text, and say what is wrong."""

import json
from collections.abc import Collection
from pathlib import Path

from cli.policy_files import load_policy_folder, read_utf8
from gateway.agents import AgentError, Agents, load_agents
from gateway.settings import FileSettings
from gateway.tools.catalog import all_tools
from orchestrator.routing import load_routes
from runner.agent_file import parse_agent


def check_policy(*, as_json: bool) -> int:
    """
    Load policy, agents with their playbooks, and routes.

    Raises:
        PolicyError, AgentError, PlaybookError, RoutingError: with file, line and mend.
    """
    settings = FileSettings()
    registry = all_tools()
    policy, _texts = load_policy_folder(settings.policy_folder, registry.specs)
    agents = check_agents(
        settings.agents_folder, [spec.name for spec in registry.specs]
    )
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


def check_agents(folder: Path, tools: Collection[str]) -> Agents:
    """
    Load every definition, and its playbook against its own tools.

    Raises:
        PlaybookError: with file and line.
        AgentError: its place is another one, or it names a tool that is not there.
    """
    for path in sorted(folder.glob("*/*.yaml")):
        parse_agent(read_utf8(path), path=str(path))
    agents = load_agents(folder)
    for agent in agents.values():
        unknown = sorted(set(agent.tools) - set(tools))
        if unknown:
            raise AgentError(
                f"{agent.path}: no tool is called {', '.join(unknown)}; "
                f"use some of {', '.join(tools)}"
            )
    return agents
