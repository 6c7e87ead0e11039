"""``autopilot agents``: what there is, and what tells versions apart."""

from pathlib import Path

import pytest

from tests.cli.world import Autopilot, Environment

ONE = "reliability-triage/1"
MODEL = """\
driver: model
model:
  name: small
  prompt: You triage {service}.
  budget: {turns: 6, tokens: 60000, seconds: 90, usd: 0.10}
"""


@pytest.fixture
def second(release_texts: Path) -> Path:
    """Add a second version, which asks a model and has a lower ceiling."""
    folder = release_texts / "agents" / "reliability-triage"
    text = (folder / "1.yaml").read_text()
    path = folder / "2.yaml"
    path.write_text(
        text.replace("version: 1", "version: 2")
        .replace("driver: playbook\n", MODEL)
        .replace("autonomy_ceiling: L2", "autonomy_ceiling: L1")
    )
    return path


@pytest.mark.usefixtures("second")
def test_every_version_is_listed(autopilot: Autopilot) -> None:
    """With a digest of its own, and what it asks."""
    said = autopilot("agents", "list", "--json")
    rows = said.document

    assert isinstance(rows, list)
    assert [(ONE, "playbook"), ("reliability-triage/2", "small")] == [
        (row["agent"], row["model"]) for row in rows
    ]
    assert 2 == len({row["digest"] for row in rows})
    assert 2 == len(autopilot("agents", "list").out.splitlines())


@pytest.mark.usefixtures("second")
def test_a_diff_names_the_parts(autopilot: Autopilot) -> None:
    """And nothing that is alike; a version is like itself."""
    changed = autopilot("agents", "diff", ONE, "reliability-triage/2", "--json")
    alike = autopilot("agents", "diff", ONE, ONE)
    text = autopilot("agents", "diff", ONE, "reliability-triage/2").out

    assert isinstance(changed.document, dict)
    assert ["autonomy_ceiling", "prompt", "model"] == list(changed.document)
    assert "-L2\n+L1" in text
    assert "+You triage {service}." in text
    assert "alike in every part" in alike.out


@pytest.mark.usefixtures("second")
def test_one_is_shown_whole(autopilot: Autopilot) -> None:
    """Prompt, tools with their schemas' digests, playbook."""
    shown = autopilot("agents", "show", "reliability-triage/2", "--json").document
    text = autopilot("agents", "show", ONE).out

    assert isinstance(shown, dict)
    assert "You triage {service}." == shown["prompt"]
    assert 64 == len(shown["tools"]["trace_lookup"]["schema"])
    assert "playbook:" in text


@pytest.mark.usefixtures("release_texts")
@pytest.mark.parametrize("named", ["nobody/1", "reliability-triage", ONE + "x"])
def test_what_is_not_there_is_named(autopilot: Autopilot, named: str) -> None:
    """With what is."""
    said = autopilot("agents", "show", named)

    assert 1 == said.code
    assert f"no such agent; say one of {ONE}" in said.complaint


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "  - trace_lookup\n",
            "  - trace_lookup\n  - restart\n",
            "no tool is called re",
        ),
        ("{service}", "{title}", "the prompt names {title}"),
        ("autonomy_ceiling: L1", "autonomy_ceiling: L9", "autonomy_ceiling"),
        ("turns: 6", "turns: 0", "turns"),
    ],
)
def test_a_bad_definition_is_refused_with_file_and_line(
    autopilot: Autopilot, second: Path, old: str, new: str, what: str
) -> None:
    """Whatever one asks of agents; the good ones beside it don't hide it."""
    second.write_text(second.read_text().replace(old, new, 1))
    said = autopilot("agents", "list")

    assert 1 == said.code
    assert what in said.complaint
    line = said.complaint.partition("2.yaml:")[2].partition(":")[0]
    assert int(line) > 0


def test_a_model_without_a_price_stops_before_anything_starts(
    autopilot: Autopilot, environment: Environment, second: Path, tmp_path: Path
) -> None:
    """Where an endpoint is configured; with the line that names the model."""
    models = tmp_path / "models.yaml"
    models.write_text(
        "models: {}\ntenant_per_day: {turns: 1, tokens: 1, seconds: 1, usd: 1}\n"
    )
    without = autopilot("policy", "check")
    environment.set(MODEL_BASE_URL="https://model.test/v1", MODELS_FILE=models)
    said = autopilot("policy", "check")

    assert 0 == without.code
    assert 1 == said.code
    assert f"{second}:" in said.complaint
    assert "model small has no price" in said.complaint
