"""The supervisor: restarts what dies, leaves no orphan, and shares no secret."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot.settings import CourierSettings, WebSettings
from cli.migrate import ReleaseSettings
from cli.processes import ROOT
from cli.supervisor import (
    KNOWN,
    SHARED,
    Program,
    Supervisor,
    environment_of,
    programs_of,
    read_procfile,
)
from gateway.settings import GatewaySettings
from orchestrator.settings import SealerSettings, WorkerSettings
from tests.cli.world import Environment, is_running, until, wait_for

SETTINGS: Mapping[str, type[BaseSettings]] = {
    "web": WebSettings,
    "gateway": GatewaySettings,
    "worker": WorkerSettings,
    "courier": CourierSettings,
    "sealer": SealerSettings,
    "release": ReleaseSettings,
}
SECRETS = (
    "SLACK_SIGNING_SECRET",
    "TOKEN_PRIVATE_KEY",
    "VAULT_KEY",
    "PLATFORM_TOKEN",
    "PROMETHEUS_TOKEN",
    "LEDGER_SIGNING_KEY",
    "CONNECTORS_FILE",
    "MODEL_API_KEY",
    "CONNECTOR_UNLEASH_TOKEN",
    *(f"DATABASE_URL_{name.upper()}" for name in SETTINGS),
)


def sh(name: str, script: str, **environment: str) -> Program:
    return Program(name, ("sh", "-c", script), {"PATH": "/bin:/usr/bin", **environment})


@asynccontextmanager
async def supervised(
    folder: Path, *programs: Program, said: list[str] | None = None
) -> AsyncIterator[Supervisor]:
    said = [] if said is None else said
    supervisor = Supervisor(programs, folder / "logs", said.append)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(supervisor.run())
        try:
            yield supervisor
        finally:
            running.cancel()


def words(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


async def test_what_dies_is_started_again(tmp_path: Path) -> None:
    """However it ends; each start is counted, and one log keeps them all."""
    log = tmp_path / "logs" / "web.log"
    async with supervised(
        tmp_path, sh("web", "echo out; echo err >&2; exit 3")
    ) as supervisor:
        await until(lambda: len(words(log)) == 4, "two starts")

    assert ["out", "err", "out", "err"] == words(log)
    assert supervisor.restarts["web"] >= 1


async def test_what_ended_is_said_with_its_last_words(tmp_path: Path) -> None:
    """Who started it must not have to look into five logs to see a crash loop."""
    said: list[str] = []
    script = "echo first; echo 'autopilot: set VAULT_KEY' >&2; exit 1"
    async with supervised(tmp_path, sh("gateway", script), said=said):
        await until(lambda: bool(said), "a word")

    log = tmp_path / "logs" / "gateway.log"
    assert said[0] == (
        "• gateway ended (exit 1), started again in 0.3 s: "
        f"autopilot: set VAULT_KEY ({log})"
    )


async def test_a_killed_process_is_another_one_afterwards(tmp_path: Path) -> None:
    async with supervised(tmp_path, sh("web", "exec sleep 1000")) as supervisor:
        await until(lambda: "web" in supervisor.pids, "a start")
        first = supervisor.pids["web"]
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pids["web"] != first, "a restart")

        assert is_running(supervisor.pids["web"])
        assert not is_running(first)


async def test_a_command_that_is_not_there_stops_no_other(tmp_path: Path) -> None:
    """Its log says why."""
    missing = Program("web", ("no-such-command",), {"PATH": "/bin"})
    log = tmp_path / "logs" / "web.log"
    async with supervised(tmp_path, missing, sh("worker", "exec sleep 1000")) as ours:
        await until(lambda: ours.restarts.get("web", 0) > 0, "a failed start")

        assert is_running(ours.pids["worker"])
    assert "no-such-command" in log.read_text() or "FileNotFound" in log.read_text()


FAMILY = "sleep 1000 & echo $! >> {pids}; echo $$ >> {pids}; wait"


async def test_stopping_ends_children_and_grandchildren(tmp_path: Path) -> None:
    """Also of a process that hands its own children no signal."""
    pids = tmp_path / "pids"
    async with supervised(tmp_path, sh("web", FAMILY.format(pids=pids))):
        await until(lambda: len(words(pids)) == 2, "a family")
        before = [is_running(int(pid)) for pid in words(pids)]

    assert [True, True] == before
    await until(lambda: not any(is_running(int(p)) for p in words(pids)), "their end")


async def test_what_a_dead_process_left_behind_is_ended(tmp_path: Path) -> None:
    """A restart beside the last one's children would have them both at work."""
    pids = tmp_path / "pids"
    script = f"sleep 1000 & echo $! >> {pids}; exit 1"
    async with supervised(tmp_path, sh("web", script)):
        await until(lambda: len(words(pids)) == 2, "a second start")

        assert not is_running(int(words(pids)[0]))


@pytest.mark.services
async def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    """It has eight seconds."""
    script = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    log = tmp_path / "logs" / "web.log"
    async with supervised(tmp_path, sh("web", script)) as supervisor:
        await until(lambda: words(log) == ["ready"], "a start")

    assert not is_running(supervisor.pids["web"])


ORPHANER = """
import asyncio, pathlib, sys
from cli.supervisor import Program, Supervisor
folder = pathlib.Path(sys.argv[1])
script = f"echo $$ > {folder}/pid; exec sleep 1000"
program = Program("web", ("sh", "-c", script), {"PATH": "/bin:/usr/bin"})
asyncio.run(Supervisor([program], folder / "logs", print).run())
"""


@contextmanager
def orphaner(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", ORPHANER, str(folder)], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_supervisor_leaves_no_process(tmp_path: Path) -> None:
    """The kernel ends the children of a supervisor that nobody could ask."""
    with orphaner(tmp_path) as supervisor:
        wait_for(lambda: words(tmp_path / "pid") != [], "a child")
        [child] = map(int, words(tmp_path / "pid"))
        assert is_running(child)
        supervisor.send_signal(signal.SIGKILL)
        wait_for(lambda: not is_running(child), "the child's end")


async def test_a_child_gets_its_own_environment_alone(
    tmp_path: Path, environment: Environment
) -> None:
    """Nothing of ours is inherited."""
    environment.set(VAULT_KEY="a-secret")
    log = tmp_path / "logs" / "web.log"
    async with supervised(tmp_path, sh("web", "env; echo end", WEB_PORT="1")):
        await until(lambda: "end" in words(log), "its environment")

    assert "WEB_PORT=1" in words(log)
    assert "a-secret" not in log.read_text()


@pytest.mark.parametrize("process", SETTINGS)
def test_a_process_gets_every_setting_that_it_reads(process: str) -> None:
    """One that is not handed on would be its default, or missing."""
    read = {str(one.alias) for one in SETTINGS[process].model_fields.values()}
    everything = dict.fromkeys(read, "x")

    assert everything == environment_of(process, everything)


def test_two_processes_name_people_alike() -> None:
    """Who takes alerts in, and who redacts what tools answer; nobody else."""
    given = [name for name in KNOWN if environment_of(name, {"PSEUDONYM_KEY": "x"})]

    assert ["web", "gateway"] == given


def test_two_processes_hand_values_to_a_person() -> None:
    """Who may lift them, and who whispers them."""
    given = [name for name in KNOWN if environment_of(name, {"REVEAL_KEY": "x"})]

    assert ["gateway", "courier"] == given


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_one_processs_own(secret: str) -> None:
    given = [name for name in KNOWN if environment_of(name, {secret: "x"})]

    assert 1 == len(given)
    assert secret not in SHARED


def test_credentials_of_connectors_go_to_the_gateway_alone() -> None:
    """Whatever their names: the file names them, and no list here must follow it."""
    given = {"CONNECTOR_A": "a", "CONNECTOR_OF_OURS": "b", "CONNECT": "c"}

    assert {"CONNECTOR_A": "a", "CONNECTOR_OF_OURS": "b"} == environment_of(
        "gateway", given
    )
    assert [] == [
        name for name in KNOWN if name != "gateway" and environment_of(name, given)
    ]


def test_who_is_not_known_gets_what_all_share() -> None:
    everything = dict.fromkeys(("PATH", "HOME", *SECRETS), "x")

    assert {"PATH": "x", "HOME": "x"} == environment_of("stranger", everything)


def test_the_shipped_processes_run_under_this_very_python() -> None:
    """Not under whatever ``autopilot`` the PATH finds; the release has run before."""
    programs = programs_of(ROOT / "Procfile", {"DATABASE_URL_WEB": "w", "PATH": "p"})

    assert {
        name: (sys.executable, "-m", "cli.main", "run", name)
        for name in SETTINGS
        if name != "release"
    } == {one.name: one.command for one in programs}
    assert [{"DATABASE_URL_WEB": "w", "PATH": "p"}] == [
        one.environment for one in programs if one.name == "web"
    ]


def test_another_command_is_taken_as_it_is(tmp_path: Path) -> None:
    """Quotes as in a shell; comments and blank lines are skipped."""
    procfile = tmp_path / "Procfile"
    procfile.write_text("# ours\n\n  \nweb: serve --name 'two words'  # not one\n")
    [web] = programs_of(procfile, {})

    assert ("serve", "--name", "two words") == web.command[:3]


@pytest.mark.parametrize("line", ["web", "web:", "web:   ", ": autopilot run web"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text(f"worker: autopilot run worker\n{line}\n")

    with pytest.raises(ValueError, match="Procfile:2: expected `name: command`"):
        read_procfile(procfile)
