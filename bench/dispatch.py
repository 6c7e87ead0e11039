"""From the call that enqueues a job to the start of its body, arrivals far apart."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from uuid import UUID

import psycopg

from bench.floors import pg_loop
from bench.measure import P50, Case, Goal, Sample, Side, summary
from bench.rows import AGENT
from bench.world import Bench
from gateway.agents import load_agents
from gateway.client import GatewayClient
from gateway.tokens import Signer
from orchestrator.launch import HostOptions, Job, RunExit, Sandboxes
from orchestrator.timers import Timers
from orchestrator.worker import Worker
from policy.task import RunOutcome
from storage import runs
from storage.database import Database
from storage.doorbell import Bell, Doorbell, listening
from storage.redacted import Redacted
from storage.steps import Step
from tests.samples import add_task

# Arrivals 20 to 120 ms apart, as in the measurement that the goal comes from.
_APART_SECONDS = (0.02, 0.12)
_PER_SECOND = 10


class _Stopwatch(Sandboxes):
    """Notes when a run would start, and reports an empty one."""

    def __init__(self, bench: Bench, database: Database) -> None:
        super().__init__(HostOptions(script=Path("-"), python="-"))
        self.begun = asyncio.Event()
        self._bench = bench
        self._database = database

    @property
    def provider(self) -> str:
        return "bubblewrap"

    async def run(self, job: Job) -> RunExit:
        self.begun.set()
        async with self._database.transaction(self._bench.scope, Step.report_run) as tx:
            await runs.report(tx, UUID(job.id), RunOutcome.finished, Redacted({}))
        return RunExit(job.id, 0, 0, "", 0.0)


@asynccontextmanager
async def dispatch(bench: Bench) -> AsyncIterator[list[Case]]:
    async with (
        _product(bench) as product,
        _floor(bench) as floor,
    ):
        yield [
            Case(
                "dispatch",
                product,
                {"SKIP LOCKED loop": (floor, (Goal(P50, 1.5),))},
            )
        ]


@asynccontextmanager
async def _product(bench: Bench) -> AsyncIterator[Side]:
    worker_db, gateway_db = bench.database("worker"), bench.database("gateway")
    stopwatch = _Stopwatch(bench, gateway_db)
    signer = Signer(bench.environment["TOKEN_PRIVATE_KEY"])

    async def nothing(*_: object) -> None:
        return

    timers = Timers(bench.environment["REDIS_URL"], wake=nothing, sweep=nothing)
    worker = Worker(
        name="bench",
        environment="prod",
        database=worker_db,
        gateway=GatewayClient("/nowhere", signer, worker_db.now),
        sandboxes=stopwatch,
        signer=signer,
        agents=load_agents(bench.agents),
        runner_socket=Path("/nowhere"),
        timers=timers,
    )
    name, version = AGENT
    numbers = iter(range(1_000_000))

    async def enqueue() -> None:
        async with worker_db.transaction(bench.scope, Step.set_up) as tx:
            await add_task(
                tx,
                agent=name,
                agent_version=version,
                group_key=f"dispatch/{next(numbers)}",
            )

    async def side() -> Sample:
        return await _time(bench.seconds, enqueue, stopwatch.begun)

    url = bench.environment["DATABASE_URL_WORKER"]
    async with listening(url, Bell.tasks) as bell, asyncio.TaskGroup() as group:
        working = group.create_task(worker.run(bell, Doorbell()))
        yield side
        working.cancel()
    for database in (worker_db, gateway_db):
        await database.close()


@asynccontextmanager
async def _floor(bench: Bench) -> AsyncIterator[Side]:
    begun, ready = asyncio.Event(), asyncio.Event()
    connect = psycopg.AsyncConnection.connect
    async with (
        await connect(bench.floor_url, autocommit=True) as connection,
        asyncio.TaskGroup() as group,
    ):
        working = group.create_task(pg_loop.work(bench.floor_url, begun.set, ready))
        await ready.wait()

        async def side() -> Sample:
            return await _time(
                bench.seconds, lambda: pg_loop.enqueue(connection), begun
            )

        yield side
        working.cancel()


async def _time(
    seconds: float, enqueue: Callable[[], Awaitable[None]], begun: asyncio.Event
) -> Sample:
    """Enqueue one at a time, and wait until each begins."""
    times = []
    for _ in range(max(3, int(seconds * _PER_SECOND))):
        await asyncio.sleep(random.uniform(*_APART_SECONDS))  # noqa: S311 - arrivals
        begun.clear()
        began = perf_counter()
        await enqueue()
        async with asyncio.timeout(10):
            await begun.wait()
        times.append((perf_counter() - began) * 1000)
    return summary(times, seconds)
