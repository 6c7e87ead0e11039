"""``autopilot up``: all settings first, then the migration, then the processes."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.keys import new_keys
from cli.processes import ROOT
from storage.grants import ROLES
from tests.cli.world import Autopilot, Environment, is_running, wait_for

RUNNER = """
import asyncio, pathlib, sys
from cli.supervisor import Program, Supervisor
from cli.up import run_until_signal
folder = pathlib.Path(sys.argv[1])
script = f"echo $$ > {folder}/pid; exec sleep 1000"
program = Program("web", ("sh", "-c", script), {"PATH": "/bin:/usr/bin"})
asyncio.run(run_until_signal(Supervisor([program], folder / "logs", print)))
print("ended well")
"""


@pytest.fixture
def configured(environment: Environment, nowhere: str, tmp_path: Path) -> Environment:
    """Set everything; no server answers."""
    for role in (*ROLES, "release"):
        environment.set(**{f"DATABASE_URL_{role.upper()}": nowhere})
    environment.set(**new_keys())
    environment.set(
        REDIS_URL="redis://127.0.0.1:9/",
        GATEWAY_SOCKET_FOLDER=tmp_path / "gateway",
        PLATFORM_URL="http://platform",
        PROMETHEUS_URL="http://prometheus",
        SLACK_BOT_TOKEN="x",  # noqa: S106 - of a test
        SLACK_SIGNING_SECRET="x",  # noqa: S106 - of a test
    )
    return environment


@pytest.mark.parametrize(
    "name",
    [
        "DATABASE_URL_RELEASE",
        "SLACK_SIGNING_SECRET",
        "VAULT_KEY",
        "PSEUDONYM_KEY",
        "REVEAL_KEY",
        "TOKEN_PRIVATE_KEY",
        "DATABASE_URL_COURIER",
        "DATABASE_URL_SEALER",
    ],
)
def test_a_setting_of_any_process_is_missed_before_anything_starts(
    autopilot: Autopilot, configured: Environment, tmp_path: Path, name: str
) -> None:
    """Not by one process in its log while the others run."""
    configured.unset(name)
    said = autopilot("up", "--logs", str(tmp_path / "logs"))

    assert (1, "") == (said.code, said.out)
    assert said.complaint.startswith(f"autopilot: set {name} ")
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("name", ["TOKEN_PRIVATE_KEY", "TOKEN_PUBLIC_KEY", "VAULT_KEY"])
def test_a_key_that_is_none_stops_the_start(
    autopilot: Autopilot, configured: Environment, tmp_path: Path, name: str
) -> None:
    """A PEM that lost its line breaks, or a key that was cut."""
    configured.set(**{name: "nonsense"})
    said = autopilot("up", "--logs", str(tmp_path / "logs"))

    assert (1, "") == (said.code, said.out)
    assert name in said.complaint
    assert "autopilot keys new" in said.complaint
    assert "nonsense" not in said.err
    assert not (tmp_path / "logs").exists()


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("routes.yaml", "match: {}", "match: {"),
        ("policy/autonomy.yaml", "level: L1", "level: L9"),
        ("policy/guards.cedar", "\nforbid (", "\nforbidd ("),
        ("agents/reliability-triage/1.yaml", "driver: playbook", "driver: magic"),
        ("agents/reliability-triage/1.yaml", "steps.snapshot.refused", "steps.x.y"),
    ],
)
def test_a_broken_text_stops_the_start(
    autopilot: Autopilot, release_texts: Path, file: str, old: str, new: str
) -> None:
    """With file, line and mend, before anything is migrated or started."""
    path = release_texts / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    said = autopilot("up", "--logs", str(release_texts / "logs"))

    assert (1, "") == (said.code, said.out)
    assert re.search(rf"{path.name}:[1-9]\d*: .+; .+", said.complaint)
    assert not (release_texts / "logs").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("connectors: {", "connectors.yaml:1: not YAML"),
        ("ports:\n  flags: unleash\n", "connectors.yaml:2: port flags: no connector"),
        (
            """
connectors:
  m:
    kind: prometheus
    url: https://p.test
    auth: {bearer: CONNECTOR_P}
""",
            "connectors.yaml:6: connector m: the variable CONNECTOR_P is not set",
        ),
    ],
)
def test_broken_connectors_stop_the_start(
    autopilot: Autopilot,
    configured: Environment,
    release_texts: Path,
    text: str,
    why: str,
) -> None:
    """A credential that is not set, too."""
    path = release_texts / "connectors.yaml"
    path.write_text(text)
    configured.set(CONNECTORS_FILE=path)
    said = autopilot("up", "--logs", str(release_texts / "logs"))

    assert (1, "") == (said.code, said.out)
    assert why in said.complaint
    assert not (release_texts / "logs").exists()


@pytest.mark.usefixtures("configured")
def test_a_failed_migration_starts_no_process(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """Its own line and exit code are the answer."""
    said = autopilot("up", "--logs", str(tmp_path / "logs"))

    assert (1, "") == (said.code, said.out)
    assert "db upgrade: " in said.complaint
    assert [] == list((tmp_path / "logs").iterdir())


@pytest.mark.usefixtures("configured")
def test_logs_that_can_not_be_kept_are_said(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """Before the migration: a file lies where the folder should."""
    file = tmp_path / "logs"
    file.touch()
    said = autopilot("up", "--logs", str(file / "deeper"))

    assert (1, "") == (said.code, said.out)
    assert str(file) in said.complaint


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_ends_every_process(tmp_path: Path, number: signal.Signals) -> None:
    """And is no failure: a terminal and an init system both ask this way."""
    running = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pid = tmp_path / "pid"
    try:
        wait_for(lambda: pid.exists() and pid.read_text() != "", "a child")
        child = int(pid.read_text())
        running.send_signal(number)
        out, err = running.communicate(timeout=20)
    finally:
        running.kill()

    assert (0, b"ended well\n", b"") == (running.returncode, out, err)
    assert not is_running(child)
