"""An environment that holds what a test puts there, and nothing of the developer's."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.processes import ROOT
from cli.supervisor import KNOWN
from tests.cli.world import Autopilot, Environment
from tests.database import Cluster, Urls


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Give an environment without any setting of ours."""
    for names in KNOWN.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    for name in ("AGENTS_FOLDER", "AUTOPILOT_FAULT_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    return Environment(monkeypatch)


@pytest.fixture
def release_texts(tmp_path: Path, environment: Environment) -> Path:
    """Give a copy of the shipped agents, policy and routes, and point to it."""
    folder = tmp_path / "release"
    shutil.copytree(ROOT / "agents", folder / "agents")
    shutil.copytree(ROOT / "policy" / "rules", folder / "policy")
    shutil.copy(ROOT / "routes.yaml", folder)
    environment.set(
        AGENTS_FOLDER=folder / "agents",
        POLICY_FOLDER=folder / "policy",
        ROUTES_FILE=folder / "routes.yaml",
    )
    return folder


@pytest.fixture
def autopilot(capfd: pytest.CaptureFixture[str]) -> Autopilot:
    return Autopilot(capfd)


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Urls]:
    """Give a database that nobody has migrated."""
    with cluster.cloned("template1") as made:
        yield made


@pytest.fixture
def nowhere(tmp_path: Path) -> str:
    """Give the URL of a database whose server does not run."""
    return f"postgresql://autopilot:secret@/autopilot?host={tmp_path}"
