"""``autopilot policy check``: load all that is text, and say what is wrong."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bot.alerts.sources import routable, sources_with
from cli.policy_files import load_policy_folder
from gateway.admin_page import check_pages
from gateway.agents import Agents, load_agents
from gateway.connector_config import ConnectorFile, load_connectors
from gateway.model_catalog import check_models, load_models
from gateway.settings import FileSettings
from gateway.tools.catalog import all_tools
from orchestrator.routing import Routes, load_routes
from policy.errors import PolicyError
from policy.evaluate import Policy
from policy.tool_spec import ToolSpec
from policy.yaml_text import decode
from runner.agent_file import parse_agent


@dataclass(frozen=True, slots=True)
class Texts:
    """What a release says in text, loaded and checked."""

    tools: tuple[ToolSpec, ...]
    policy: Policy
    agents: Agents
    routes: Routes
    connectors: ConnectorFile


def load_texts(settings: FileSettings) -> Texts:
    """
    Load policy, agents, routes; mapping, connectors and models' prices if there.

    Raises:
        PolicyError, PlaybookError: with file, line and mend.
    """
    tools = all_tools().specs
    policy, _ = load_policy_folder(settings.policy_folder, tools)
    agents = check_agents(settings.agents_folder, [spec.name for spec in tools])
    routes = load_routes(settings.routes_file, agents, sources=routable())
    sources_with(settings.mapping_file)
    path = settings.connectors_file
    connectors = ConnectorFile() if path is None else load_connectors(path)
    if path is not None:
        check_pages(connectors.admin_pages, tools, path=path)
    if settings.model_base_url:
        prices = load_models(settings.models_file)
        check_models(prices, agents.values(), path=settings.models_file)
    return Texts(tools, policy, agents, routes, connectors)


def check_agents(folder: Path, tools: Collection[str]) -> Agents:
    """
    Load every definition, and its playbook against its own tools.

    Raises:
        PlaybookError: with file and line.
        PolicyError: its place is another one, or it names a tool that is not there.
    """
    for path in sorted(folder.glob("*/*.yaml")):
        where = str(path)
        parse_agent(decode(path.read_bytes(), path=where), path=where)
    agents = load_agents(folder)
    for agent in agents.values():
        unknown = sorted(set(agent.tools) - set(tools))
        if unknown:
            raise PolicyError(
                str(agent.path),
                _line_of(agent.path, unknown[0]),
                what=f"no tool is called {', '.join(unknown)}",
                mend=f"use some of {', '.join(tools)}",
            )
    return agents


def _line_of(path: Path, word: str) -> int:
    """Give the line that names a tool first, from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(
        (number for number, line in enumerate(lines, 1) if word in line.split("#")[0]),
        0,
    )


def check_policy(*, as_json: bool) -> int:
    """
    Load all that is text, and print what it holds.

    Raises:
        PolicyError, PlaybookError: with file, line and mend.
    """
    texts = load_texts(FileSettings())
    facts = {
        "bundle": texts.policy.bundle_hash,
        "tools": [spec.name for spec in texts.tools],
        "agents": [f"{agent.name}/{agent.version}" for agent in texts.agents.values()],
        "routes": [route.id for route in texts.routes.routes],
        "people": [person.id for person in texts.policy.people.people],
        "connectors": [
            f"{port}={name}" for port, name in texts.connectors.ports.items()
        ],
    }
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        for name, value in facts.items():
            listed = ", ".join(value) if isinstance(value, list) else value
            print(f"✓ {name:10} {listed or 'none'}")
    return 0
