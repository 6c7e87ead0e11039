"""
Sandboxes for runs, started by the sandbox host (``runner/zygote.py``).

The host is a process of its own with an empty environment; it is started again when it
is gone. A job goes to its sandbox through a pipe whose read end is handed over, so the
host never holds a token. One sandbox serves one run.
"""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

START_SECONDS = 60.0
STOP_SECONDS = 5.0
SEND_PAUSE_SECONDS = 0.005
CHUNK_BYTES = 65_536
Result = TypeVar("Result")


class SandboxHostGone(Exception):
    """The host ended or never started; what ran in it is dead."""


@dataclass(frozen=True, slots=True)
class Job:
    """``socket_path`` is the gateway's ``runner.sock`` as the worker sees it."""

    id: str
    token: str = field(repr=False)
    socket_path: str


@dataclass(frozen=True, slots=True)
class RunExit:
    """
    How a run's process ended.

    ``exit_code``: 0 the report is in, 1 crashed, 3 lease lost, 4 gateway away, 125
    never started, 128 + n killed by signal n. ``ready_ms`` is None where it was never
    ready.
    """

    id: str
    exit_code: int
    signal: int
    stderr_tail: str
    ready_ms: float | None


@dataclass(frozen=True, slots=True)
class Probe:
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """``rejected`` says why better providers were passed over."""

    provider: str
    passed: bool
    probes: tuple[Probe, ...]
    rejected: dict[str, str] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(f"{p.name}: {p.detail}" for p in self.probes if not p.passed)


@dataclass(frozen=True, slots=True)
class HostOptions:
    """
    How to start the host.

    ``script`` is ``runner/zygote.py``; ``python`` the interpreter whose libraries the
    runner uses. ``forbidden_sockets`` must be out of reach of a sandbox.
    """

    script: Path
    python: str
    provider: str = "auto"
    warm_sockets: tuple[str, ...] = ()
    forbidden_sockets: tuple[str, ...] = ()

    def command(self, control_fd: int) -> list[str]:
        command = [self.python, "-I", str(self.script)]
        command += ["--control-fd", str(control_fd), "--provider", self.provider]
        for path in self.warm_sockets:
            command += ["--warm-socket", path]
        for path in self.forbidden_sockets:
            command += ["--forbid-socket", path]
        return command


class Sandboxes:
    """One host and the runs in it; made once by the worker."""

    def __init__(self, options: HostOptions) -> None:
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._buffer = b""
        self._started: asyncio.Future[SelfTest] | None = None
        self._inner_socket = ""
        self._exits: dict[str, asyncio.Future[RunExit]] = {}
        self._ready_ms: dict[str, float] = {}
        self._tests: dict[str, asyncio.Future[SelfTest]] = {}

    @property
    def provider(self) -> str:
        """Name what contains the runs; ``none`` also where its self-test failed."""
        started = self.started
        return started.provider if started is not None and started.passed else "none"

    @property
    def started(self) -> SelfTest | None:
        """Give the self-test made at the host's start; None before it."""
        future = self._started
        if future is None or not future.done() or future.cancelled():
            return None
        return None if future.exception() else future.result()

    async def start(self) -> SelfTest:
        """
        Start the host unless it runs; give the self-test made at its start.

        Raises:
            SandboxHostGone: it did not come up.
        """
        async with self._starting:
            if self._control is None:
                await self._launch()
            if self._started is None:
                raise SandboxHostGone("the host closed at once; see its stderr")
            async with asyncio.timeout(START_SECONDS):
                return await self._started

    async def run(self, job: Job) -> RunExit:
        """
        Run one job to its end in a sandbox of its own; a cancelled call kills it.

        Raises:
            SandboxHostGone: the host died meanwhile, and the run with it.
        """
        await self.start()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[RunExit] = loop.create_future()
        self._exits[job.id] = ended
        try:
            with _job_pipe(job, self._inner_socket or job.socket_path) as job_fd:
                await self._send(
                    {"op": "spawn", "id": job.id, "socket_path": job.socket_path},
                    job_fd,
                )
            return await ended
        except asyncio.CancelledError:
            await self.kill(job.id)
            raise
        finally:
            self._exits.pop(job.id, None)
            self._ready_ms.pop(job.id, None)

    async def kill(self, id_: str) -> None:
        """Kill a run and all that it started; ``run`` then gives its exit."""
        if self._control is not None:
            await self._send({"op": "kill", "id": id_})

    async def selftest(self) -> SelfTest:
        """
        Run the escape test again, now.

        Raises:
            SandboxHostGone: the host is gone.
        """
        await self.start()
        id_ = f"selftest-{len(self._tests)}"
        self._tests[id_] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"op": "selftest", "id": id_})
            return await self._tests[id_]
        finally:
            del self._tests[id_]

    async def stop(self) -> None:
        """End the host and every run in it."""
        process = self._process
        self._lose("the worker stops")
        if process is None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _launch(self) -> None:
        if self._process is not None:
            await self._process.wait()
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self._options.command(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={},
            )
        loop = asyncio.get_running_loop()
        self._control, self._buffer = ours, b""
        self._started = loop.create_future()
        loop.add_reader(ours.fileno(), self._receive)

    async def _send(self, request: dict[str, str], *descriptors: int) -> None:
        line = json.dumps(request).encode() + b"\n"
        while self._control is not None:
            try:
                socket.send_fds(self._control, [line], list(descriptors))
            except BlockingIOError:
                await asyncio.sleep(SEND_PAUSE_SECONDS)
            except OSError as error:
                self._lose(str(error))
            else:
                return
        raise SandboxHostGone("the sandbox host is gone; run the job again")

    def _receive(self) -> None:
        if self._control is None:
            return
        try:
            received = self._control.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._lose("the sandbox host ended")
            return
        *lines, self._buffer = (self._buffer + received).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, told: dict[str, object]) -> None:
        id_ = str(told.get("id", ""))
        match told["event"]:
            case "started" if self._started is not None:
                self._inner_socket = str(told["inner_socket"])
                _settle(self._started, _read_selftest(told))
            case "ready":
                self._ready_ms[id_] = float(str(told["ready_ms"]))
            case "exit" if id_ in self._exits:
                _settle(self._exits[id_], _read_exit(told, self._ready_ms.get(id_)))
            case "selftest" if id_ in self._tests:
                _settle(self._tests[id_], _read_selftest(told))
            case _:
                return

    def _lose(self, why: str) -> None:
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        waiting: list[asyncio.Future[RunExit] | asyncio.Future[SelfTest]]
        waiting = [*self._exits.values(), *self._tests.values()]
        if self._started is not None and not self._started.done():
            waiting.append(self._started)
        for future in waiting:
            if not future.done():
                future.set_exception(SandboxHostGone(why))
                future.exception()  # marked as seen: some have no reader any more


@contextmanager
def _job_pipe(job: Job, inner_socket: str) -> Iterator[int]:
    """Give the read end of a pipe that holds the job and ends there."""
    read, write = os.pipe()
    try:
        with os.fdopen(write, "w") as writer:
            json.dump({"token": job.token, "socket_path": inner_socket}, writer)
        yield read
    finally:
        os.close(read)


def _settle(future: asyncio.Future[Result], result: Result) -> None:
    if not future.done():
        future.set_result(result)


def _read_selftest(told: dict[str, object]) -> SelfTest:
    probes, rejected = told["probes"], told.get("rejected", {})
    if not isinstance(probes, list) or not isinstance(rejected, dict):
        raise SandboxHostGone("the sandbox host answers in another form")
    return SelfTest(
        provider=str(told["provider"]),
        passed=told["passed"] is True,
        probes=tuple(Probe(**probe) for probe in probes),
        rejected=rejected,
    )


def _read_exit(told: dict[str, object], ready_ms: float | None) -> RunExit:
    return RunExit(
        id=str(told["id"]),
        exit_code=int(str(told["exit_code"])),
        signal=int(str(told["signal"])),
        stderr_tail=str(told["stderr_tail"]),
        ready_ms=ready_ms,
    )
