"""``autopilot agents list | show | diff``: what agents there are, and what they are."""

import json
from collections.abc import Mapping
from difflib import unified_diff

import yaml

from cli.policy_check import check_agents
from gateway.agent_parts import digest_of, parts_of
from gateway.agents import Agent, Agents
from gateway.settings import FileSettings
from gateway.tools.catalog import all_tools
from policy.errors import PolicyError
from policy.tool_spec import ToolSpec

_SHOWN = 12


def list_agents(*, as_json: bool) -> int:
    """
    Print a line for each version.

    Raises:
        PolicyError, PlaybookError: a definition does not load; with file and line.
    """
    agents, specs = _load()
    rows = [_row(agent, specs) for _, agent in sorted(agents.items())]
    if as_json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(
            f"{row['agent']:26} {str(row['digest'])[:_SHOWN]}  {row['ceiling']}  "
            f"{row['model']:20} {row['kinds']}"
        )
    return 0


def show_agent(named: str, *, as_json: bool) -> int:
    """
    Print every part of one version.

    Raises:
        PolicyError, PlaybookError: it does not load, or does not exist.
    """
    agents, specs = _load()
    agent = _find(agents, named)
    facts = {**_row(agent, specs), **parts_of(agent, specs)}
    print(json.dumps(facts, indent=2) if as_json else _text(facts))
    return 0


def diff_agents(one: str, other: str, *, as_json: bool) -> int:
    """
    Print what tells two versions apart, part by part; 0 although they differ.

    Raises:
        PolicyError, PlaybookError: one does not load, or does not exist.
    """
    agents, specs = _load()
    before = parts_of(_find(agents, one), specs)
    after = parts_of(_find(agents, other), specs)
    changed = {
        part: list(
            unified_diff(
                _text(before[part]).splitlines(),
                _text(after[part]).splitlines(),
                f"{one} {part}",
                f"{other} {part}",
                lineterm="",
            )
        )
        for part in before
        if before[part] != after[part]
    }
    if as_json:
        print(json.dumps(changed, indent=2))
    elif changed:
        print("\n\n".join("\n".join(lines) for lines in changed.values()))
    else:
        print(f"{one} and {other} are alike in every part")
    return 0


def _load() -> tuple[Agents, tuple[ToolSpec, ...]]:
    specs = all_tools().specs
    folder = FileSettings().agents_folder
    return check_agents(folder, [spec.name for spec in specs]), specs


def _find(agents: Agents, named: str) -> Agent:
    name, _, version = named.partition("/")
    found = agents.get((name, int(version))) if version.isdecimal() else None
    if found is None:
        known = ", ".join(f"{one}/{number}" for one, number in sorted(agents))
        raise PolicyError(
            named[:100], 0, what="no such agent", mend=f"say one of {known}"
        )
    return found


def _row(agent: Agent, specs: tuple[ToolSpec, ...]) -> dict[str, object]:
    return {
        "agent": f"{agent.name}/{agent.version}",
        "digest": digest_of(agent, specs),
        "ceiling": agent.ceiling.name,
        "model": agent.model.name if agent.model is not None else "playbook",
        "kinds": ", ".join(agent.kinds),
    }


def _text(value: Mapping[str, object] | object) -> str:
    if isinstance(value, str):
        return value
    return yaml.safe_dump(
        json.loads(json.dumps(value)), sort_keys=False, allow_unicode=True
    ).rstrip()
