"""Agent files: what does not load says which file, which field and what to do."""

from pathlib import Path

import pytest

from gateway.agents import load_agents
from policy.errors import PolicyError
from tests.gateway.world import AGENTS

GOOD = """
name: triage
version: 2
kinds: [reliability]
tools: [trace_lookup]
budget: {tool_calls: 8, seconds: 60}
autonomy_ceiling: L2
driver: playbook
playbook: {steps: []}
"""


def write(folder: Path, text: str, name: str = "triage/2.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_shipped_agents_load() -> None:
    """Name and version are the key, the digest is the file's."""
    agents = load_agents(AGENTS)

    assert ("reliability-triage", 1) in agents
    assert all(len(one.digest) == 64 for one in agents.values())


def test_a_file_loads(tmp_path: Path) -> None:
    """Budget, tools and ceiling are read."""
    write(tmp_path, GOOD)
    agent = load_agents(tmp_path)["triage", 2]

    assert (8, 60, ("trace_lookup",), 2) == (
        agent.tool_calls,
        agent.seconds,
        agent.tools,
        agent.ceiling,
    )


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (GOOD.replace("version: 2", "version: two"), 3, "version: "),
        (GOOD.replace("L2", "L4"), 7, "autonomy_ceiling"),
        (GOOD.replace("reliability", "weather"), 4, r"kinds\.0"),
        (GOOD + "more: 1\n", 10, "more"),
        (GOOD.replace("seconds: 60", "secs: 60"), 6, r"budget\.se"),
        ("name: [", 1, "not YAML"),
        ("", 1, "document"),
    ],
)
def test_a_broken_file_names_itself(
    tmp_path: Path, text: str, line: int, why: str
) -> None:
    """File, line and field stand in the message."""
    path = write(tmp_path, text)

    with pytest.raises(PolicyError, match=why) as caught:
        load_agents(tmp_path)
    assert (str(path), line) == (caught.value.path, caught.value.line)


@pytest.mark.parametrize("name", ["triage/3.yaml", "other/2.yaml"])
def test_a_file_out_of_place_is_refused(tmp_path: Path, name: str) -> None:
    """What a file says must be where it lies."""
    write(tmp_path, GOOD, name)

    with pytest.raises(PolicyError, match=r"move it to triage/2\.yaml"):
        load_agents(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A gateway without agents serves nobody."""
    with pytest.raises(PolicyError, match="holds no agents"):
        load_agents(tmp_path)
