"""
The parts of an agent's version, and the digest over all of them.

Its tools are part of it with their schemas: where a tool's schema changes, the digest
does, although the file is the same.
"""

from collections.abc import Mapping, Sequence

from gateway.agents import Agent
from policy.tool_spec import ToolSpec
from storage.canonical import digest


def parts_of(agent: Agent, specs: Sequence[ToolSpec]) -> Mapping[str, object]:
    """Give what makes a version what it is, by the name of each part."""
    known = {spec.name: spec for spec in specs}
    model = agent.model
    return {
        "kinds": list(agent.kinds),
        "autonomy_ceiling": agent.ceiling.name,
        "budget": {"tool_calls": agent.tool_calls, "seconds": agent.seconds},
        "tools": {
            name: {
                "version": known[name].version,
                "category": known[name].category.value,
                "schema": digest(known[name].params_schema),
            }
            for name in agent.tools
            if name in known
        },
        "prompt": model.prompt if model is not None else "",
        "model": (
            model.model_dump(mode="json", exclude={"prompt"}) if model else "none"
        ),
        "playbook": dict(agent.playbook),
    }


def digest_of(agent: Agent, specs: Sequence[ToolSpec]) -> str:
    """Give SHA-256 (hex) over name, version and all parts."""
    named = {"name": agent.name, "version": agent.version}
    return digest({**named, **parts_of(agent, specs)})
