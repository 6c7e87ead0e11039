"""A version's digest covers every part, its tools' schemas too."""

from dataclasses import replace

import pytest

from gateway.agent_parts import digest_of, parts_of
from gateway.agents import Agent, load_agents
from gateway.tools.catalog import all_tools
from policy.decision import Level
from tests.gateway.modelled import LIMITS
from tests.gateway.world import AGENTS
from wire.model import ModelDefinition

SPECS = all_tools().specs
AGENT = load_agents(AGENTS)["reliability-triage", 1]
MODEL = ModelDefinition(name="small", prompt="You triage.", budget=LIMITS)


def changed(**changes: object) -> Agent:
    return replace(AGENT, **changes)  # type: ignore[arg-type]


VARIANTS = {
    "version": changed(version=2),
    "ceiling": changed(ceiling=Level.L1),
    "tools": changed(tools=AGENT.tools[1:]),
    "playbook": changed(playbook={**AGENT.playbook, "values": {}}),
    "budget": changed(tool_calls=9),
    "model": changed(model=MODEL),
    "prompt": changed(model=MODEL.model_copy(update={"prompt": "You guess."})),
    "params": changed(model=MODEL.model_copy(update={"temperature": 1.0})),
}


@pytest.mark.parametrize("part", VARIANTS)
def test_every_part_counts(part: str) -> None:
    """A change of any of them alone is a digest of its own."""
    others = [AGENT, *(one for name, one in VARIANTS.items() if name != part)]

    assert digest_of(VARIANTS[part], SPECS) not in {
        digest_of(one, SPECS) for one in others
    }


def test_a_tools_schema_counts() -> None:
    """The file is the same, and the version is another."""
    first, *rest = [one for one in SPECS if one.name in AGENT.tools]
    wider = replace(first, params_schema={**first.params_schema, "maxProperties": 9})

    assert digest_of(AGENT, SPECS) != digest_of(AGENT, [wider, *rest])


def test_what_is_no_part_does_not_count() -> None:
    """Neither where it lies nor how it is commented."""
    moved = changed(path=AGENT.path.parent, digest="other")

    assert digest_of(AGENT, SPECS) == digest_of(moved, SPECS)
    assert "none" == parts_of(AGENT, SPECS)["model"]
