"""``autopilot policy check``: all that is text, and the line of what is wrong."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.tools.catalog import all_tools
from tests.cli.world import Autopilot, Environment

CHECK = ("policy", "check")
AGENT = "agents/reliability-triage/1.yaml"


@dataclass(frozen=True)
class Broken:
    """Texts to break, and the command, with and without ``--json``."""

    autopilot: Autopilot
    folder: Path
    flags: tuple[str, ...]


@pytest.fixture(params=[(), ("--json",)], ids=["text", "json"])
def broken(
    request: pytest.FixtureRequest, autopilot: Autopilot, release_texts: Path
) -> Broken:
    return Broken(autopilot, release_texts, request.param)


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Replace text once; give the line on which it stood, from 1."""
    text = (folder / name).read_text()
    before, found, after = text.partition(old)
    assert found, f"{name} has no {old!r}"
    (folder / name).write_text(before + new + after)
    return before.count("\n") + 1


@pytest.mark.usefixtures("release_texts")
def test_what_is_shipped_passes(autopilot: Autopilot) -> None:
    """One document: bundle, tools, agents, routes and people by their ids."""
    said = autopilot(*CHECK, "--json")
    found = said.document

    assert isinstance(found, dict)
    assert (0, "") == (said.code, said.err)
    assert 64 == len(found["bundle"])
    assert {
        "bundle": found["bundle"],
        "tools": [spec.name for spec in all_tools().specs],
        "agents": ["reliability-triage/1"],
        "routes": ["reliability", "everything-else"],
        "people": ["operator", "second", "guest"],
        "connectors": [],
    } == found


@pytest.mark.usefixtures("release_texts")
def test_a_person_reads_the_same_facts(autopilot: Autopilot) -> None:
    said = autopilot(*CHECK)

    assert (0, "") == (said.code, said.err)
    assert "✓ routes     reliability, everything-else" in said.out.splitlines()
    assert 6 == len(said.out.splitlines())


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("policy/autonomy.yaml", "level: L1", "level: L9", "level"),
        ("policy/autonomy.yaml", "level: L1", "level: [L1", "not YAML"),
        ("policy/people.yaml", "    quorum: 1", "    quorum: 1\n    quorum: 2", ""),
        ("policy/people.yaml", "slack_user: U0SECOND", "slack_user: 7", "slack_user"),
        (AGENT, "autonomy_ceiling: L2", "autonomy_ceiling: L7", "autonomy_ceiling"),
        (AGENT, "driver: playbook", "driver: ]playbook", "not YAML"),
        (AGENT, "driver: playbook", "driver: playbook\ncolour: red", "colour"),
        (AGENT, "steps.snapshot.refused", "steps.snapsht.refused", "snapsht"),
        (AGENT, "      tool: get_dashboard_snapshot", "      tool: shell", "shell"),
        ("routes.yaml", "  - id: reliability", "  - id: 7", "id"),
        ("routes.yaml", "match: {}", "match: }", "not YAML"),
        ("routes.yaml", "  - id: everything-else", "  - id: x\n    more: 1", "more"),
    ],
)
def test_a_broken_text_is_named_with_its_line(
    broken: Broken, file: str, old: str, new: str, why: str
) -> None:
    """One line on standard error, nothing on standard output, exit 1."""
    line = change(broken.folder, file, old, new)
    said = broken.autopilot(*CHECK, *broken.flags)
    place, _, rest = said.complaint.partition(": ")[2].partition(": ")

    assert (1, "") == (said.code, said.out)
    assert place.rpartition(":")[0].endswith(file.rpartition("/")[2])
    assert abs(int(place.rpartition(":")[2]) - line) <= 1
    assert why in rest


def test_a_tool_that_does_not_exist_is_found(
    autopilot: Autopilot, release_texts: Path
) -> None:
    """An agent that may call what nobody serves would fail in the night."""
    old = "  - throttle_endpoint\n"
    change(release_texts, AGENT, old, f"{old}  - restart_everything\n")
    said = autopilot(*CHECK)

    assert (1, "") == (said.code, said.out)
    assert re.search(
        f"{AGENT}:[1-9][0-9]*: no tool is called restart_everything", said.complaint
    )


def test_an_agent_at_another_place_is_found(
    autopilot: Autopilot, release_texts: Path
) -> None:
    (release_texts / AGENT).rename(release_texts / AGENT.replace("1.yaml", "2.yaml"))
    said = autopilot(*CHECK)

    assert 1 == said.code
    assert "move it to reliability-triage/1.yaml" in said.complaint


@pytest.mark.parametrize(
    "file", ["policy/autonomy.yaml", "policy/guards.cedar", "routes.yaml"]
)
def test_a_missing_text_is_named(
    autopilot: Autopilot, release_texts: Path, file: str
) -> None:
    (release_texts / file).unlink()
    said = autopilot(*CHECK)

    assert (1, "") == (said.code, said.out)
    assert str(release_texts / file) in said.complaint


def test_a_folder_without_agents_is_said(
    autopilot: Autopilot, release_texts: Path
) -> None:
    (release_texts / AGENT).unlink()
    said = autopilot(*CHECK)

    assert 1 == said.code
    assert (
        "the folder holds no agents; expected <name>/<version>.yaml" in said.complaint
    )


def test_guards_that_are_no_cedar_are_named(
    autopilot: Autopilot, release_texts: Path
) -> None:
    guards = release_texts / "policy" / "guards.cedar"
    guards.write_text(guards.read_text() + "\npermit (\n")
    said = autopilot(*CHECK)

    assert (1, "") == (said.code, said.out)
    assert "guards.cedar:" in said.complaint


def test_an_agent_that_is_no_text_is_named(
    autopilot: Autopilot, release_texts: Path
) -> None:
    (release_texts / AGENT).write_bytes(b"\xff")
    said = autopilot(*CHECK)

    assert (1, "") == (said.code, said.out)
    assert f"{AGENT}:1: no UTF-8" in said.complaint


def test_connectors_are_checked_where_there_are_some(
    autopilot: Autopilot, environment: Environment, release_texts: Path
) -> None:
    """And listed as the port that each serves."""
    path = release_texts / "connectors.yaml"
    text = (
        "connectors:\n"
        "  metrics:\n"
        "    kind: prometheus\n"
        "    url: https://prometheus.test\n"
        "    auth: {bearer: CONNECTOR_PROMETHEUS_TOKEN}\n"
        "ports:\n"
        "  metrics: metrics\n"
    )
    path.write_text(text)
    environment.set(CONNECTORS_FILE=path)
    fine = autopilot(*CHECK)
    path.write_text(text.replace("https://", "http://"))
    said = autopilot(*CHECK)

    assert "✓ connectors metrics=metrics" in fine.out.splitlines()
    assert (1, "") == (said.code, said.out)
    assert "connectors.yaml:3: connectors.metrics.prometheus: " in said.complaint
    assert "use https" in said.complaint


def test_a_connectors_file_that_is_not_there_is_named(
    autopilot: Autopilot, environment: Environment, release_texts: Path
) -> None:
    environment.set(CONNECTORS_FILE=release_texts / "nowhere.yaml")
    said = autopilot(*CHECK)

    assert (1, "") == (said.code, said.out)
    assert "nowhere.yaml:0: No such file" in said.complaint
