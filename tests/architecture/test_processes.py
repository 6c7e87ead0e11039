"""The Procfile and the command agree on what runs."""

from cli.processes import PROCESSES
from storage.grants import ROLES
from tests.architecture.sources import ROOT


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def test_the_procfile_names_every_process() -> None:
    """Each process of the command has a line, and ``release`` migrates."""
    assert {
        "release": "autopilot db upgrade",
        **{name: f"autopilot run {name}" for name in PROCESSES},
    } == procfile()


def test_each_process_has_a_role_of_its_own() -> None:
    """No process connects as another."""
    assert set(ROLES) == set(PROCESSES)
