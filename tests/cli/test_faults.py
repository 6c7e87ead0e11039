"""Fault points between processes: one kill, by whoever comes first."""

import signal
from pathlib import Path

import pytest

from cli.faults import fault_hook
from storage.database import no_faults
from tests.cli.world import Environment, python

POINT = "before:seal"
# Four processes pass the point at once; each tells by its end whether it was killed.
RACE = """
import os, sys
from cli.faults import fault_hook
visit = fault_hook()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        visit(sys.argv[1])
        os._exit(0)
    children.append(child)
print(*sorted(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.fixture
def folder(tmp_path: Path, environment: Environment) -> Path:
    """Give a fault folder in which nothing is armed."""
    (tmp_path / "armed").mkdir()
    (tmp_path / "visited").mkdir()
    environment.set(AUTOPILOT_FAULT_FOLDER=tmp_path)
    return tmp_path


@pytest.mark.parametrize("value", [None, ""])
def test_in_production_nothing_is_done(
    environment: Environment, value: str | None
) -> None:
    """Unset, or set to nothing."""
    if value is not None:
        environment.set(AUTOPILOT_FAULT_FOLDER=value)

    assert no_faults is fault_hook()


def test_a_point_that_is_not_armed_is_noted_and_passed(folder: Path) -> None:
    """Armed is one edge of one step: its neighbours are passed."""
    (folder / "armed" / "after:seal").touch()
    fault_hook()(POINT)

    assert [POINT] == [one.name for one in (folder / "visited").iterdir()]
    assert ["after:seal"] == [one.name for one in (folder / "armed").iterdir()]


def test_one_of_many_is_killed_at_an_armed_point(folder: Path) -> None:
    """By SIGKILL, once, and the point is noted."""
    (folder / "armed" / POINT).touch()
    first = python("-c", RACE, POINT)
    again = python("-c", RACE, POINT)

    assert f"0 0 0 {signal.SIGKILL:d}" == first.stdout.strip()
    assert "0 0 0 0" == again.stdout.strip()
    assert (folder / "visited" / POINT).exists()
