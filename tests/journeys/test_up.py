"""``autopilot up`` and ``doctor`` as a deployment runs them: real servers, no demo."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cli.local_world import LocalWorld, Wanted, free_port, prepare, servers
from cli.supervisor import Supervisor
from tests.architecture.sources import ROOT
from tests.journeys.stack import until

pytestmark = [pytest.mark.services, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Deployment:
    """Servers, a lab in Slack's and the platform's place, and all settings."""

    world: LocalWorld
    lab: Supervisor

    async def run(self, *command: str, **changes: str) -> tuple[int, str, str]:
        """Run a command to its end; give its exit code and what it printed."""
        child = await asyncio.create_subprocess_exec(
            *_autopilot(command),
            cwd=ROOT,
            env={**self.world.environment, **changes},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await child.communicate()
        assert child.returncode is not None
        return child.returncode, out.decode(), err.decode()

    async def diagnose(
        self, **changes: str
    ) -> tuple[int, dict[str, dict[str, object]]]:
        """Run doctor; give its exit code and its findings by check."""
        code, out, _ = await self.run("doctor", "--json", **changes)
        return code, {one["check"]: one for one in json.loads(out)}


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with servers(tmp_path, durable=False) as running:
        ports = (free_port(18280), free_port(18380))
        base = {"PATH": os.defpath}
        world = await prepare(running, Wanted(tmp_path, ports, base))
        lab, *_ = world.programs()
        supervisor = Supervisor([lab], world.logs, print)
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(supervisor.run())
            await until(lambda: _answers(world.lab_url), "the lab is up", 30)
            yield Deployment(world, supervisor)
            keeping.cancel()


async def test_up_runs_every_process_and_leaves_none(deployment: Deployment) -> None:
    """Ready, then told to stop: exit 0, and every process of it is gone."""
    async with _up(deployment) as (child, logs):
        await until(
            lambda: _answers(f"{deployment.world.web_url}/readyz"), "web is ready", 60
        )
        await until(lambda: _all_log(logs), "all processes write their logs", 60)
        family = _children(child.pid)
        child.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(child.wait(), 30)

    assert 0 == code
    assert 5 <= len(family)
    await until(lambda: _are_gone(family), "every process has ended", 5)


async def test_doctor_finds_nothing_in_a_whole_deployment(
    deployment: Deployment,
) -> None:
    """Each check passes, against real servers and the lab."""
    code, found = await deployment.diagnose()

    assert {} == {name: one for name, one in found.items() if one["ok"] is False}
    assert 0 == code
    assert {"policy", "tokens", "slack", "scopes", "redis", "sandbox"} <= set(found)
    assert {
        f"db {role}" for role in ("web", "gateway", "worker", "courier", "sealer")
    } <= set(found)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-of-somebody-else"}, "slack"),
        ({"REDIS_URL": "redis://127.0.0.1:9/0"}, "redis"),
        ({"DATABASE_URL_GATEWAY": "postgresql://nobody@127.0.0.1:9/x"}, "db gateway"),
        ({"TOKEN_PUBLIC_KEY": "no key"}, "tokens"),
        ({"POLICY_FOLDER": "/nowhere"}, "policy"),
    ],
)
async def test_doctor_names_what_is_broken(
    deployment: Deployment, changes: dict[str, str], check: str
) -> None:
    """One finding, with what to do, and exit 1."""
    code, found = await deployment.diagnose(**changes)
    broken = [name for name, one in found.items() if one["ok"] is False]

    assert (1, [check]) == (code, broken)
    assert found[check]["text"]


async def test_a_role_of_another_process_is_told(deployment: Deployment) -> None:
    """The courier's login in the gateway's place lacks the gateway's rights."""
    url = deployment.world.environment["DATABASE_URL_COURIER"]
    code, found = await deployment.diagnose(DATABASE_URL_GATEWAY=url)

    assert (1, False) == (code, found["db gateway"]["ok"])
    assert "GRANT autopilot_gateway" in str(found["db gateway"]["mend"])


async def test_a_missing_setting_is_named(deployment: Deployment) -> None:
    """Before anything starts, and without a traceback."""
    environment = dict(deployment.world.environment)
    del environment["SLACK_SIGNING_SECRET"]
    bare = Deployment(_with(deployment.world, environment), deployment.lab)
    code, _, err = await bare.run("up")

    assert 0 != code
    assert "set SLACK_SIGNING_SECRET" in err
    assert "Traceback" not in err


async def test_an_empty_ledger_verifies(deployment: Deployment) -> None:
    """A tenant without entries: said as such, exit 0."""
    code, out, _ = await deployment.run("audit", "verify", "--json")
    [tenant] = json.loads(out)

    assert (0, "genme", None) == (code, tenant["tenant_id"], tenant["problem"])


@asynccontextmanager
async def _up(
    deployment: Deployment,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    logs = deployment.world.folder / "up-logs"
    child = await asyncio.create_subprocess_exec(
        *_autopilot(["up", "--logs", str(logs)]),
        cwd=ROOT,
        env=dict(deployment.world.environment),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield child, logs
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


def _autopilot(command: list[str] | tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "cli.main", *command]


def _with(world: LocalWorld, environment: Mapping[str, str]) -> LocalWorld:
    return LocalWorld(world.folder, environment, world.web_url, world.lab_url)


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(url)).status_code == httpx.codes.OK


async def _all_log(logs: Path) -> bool:
    """The worker says that its sandbox is ready once the gateway answers it."""
    worker = logs / "worker.log"
    return worker.exists() and "sandbox.ready" in worker.read_text(encoding="utf-8")


async def _are_gone(pids: list[int]) -> bool:
    return not any(_is_alive(pid) for pid in pids)


def _is_alive(pid: int) -> bool:
    """A zombie has ended; its parent has not looked yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _children(pid: int) -> list[int]:
    """Give every process below ``pid``."""
    found = [pid]
    for parent in found:
        tasks = Path(f"/proc/{parent}/task").glob("*/children")
        found += [int(one) for task in tasks for one in task.read_text().split()]
    return found[1:]
