"""Servers as the demo starts them, the product's settings, and processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

import httpx
import psycopg

from cli.clock import utc_now
from cli.local_world import (
    DATABASE,
    SCOPE,
    LocalWorld,
    Wanted,
    free_port,
    prepare,
    servers,
)
from cli.processes import ROOT
from cli.supervisor import environment_of
from policy.scope import Scope
from storage.database import Database, connect

FLOORS = "floors"
_TABLES = Path(__file__).parent / "floors" / "tables.sql"
_START_SECONDS = 60.0
_FIRST_PORT = 18300


@dataclass(frozen=True, slots=True)
class Bench:
    """
    What every case needs.

    ``admin_url`` is a superuser's, to count what was stored; ``floor_url`` a database
    of the floors' own on the same server; ``seconds`` is how long one side is measured
    in one round.
    """

    world: LocalWorld
    admin_url: str
    floor_url: str
    seconds: float
    ports: "count[int]"

    @property
    def environment(self) -> Mapping[str, str]:
        return self.world.environment

    @property
    def scope(self) -> Scope:
        return SCOPE

    @property
    def agents(self) -> Path:
        return ROOT / "agents"

    def port(self) -> int:
        return free_port(next(self.ports))

    def product(self, process: str) -> Mapping[str, str]:
        """Give the settings of one of the Procfile's processes."""
        return environment_of(process, self.environment)

    def count(self, query: str) -> int:
        """Count what the product stored; ``query`` gives one number."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            row = admin.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0

    def database(self, role: str) -> Database:
        return connect(self.environment[f"DATABASE_URL_{role.upper()}"], utc_now)


@asynccontextmanager
async def benching(folder: Path, seconds: float) -> AsyncIterator[Bench]:
    """Start durable servers and a fresh database; everything ends with the block."""
    async with servers(folder) as running:
        ports = count(_FIRST_PORT)
        wanted = Wanted(
            folder=folder,
            ports=(free_port(next(ports)), free_port(next(ports))),
            base_environment={"PATH": os.defpath},
            settings={
                "GATEWAY_READS_PER_MINUTE": "100000000",
                "GATEWAY_TOOL_READS_PER_MINUTE": "100000000",
            },
        )
        world = await prepare(running, wanted)
        with psycopg.connect(running.postgres.admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {FLOORS} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {FLOORS}".encode())
        with psycopg.connect(
            running.postgres.admin_url(FLOORS), autocommit=True
        ) as own:
            own.execute(_TABLES.read_bytes())
        ports = count(next(ports) + 10)
        yield Bench(
            world,
            running.postgres.admin_url(DATABASE),
            running.postgres.admin_url(FLOORS),
            seconds,
            ports,
        )


@asynccontextmanager
async def process(
    bench: Bench, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> AsyncIterator[int]:
    """Run a process in a session of its own; give its id."""
    bench.world.logs.mkdir(parents=True, exist_ok=True)
    with (bench.world.logs / f"{name}.log").open("ab") as log:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield started.pid
    finally:
        if started.returncode is None:
            os.killpg(started.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                await started.wait()
        except TimeoutError:
            os.killpg(started.pid, signal.SIGKILL)
            await started.wait()


@asynccontextmanager
async def served(bench: Bench, floor: str, suffix: str = "") -> AsyncIterator[int]:
    """Serve ``bench.floors.<floor>`` by uvicorn; ``suffix`` is added to its URL."""
    port = bench.port()
    command = ("-m", "bench.floors", floor, str(port))
    environment = {"FLOOR_DATABASE_URL": bench.floor_url + suffix}
    async with process(bench, floor, command, environment):
        await answering(port)
        yield port


@asynccontextmanager
async def product_web(bench: Bench, settings: Mapping[str, str]) -> AsyncIterator[int]:
    """Run the product's web process; give its port."""
    port = bench.port()
    environment = {**bench.product("web"), "WEB_PORT": str(port), **settings}
    async with process(bench, "web", ("-m", "cli.main", "run", "web"), environment):
        await answering(port)
        yield port


async def answering(port: int, path: str = "/healthz") -> float:
    """Wait for the first 200 of a server; give the seconds that it took."""
    began = perf_counter()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", trust_env=False
    ) as client:
        while perf_counter() - began < _START_SECONDS:
            try:
                if (await client.get(path)).status_code == httpx.codes.OK:
                    return perf_counter() - began
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.005)
    raise TimeoutError(f"port {port}: no 200 within {_START_SECONDS:.0f} s")
