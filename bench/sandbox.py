"""From a job to a sandbox that is ready to read its token, one after the other."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

from bench.measure import P50, Case, Goal, Sample, Side, WrongAnswer, summary
from bench.world import Bench
from cli.processes import ROOT
from lab.embedded.socket_folder import socket_folder
from orchestrator.launch import HostOptions, Job, Sandboxes

_PER_SECOND = 10
# One at a time, as runs come, or back to back: bubblewrap keeps one sandbox prepared.
_APART_SECONDS = {"apart": 0.5, "back to back": 0.0}
_PROVIDERS = ("bubblewrap", "namespaces")


@asynccontextmanager
async def sandbox(bench: Bench) -> AsyncIterator[list[Case]]:
    """Compare each provider that works here."""
    how_many = max(5, int(bench.seconds * _PER_SECOND))
    async with AsyncExitStack() as stack:
        path = str(socket_folder(bench.world.folder, "refuse.sock") / "refuse.sock")
        server = await asyncio.start_unix_server(_refuse, path)
        stack.push_async_callback(_stop, server)
        cases = []
        for provider in _PROVIDERS:
            host = await _host(stack, path, provider)
            if host is None:
                continue
            for how, pause in _APART_SECONDS.items():
                side = _side(host, path, how_many, pause)
                floor = _floor(how_many)
                name = f"sandbox ready, {provider}, {how}"
                goals = (Goal(P50, 2),)
                cases.append(Case(name, side, {"fork + unshare": (floor, goals)}))
        yield cases


async def _host(stack: AsyncExitStack, path: str, provider: str) -> Sandboxes | None:
    """Start a sandbox host; None where this provider does not work."""
    script = ROOT / "runner" / "zygote.py"
    host = Sandboxes(HostOptions(script, sys.executable, provider, (path,)))
    stack.push_async_callback(host.stop)
    tested = await host.start()
    return host if tested.provider == provider and tested.passed else None


def _side(host: Sandboxes, path: str, how_many: int, pause: float) -> Side:
    numbers = count()

    async def side() -> Sample:
        times = []
        for _ in range(how_many):
            await asyncio.sleep(pause)
            ended = await host.run(Job(f"{pause}-{next(numbers)}", "token", path))
            if ended.ready_ms is None:
                raise WrongAnswer(f"a sandbox did not start: {ended.stderr_tail}")
            times.append(ended.ready_ms)
        return summary(times, 1.0)

    return side


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse each token, so that a run that is ready ends at once."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}")
    await writer.drain()
    writer.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


def _floor(how_many: int) -> Side:
    async def side() -> Sample:
        module = "bench.floors.fork_unshare"
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            str(how_many),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await child.communicate()
        if child.returncode != 0:
            raise WrongAnswer(f"{module} ended with {child.returncode}")
        return summary(json.loads(out), 1.0)

    return side
