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


MODEL = """\
driver: model
model:
  name: small
  prompt: You triage {service}.
  budget: {turns: 6, tokens: 60000, seconds: 90, usd: 0.10}
"""


def test_an_agent_with_a_model_keeps_its_playbook() -> None:
    """It takes over when the model gives nothing."""
    text = agent_text().replace("driver: playbook\n", MODEL)
    agent = parse_agent(text, path="agents/a/1.yaml")

    assert agent.model is not None
    assert "small" == agent.model.name
    assert agent.playbook.steps


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{service}", "{title}", "names {title}; it may name {agent}"),
        ("driver: model\n", "driver: playbook\n", "say both, or neither"),
        ("turns: 6", "turns: 1", "model.budget.turns: Input should be greater"),
        ("seconds: 90, ", "", "model.budget.seconds: Field required"),
    ],
)
def test_a_model_that_can_not_be_is_refused_with_its_line(
    old: str, new: str, said: str
) -> None:
    """At submit, not at the first task."""
    text = agent_text().replace("driver: playbook\n", MODEL.replace(old, new))

    with pytest.raises(PlaybookError) as refused:
        parse_agent(text, path="agents/a/1.yaml")
    assert said in str(refused.value)
