"""All processes and the lab, as the demo runs them, for a test to play with."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from bot.identity import read_value
from cli.lab_client import Button, LabClient
from cli.local_world import (
    CHANNEL,
    LocalWorld,
    Servers,
    Wanted,
    free_port,
    prepare,
    servers,
)
from cli.supervisor import SHARED, Program, Supervisor
from tests.journeys.balancer import balanced

# Settings with which Slack is heard over Socket Mode.
OVER_SOCKETS: Mapping[str, str] = {
    "SLACK_APP_TOKEN": "xapp-journeys",
    "LAB_SLACK_APP_TOKEN": "xapp-journeys",
}
APPROVE = "proposal:approve"
EDIT = "proposal:edit"
SERVICE = "discourse"
_QUICK = {"WORKER_LEASE_SECONDS": "3", "COURIER_LEASE_SECONDS": "3"}
_TIME_SCALE = 5.0
# A port is found free before its process takes it: two runs of tests side by side look
# in places of their own, below those that the system gives out itself.
_FIRST_PORT, _PORTS_EACH, _PROCESSES = 12_000, 100, 200
# An answer that is lost where nothing can be read back, as the gateway would leave it.
_LOSE = """
    UPDATE proposals SET state = 'outcome_unknown', closed_reason = 'no answer came'
    WHERE state IN ('succeeded', 'failed') RETURNING 1
"""
_SHOW = """
    INSERT INTO outbox (tenant_id, environment, id, task_id, destination, slot, version,
      kind, lane, payload, state, created_at)
    SELECT DISTINCT ON (slot) tenant_id, environment, gen_random_uuid(), task_id,
      destination, slot, version + 1, kind, lane, payload || '{"state":
      "outcome_unknown", "closed_reason": "no answer came"}'::jsonb, 'pending', now()
    FROM outbox WHERE kind = 'card' AND payload->>'state' IN ('succeeded', 'failed')
    ORDER BY slot, version DESC
"""


class NotYet(Exception):
    """What a test waited for did not come."""


@dataclass
class Stack:
    """One running world; ``faults`` is the folder of fault points."""

    world: LocalWorld
    lab: LabClient
    supervisor: Supervisor
    running: Servers
    faults: Path
    web_ports: Sequence[int]

    def arm(self, point: str) -> None:
        (self.faults / "armed" / point).touch()

    def was_killed(self, point: str) -> bool:
        """An armed point's file is gone once a process has died there."""
        return not (self.faults / "armed" / point).exists()

    @property
    def visited(self) -> set[str]:
        return {path.name for path in (self.faults / "visited").iterdir()}

    def kill(self, process: str) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.supervisor.pids[process], signal.SIGKILL)

    def rows(self, query: str, *params: object) -> list[tuple[object, ...]]:
        """Read as the server's owner, past every wall."""
        with psycopg.connect(self.running.postgres.admin_url("autopilot")) as admin:
            return list(admin.execute(query.encode(), params or None).fetchall())

    def change(self, statement: str) -> None:
        with psycopg.connect(self.running.postgres.admin_url("autopilot")) as admin:
            admin.execute(statement.encode())

    async def post_webhook(self, body: bytes) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as http:
            token = self.world.environment["LAB_WEBHOOK_TOKEN"]
            return await http.post(
                f"{self.world.web_url}/webhooks/alertmanager/lab",
                content=body,
                headers={"Authorization": f"Bearer {token}"},
            )

    async def readiness(self) -> Any:
        """Read what the web process says of itself."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            return (await http.get(f"{self.world.web_url}/readyz")).json()

    async def get(self, path: str) -> Any:
        """Read the lab's control API."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            answer = await http.get(f"{self.world.lab_url}{path}")
            return answer.raise_for_status().json()

    async def delete(self, path: str) -> None:
        """Clear what the lab's control API holds there."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            (await http.delete(f"{self.world.lab_url}{path}")).raise_for_status()

    async def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """Post to the lab's control API."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            return await http.post(f"{self.world.lab_url}{path}", json=body)


@asynccontextmanager
async def running_stack(
    folder: Path, *, settings: Mapping[str, str] | None = None, webs: int = 1
) -> AsyncIterator[Stack]:
    """
    Start everything, quick leases and a quick platform, and stop it at the end.

    Of several web processes, Slack and whoever alerts reach one after the other.
    """
    faults = folder / "faults"
    (faults / "armed").mkdir(parents=True, exist_ok=True)
    (faults / "visited").mkdir(exist_ok=True)
    inherited = os.environ  # noqa: TID251 - handed on to the processes
    own = {name: inherited[name] for name in SHARED if name in inherited}
    async with servers(folder, durable=False) as running:
        own_ports = _FIRST_PORT + os.getpid() % _PROCESSES * _PORTS_EACH
        door, lab_port = free_port(own_ports), free_port(own_ports + _PORTS_EACH // 2)
        world = await prepare(
            running,
            Wanted(
                folder,
                (door, lab_port),
                own | {"AUTOPILOT_FAULT_FOLDER": str(faults)},
                time_scale=_TIME_SCALE,
                settings={**_QUICK, **(settings or {})},
            ),
        )
        ports = [door] if webs == 1 else _ports_above(door, webs)
        lab = LabClient(
            world.lab_url, platform_token=world.environment["PLATFORM_TOKEN"]
        )
        supervisor = Supervisor(
            _on_ports(world.programs(), ports),
            world.logs,
            print,
            longest_wait_seconds=0.5,
        )
        async with balanced(door, ports), asyncio.TaskGroup() as group:
            keeping = group.create_task(supervisor.run())
            stack = Stack(world, lab, supervisor, running, faults, ports)
            try:
                await until(lambda: _is_ready(stack), "all processes are up", 60)
                yield stack
            finally:
                keeping.cancel()
                await lab.close()


def _ports_above(door: int, count: int) -> list[int]:
    """Give so many free ports, none of them ``door``."""
    found: list[int] = []
    for _ in range(count):
        found.append(free_port(max([door, *found]) + 1))
    return found


def _on_ports(programs: Sequence[Program], ports: Sequence[int]) -> list[Program]:
    """Run one web process on each port: ``web``, ``web 2`` and so on."""
    found = []
    for one in programs:
        if one.name != "web":
            found.append(one)
            continue
        for number, port in enumerate(ports, 1):
            name = one.name if number == 1 else f"{one.name} {number}"
            environment = {**one.environment, "WEB_PORT": str(port)}
            found.append(Program(name, one.command, environment))
    return found


async def until(
    check: Callable[[], Awaitable[bool]], what: str, seconds: float
) -> None:
    """Wait for a condition; an HTTP failure meanwhile counts as not yet."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        with suppress(httpx.HTTPError):
            if await check():
                return
        await asyncio.sleep(0.1)
    raise NotYet(f"after {seconds:.0f} s: {what}")


async def roots(stack: Stack) -> list[Mapping[str, object]]:
    """Give every thread's first message."""
    return [
        one
        for one in await stack.lab.messages(CHANNEL)
        if one.get("bot_id")
        and not one.get("ephemeral")
        and one.get("thread_ts", one["ts"]) == one["ts"]
    ]


async def find_button(stack: Stack, action_id: str) -> Button | None:
    """Give the newest button of that action whose proposal still waits for people."""
    button = await stack.lab.find_button(CHANNEL, action_id)
    waits = "SELECT 1 FROM proposals WHERE id = %s AND state = 'needs_approval'"
    if button is None or not stack.rows(waits, proposal_of(button)):
        return None
    return button


def lose_the_end(stack: Stack) -> None:
    """Have nobody know how what was carried out has ended, and its card say so."""
    stack.change(_LOSE)
    stack.change(_SHOW)


def proposal_of(button: Button) -> UUID:
    return read_value(button.value)[0]


async def click_until_heard(stack: Stack, action_id: str) -> None:
    """
    Click as a person does: again, if Slack shows that the app did not answer.

    A card whose proposal was just replaced still stands until its edit arrives; a click
    on it is void, so this waits for the one that can be decided.
    """
    clicked_on: set[UUID] = set()

    async def clicked() -> bool:
        button = await find_button(stack, action_id)
        if button is None:
            return any(_was_approved(stack, proposal) for proposal in clicked_on)
        clicked_on.add(proposal_of(button))
        answer = await stack.lab.click(button)
        return answer.get("status") == httpx.codes.OK

    await until(clicked, f"the click on {action_id} is heard", 60)


def _was_approved(stack: Stack, proposal: UUID) -> bool:
    given = "SELECT 1 FROM approvals WHERE NOT void AND proposal_id = %s"
    return bool(stack.rows(given, proposal))


async def _is_ready(stack: Stack) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
        answers = [
            await http.get(f"http://127.0.0.1:{port}/readyz")
            for port in stack.web_ports
        ]
    log = stack.world.logs / "worker.log"
    return (
        all(one.is_success for one in answers)
        and await stack.lab.is_up()
        and log.exists()
        and "sandbox.ready" in log.read_text()
    )
