"""Memory, time to the first answer, and what an idle worker costs."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.gateway import listening_at
from bench.measure import Case, Goal, Sample, Side
from bench.world import Bench, answering, process
from cli.processes import RUNNER_SOCKET

_SETTLE_SECONDS = 1.0
_IDLE_SECONDS = 3.0
_RSS, _PSS, _START, _IDLE = "RSS MiB", "PSS MiB", "start s", "idle CPU %"
_PRODUCT = ("-m", "cli.main", "run")
# A third of what Keep's two workers take: 666 MB (docs/benchmarks.md).
_MOST_PSS_MIB = 222


@asynccontextmanager
async def footprint(bench: Bench) -> AsyncIterator[list[Case]]:
    """Start each process anew in every round; the gateway stands all the time."""
    settings = bench.product("gateway")
    socket = Path(settings["GATEWAY_SOCKET_FOLDER"]) / RUNNER_SOCKET
    async with process(bench, "gateway", (*_PRODUCT, "gateway"), settings) as gateway:
        await listening_at(socket)
        yield [
            Case(
                "web process",
                _web(bench, (*_PRODUCT, "web"), "WEB_PORT"),
                {
                    "FastAPI + Bolt": (
                        _web(bench, ("-m", "bench.floors", "bolt"), ""),
                        (Goal(_RSS, 1.3), Goal(_START, 1.5)),
                    )
                },
            ),
            Case(
                "worker process",
                _started(bench, (*_PRODUCT, "worker"), bench.product("worker")),
                {
                    "arq worker": (
                        _started(bench, _arq(bench), {}),
                        (Goal(_RSS, 1.5), Goal(_IDLE, 1, absolute=True)),
                    )
                },
            ),
            Case(
                "web, gateway, worker and sandbox host",
                _all(bench, gateway),
                {
                    "FastAPI + Bolt": (
                        _web(bench, ("-m", "bench.floors", "bolt"), ""),
                        (Goal(_PSS, _MOST_PSS_MIB, absolute=True),),
                    )
                },
            ),
        ]


def _arq(bench: Bench) -> Sequence[str]:
    return ("-m", "bench.floors.arq_worker", bench.environment["REDIS_URL"])


def _web(bench: Bench, command: Sequence[str], port_setting: str) -> Side:
    """Start a server; a floor takes its port as an argument."""

    async def side() -> Sample:
        port = bench.port()
        if port_setting:
            whole, settings = command, {**bench.product("web"), port_setting: str(port)}
        else:
            whole, settings = (*command, str(port)), {"FLOOR_DATABASE_URL": "-"}
        async with process(bench, "footprint", whole, settings) as pid:
            seconds = await answering(port)
            await asyncio.sleep(_SETTLE_SECONDS)
            return Sample({_START: seconds, **_memory([pid])})

    return side


def _started(
    bench: Bench, command: Sequence[str], settings: Mapping[str, str]
) -> Callable[[], Awaitable[Sample]]:
    """Start a process that serves nothing, and let it idle."""

    async def side() -> Sample:
        async with process(bench, "footprint", command, settings) as pid:
            await _idle(pid)
            before = _cpu_seconds(pid)
            await asyncio.sleep(_IDLE_SECONDS)
            spent = _cpu_seconds(pid) - before
            tick = 1 / os.sysconf("SC_CLK_TCK")
            share = 100 * max(spent, tick) / _IDLE_SECONDS
            return Sample({_IDLE: share, **_memory([pid])})

    return side


def _all(bench: Bench, gateway: int) -> Side:
    async def side() -> Sample:
        port = bench.port()
        web_settings = {**bench.product("web"), "WEB_PORT": str(port)}
        async with (
            process(bench, "footprint", (*_PRODUCT, "web"), web_settings) as web,
            process(
                bench, "footprint", (*_PRODUCT, "worker"), bench.product("worker")
            ) as worker,
        ):
            await answering(port)
            await _idle(worker)
            return Sample(_memory([web, gateway, *_with_children(worker)]))

    return side


async def _idle(pid: int) -> None:
    """Wait until a process has started: a second in which it does nearly nothing."""
    for _ in range(60):
        before = _cpu_seconds(pid)
        await asyncio.sleep(_SETTLE_SECONDS)
        if before > 0 and _cpu_seconds(pid) - before < _SETTLE_SECONDS / 20:
            return
    raise TimeoutError(f"process {pid} is busy for a minute; see footprint.log")


def _memory(pids: Sequence[int]) -> dict[str, float]:
    """Give the sums over processes, in MiB."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        for line in text.splitlines()[1:]:
            name, _, rest = line.partition(":")
            if name in sums:
                sums[name] += int(rest.split()[0])
    return {_RSS: sums["Rss"] / 1024, _PSS: sums["Pss"] / 1024}


def _cpu_seconds(pid: int) -> float:
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _with_children(pid: int) -> list[int]:
    every = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    parents = {}
    for one in every:
        try:
            parents[one] = int(_stat(one)[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of proc(5)'s stat after the name, which may hold spaces."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return text.rpartition(")")[2].split()
