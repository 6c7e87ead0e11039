import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import pytest_socket

from orchestrator.launch import HostOptions, Job, Sandboxes, SandboxHostGone
from tests.runner.fake_gateway import FakeGateway

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _sockets() -> None:
    pytest_socket.enable_socket()


def job_at(path: str, id_: str = "r") -> Job:
    return Job(id=id_, token="sesame", socket_path=path)  # noqa: S106 (of a fake)


def options(provider: str = "auto") -> HostOptions:
    return HostOptions(
        script=PROJECT / "runner" / "zygote.py",
        python=sys.executable,
        provider=provider,
    )


@asynccontextmanager
async def sandboxes(provider: str = "auto") -> AsyncIterator[Sandboxes]:
    made = Sandboxes(options(provider))
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def gateway(
    folder: Path, *, silent: bool = False
) -> AsyncIterator[tuple[str, FakeGateway]]:
    """A gateway over a real Unix socket; a silent one never answers."""
    fake = FakeGateway()
    connections = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        connections.add(connection)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(3600 if silent else 0)
                writer.write(await reply(head.decode(), reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the runner is gone: its exit is what the test looks at
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def reply(head: str, reader: asyncio.StreamReader) -> bytes:
        method, path, _ = head.split(" ", 2)
        lengths = [
            line.split(":")[1]
            for line in head.splitlines()
            if line.lower().startswith("content-length:")
        ]
        body = await reader.readexactly(int(lengths[0]) if lengths else 0)
        with fake.http() as http:
            answer = http.request(method, path, content=body)
        head = f"HTTP/1.1 {answer.status_code} x\r\nContent-Length: "
        return head.encode() + b"%d\r\n\r\n" % len(answer.content) + answer.content

    path = str(folder / "runner.sock")
    server = await asyncio.start_unix_server(serve, path)
    try:
        yield path, fake
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


@pytest.mark.parametrize("provider", ["bubblewrap", "namespaces", "none"])
async def test_a_run_goes_through_the_sandbox(provider: str, tmp_path: Path) -> None:
    """Session, reads and report over the one socket; exit code 0."""
    async with gateway(tmp_path) as (path, fake), sandboxes(provider) as boxes:
        exits = [await boxes.run(job_at(path, f"r{n}")) for n in range(2)]
    reports = fake.asked("/v1/runs/run-1/finish")

    assert [one.exit_code for one in exits] == [0, 0], exits
    assert [dict_of(one)["outcome"] for one in reports] == ["finished", "finished"]
    assert all(one.ready_ms is not None for one in exits)


def dict_of(report: object) -> dict[str, object]:
    assert isinstance(report, dict)
    return report


async def test_the_best_provider_is_taken() -> None:
    """`auto` names what contains the runs, and the self-test can be asked again."""
    async with sandboxes() as boxes:
        started = await boxes.start()
        again = await boxes.selftest()

        assert boxes.provider in {"bubblewrap", "namespaces", "none"}
        assert (started.provider, started.passed) == (again.provider, again.passed)
        assert started.passed or started.failures


async def test_before_the_start_nothing_contains() -> None:
    """No self-test, no sandbox: fails closed."""
    assert Sandboxes(options()).provider == "none"


async def test_a_run_can_be_killed(tmp_path: Path) -> None:
    """Its exit names the signal."""
    async with gateway(tmp_path, silent=True) as (path, _), sandboxes() as boxes:
        async with asyncio.TaskGroup() as group:
            run = group.create_task(boxes.run(job_at(path)))
            await asyncio.sleep(0.2)
            while not run.done():
                await boxes.kill("r")
                await asyncio.sleep(0.05)

        assert run.result().signal == signal.SIGKILL


async def test_a_cancelled_run_is_killed(tmp_path: Path) -> None:
    """No run outlives the call that started it."""
    async with gateway(tmp_path, silent=True) as (path, _), sandboxes() as boxes:
        await boxes.start()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await boxes.run(job_at(path))
        exit_ = await boxes.run(job_at("/nowhere", "x"))

        assert exit_.exit_code == 125


async def test_a_dead_host_is_started_again(tmp_path: Path) -> None:
    """The run in it is lost, and says so; the next one runs."""
    async with gateway(tmp_path) as (path, _), sandboxes("none") as boxes:
        await boxes.start()
        process = boxes._process  # noqa: SLF001 (to kill exactly this one)
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(SandboxHostGone):
            await boxes.run(job_at(path))
        exit_ = await boxes.run(job_at(path, "again"))

    assert exit_.exit_code == 0


def test_a_job_hides_its_token() -> None:
    """Neither a log nor a traceback shows it."""
    assert "sesame" not in repr(job_at("/x"))
