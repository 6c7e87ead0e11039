"""The sandbox from outside: the escape test and life and death, for each provider."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket

from runner.escape_test import Outcome, Probe
from runner.providers import Provider
from runner.sandbox import build, choose
from tests.runner.sandboxed import (
    PROJECT,
    children_of,
    gateway_socket,
    host_process,
    is_alive,
    job_for,
    wait_until,
    why_not,
)

PROVIDERS = ["bubblewrap", "namespaces"]
LIBRARIES = [
    "_yaml",
    "annotated_types",
    "anyio",
    "certifi",
    "distro",
    "h11",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "idna",
    "jiter",
    "jmespath",
    "openai",
    "pydantic",
    "pydantic_core",
    "sniffio",
    "truststore",
    "typing_extensions.py",
    "typing_inspection",
    "yaml",
]


@pytest.fixture(autouse=True)
def _sockets() -> None:
    pytest_socket.enable_socket()


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    reason = why_not(name)
    if reason is not None:
        pytest.skip(f"{name}: {reason}")
    return name


def test_nothing_escapes(provider: str, tmp_path: Path) -> None:
    """Network, files, sockets, processes, powers: every probe of the test holds."""
    forbidden = str(tmp_path / "control.sock")
    with host_process(provider, "--forbid-socket", forbidden) as host:
        started = host.wait_for("started")
        host.ask("selftest", "again")
        again = host.wait_for("selftest", "again")

    assert [one for one in started["probes"] if not one["passed"]] == []
    assert started["passed"]
    assert again["passed"]
    assert any(forbidden in one["name"] for one in again["probes"])


def test_a_run_lives_and_is_killed_whole(provider: str) -> None:
    """Killed from outside, nothing of it is left."""
    with gateway_socket() as path, host_process(provider) as host:
        started = host.wait_for("started")
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        ready = host.wait_for("ready", "r1")
        family = [ready["pid"], *children_of(ready["pid"])]
        host.ask("kill", "r1")
        ended = host.wait_for("exit", "r1")

        assert ended["signal"] == signal.SIGKILL
        assert len(family) > 1
        assert wait_until(lambda: not any(is_alive(pid) for pid in family))


def test_the_hosts_death_ends_every_run(provider: str) -> None:
    """SIGKILL to the host: its runs die with it."""
    with gateway_socket() as path, host_process(provider) as host:
        started = host.wait_for("started")
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        host.wait_for("ready", "r1")
        family = children_of(host.process.pid)
        host.process.kill()
        host.process.wait()

        assert family
        assert wait_until(lambda: not any(is_alive(pid) for pid in family))


def test_the_workers_death_ends_the_host(provider: str) -> None:
    """The control socket closes: the host kills what it started, and goes."""
    with gateway_socket() as path, host_process(provider) as host:
        started = host.wait_for("started")
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        host.wait_for("ready", "r1")
        family = children_of(host.process.pid)
        host.control.close()

        assert host.process.wait(30) == 0
        assert wait_until(lambda: not any(is_alive(pid) for pid in family))


def test_a_job_that_is_none_tells_no_token(provider: str) -> None:
    """The run crashes, its stderr comes back, and the token is not in it."""
    with gateway_socket() as path, host_process(provider) as host:
        host.wait_for("started")
        host.ask("spawn", "r1", job='{"token": "sesame"}', at=path)
        ended = host.wait_for("exit", "r1")

    assert ended["exit_code"] != 0
    assert "socket_path" in ended["stderr_tail"]
    assert "sesame" not in ended["stderr_tail"]


def test_the_host_keeps_no_token(provider: str) -> None:
    """The job's bytes are in no writable page of the host."""
    with gateway_socket() as path, host_process(provider) as host:
        started = host.wait_for("started")
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        host.wait_for("ready", "r1")

        assert not memory_holds(host.process.pid, b"token-of-the-job")


def test_a_socket_that_is_not_there_is_an_exit(provider: str) -> None:
    """Not started: exit code 125, and why."""
    with host_process(provider) as host:
        host.wait_for("started")
        host.ask("spawn", "r1", job="{}", at="/nowhere/runner.sock")
        ended = host.wait_for("exit", "r1")

    assert ended["exit_code"] == 125
    assert "/nowhere" in ended["stderr_tail"]


@pytest.fixture(scope="module")
def readable_copy() -> Iterator[Path]:
    """A project and a venv that any user may read, on the system's Python."""
    system = Path("/usr/bin/python3")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody else")
    if not system.exists() or version not in str(system.resolve()):
        pytest.skip(f"/usr/bin/python3 is no Python {version}")
    with tempfile.TemporaryDirectory(prefix="copy-") as folder:
        Path(folder).chmod(0o755)
        _copy_project(Path(folder), system)
        yield Path(folder)


def _copy_project(folder: Path, system: Path) -> None:
    subprocess.run([system, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    ours = Path(pytest.__file__).parents[1]
    theirs = next((folder / "venv").glob("lib/python*/site-packages"))
    for name in LIBRARIES:
        source = ours / name
        if source.is_dir():
            shutil.copytree(source, theirs / name)
        elif source.exists():
            shutil.copy(source, theirs / name)
        # Some ask for their own version.
        for facts in ours.glob(f"{name}-*.dist-info"):
            shutil.copytree(facts, theirs / facts.name)
    for room in ("runner", "wire"):
        shutil.copytree(PROJECT / room, folder / room)


def test_an_ordinary_user_gets_the_same_walls(
    provider: str, readable_copy: Path
) -> None:
    """As uid 65534, without root's powers: the same escape test passes."""
    python = str(readable_copy / "venv" / "bin" / "python")
    with (
        gateway_socket() as path,
        host_process(
            provider, python=python, project=readable_copy, user=65_534
        ) as host,
    ):
        started = host.wait_for("started")
        failed = [one for one in started["probes"] if not one["passed"]]
        host.ask("spawn", "r1", job=job_for(started, path), at=path)
        ready = host.wait_for("ready", "r1")
        host.ask("kill", "r1")
        host.wait_for("exit", "r1")

    assert failed == []
    assert started["provider"] == provider
    assert ready["pid"] > 0


def test_a_host_with_an_environment_refuses_to_start() -> None:
    """A secret in the environment would be in every fork."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            PROJECT / "runner" / "zygote.py",
            "--control-fd",
            "0",
        ],
        env={"SECRET": "x"},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 2
    assert b"empty environment" in done.stderr


def outcome(*, passed: bool) -> Outcome:
    return Outcome(probes=(Probe(name="p", passed=passed, detail="d"),))


def test_auto_takes_the_first_that_passes() -> None:
    """And says why the one before did not."""
    if why_not("bubblewrap"):
        pytest.skip("bwrap is not installed")

    def tester(provider: Provider) -> Outcome:
        return outcome(passed=provider.name == "namespaces")

    chosen, tested, rejected = choose("auto", PROJECT, tester)

    assert (chosen.name, tested.passed) == ("namespaces", True)
    assert rejected == {"bubblewrap": "p (d)"}


def test_auto_ends_at_none() -> None:
    """Where nothing passes, nothing contains, and that is said."""
    chosen, tested, rejected = choose("auto", PROJECT, lambda _: outcome(passed=False))

    assert (chosen.name, chosen.contains, tested.passed) == ("none", False, False)
    assert set(rejected) == set(PROVIDERS)


def test_none_contains_nothing() -> None:
    """It is built by name, and its socket is the one outside."""
    provider = build("none", PROJECT)

    assert provider.inner_socket("/x/runner.sock") == "/x/runner.sock"


def memory_holds(pid: int, needle: bytes) -> bool:
    """Search the writable memory of a process."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in lines:
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(bound, 16) for bound in span.split("-"))
            memory.seek(start)
            try:
                held = memory.read(end - start) or b""
            except OSError:
                continue  # a page that has gone, or that nobody may read
            if needle in held:
                return True
    return False
