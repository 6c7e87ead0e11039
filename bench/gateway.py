"""
One read through the gateway, against one by hand, over the same tool.

Both log an intent and a result in transactions of their own; the product also checks a
token, fence, policy and budget, redacts, and keeps the evidence. Each run makes as many
calls as its budget has, as runs do.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from bench.load import Requests, Target, load, post
from bench.measure import P50, RATE, Case, Goal, Sample, Side
from bench.rows import AGENT, start_runs
from bench.world import Bench, process, served
from cli.processes import RUNNER_SOCKET
from gateway.agents import load_agents

# One request upstream for each read: the floor makes one, too.
_TOOL = "trace_lookup"
_SERVICE = "discourse"
_MOST_CALLS_PER_SECOND = 400
_START_SECONDS = 60.0
_BODY = {"step": "one", "params": {"service": _SERVICE}}


@asynccontextmanager
async def gateway(bench: Bench) -> AsyncIterator[list[Case]]:
    async with (
        served(bench, "fake_tool") as tool,
        served(bench, "thin_gateway", f"#http://127.0.0.1:{tool}") as thin,
    ):
        upstream = f"http://127.0.0.1:{tool}/platform"
        settings = {**bench.product("gateway"), "PLATFORM_URL": upstream}
        command = ("-m", "cli.main", "run", "gateway")
        socket = Path(settings["GATEWAY_SOCKET_FOLDER"]) / RUNNER_SOCKET
        async with process(bench, "gateway", command, settings):
            await listening_at(socket)
            yield _cases(bench, socket, thin, tool)


def _cases(bench: Bench, socket: Path, thin: int, tool: int) -> list[Case]:
    plain = post(
        f"/v1/tools/{_TOOL}",
        json.dumps(_BODY).encode(),
        {"content-type": "application/json"},
    )

    def by_hand(port: int, connections: int) -> Side:
        def requests(_number: int) -> Iterator[bytes]:
            while True:
                yield plain

        return lambda: _ask(bench, Target(port), requests, connections)

    def product(connections: int) -> Side:
        async def side() -> Sample:
            requests = await _calls(bench, connections)
            return await _ask(bench, Target(unix=str(socket)), requests, connections)

        return side

    return [
        Case(
            "gateway read c=1, added to the tool",
            product(1),
            {"thin + 2 commits": (by_hand(thin, 1), (Goal(P50, 1.5),))},
            base=by_hand(tool, 1),
        ),
        Case(
            "gateway read c=16",
            product(16),
            {"thin + 2 commits": (by_hand(thin, 16), (Goal(RATE, 0.65),))},
        ),
    ]


async def _ask(
    bench: Bench, target: Target, requests: Requests, connections: int
) -> Sample:
    return await load(
        target,
        requests,
        connections=connections,
        seconds=bench.seconds,
        status=200,
    )


async def _calls(bench: Bench, connections: int) -> Requests:
    """Start runs enough for one round, and share them among the connections."""
    budget = load_agents(bench.agents)[AGENT].tool_calls
    runs = int(bench.seconds * _MOST_CALLS_PER_SECOND / budget) + connections
    tokens = await start_runs(bench, runs)

    def of_connection(number: int) -> Iterator[bytes]:
        for token in tokens[number::connections]:
            headers = {
                "content-type": "application/json",
                "authorization": f"Bearer {token}",
            }
            for step in range(budget):
                body = json.dumps({**_BODY, "step": str(step)}).encode()
                yield post(f"/v1/tools/{_TOOL}", body, headers)

    return of_connection


async def listening_at(socket: Path) -> None:
    """Wait until a server takes connections on a Unix socket."""
    began = perf_counter()
    while perf_counter() - began < _START_SECONDS:
        try:
            _, writer = await asyncio.open_unix_connection(str(socket))
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise TimeoutError("the gateway did not start: see gateway.log")
