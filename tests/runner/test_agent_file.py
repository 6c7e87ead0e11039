import pytest

from runner.agent_file import parse_agent
from runner.errors import PlaybookError
from tests.runner.incidents import AGENTS, TOOLS, agent_text


@pytest.mark.parametrize("path", sorted(AGENTS.rglob("*.yaml")), ids=str)
def test_every_shipped_agent_loads(path: object) -> None:
    """Name and version are those of the path."""
    found = next(one for one in AGENTS.rglob("*.yaml") if one == path)
    agent = parse_agent(found.read_text(), path=str(found))

    assert (agent.name, str(agent.version)) == (found.parent.name, found.stem)


def test_the_triage_agent() -> None:
    """What the gateway needs to know of it."""
    agent = parse_agent(agent_text(), path="1.yaml")

    assert list(agent.tools) == TOOLS
    assert agent.autonomy_ceiling == "L2"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("driver: playbook", "driver: vibes", "driver"),
        ("  - trace_lookup\n", "", "trace_lookup"),
        ("steps.snapshot.refused", "steps.snapsht.refused", "snapsht"),
        ("autonomy_ceiling: L2", "autonomy_ceiling: L4", "autonomy_ceiling"),
    ],
)
def test_a_bad_agent_does_not_load(old: str, new: str, what: str) -> None:
    """The playbook is checked with the agent's own tools, lines count in the file."""
    with pytest.raises(PlaybookError, match=what) as caught:
        parse_agent(agent_text().replace(old, new, 1), path="1.yaml")

    assert caught.value.line > 5
