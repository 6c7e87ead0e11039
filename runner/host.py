"""
The sandbox host: one process with one thread that starts sandboxes for the worker.

The protocol is described in ``zygote.py``. Nothing of a job is read here: its
descriptor comes with the request, is handed to the child, and is closed.
"""

import json
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from runner.escape_test import Outcome
from runner.inmate import Entry
from runner.providers import Child, Provider

TAIL_BYTES = 8192
CHUNK_BYTES = 65_536
DESCRIPTORS = 16
SIGNAL_BASE = 128


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    op: str
    id: str
    socket_path: str = ""


@dataclass(slots=True)
class _Running:
    id: str
    child: Child
    asked_at: float
    tail: bytes = b""
    watched: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Host:
    """
    Serves one control socket until its other end closes.

    ``selftest`` is what runs for the ``selftest`` request.
    """

    control: socket.socket
    provider: Provider
    selftest: Callable[[], Outcome]
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    running: dict[str, _Running] = field(default_factory=dict)
    descriptors: deque[int] = field(default_factory=deque)
    buffer: bytes = b""
    stopped: bool = False

    def serve(self) -> None:
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.control, selectors.EVENT_READ, self._receive)
        self.selector.register(
            wake_read, selectors.EVENT_READ, lambda: self._reap(wake_read)
        )
        try:
            while not self.stopped:
                for key, _ in self.selector.select():
                    # An earlier event of this round may have closed this one's file.
                    if self.selector.get_map().get(key.fileobj) is key:
                        key.data()
        finally:
            self._end_all()

    def send(self, **message: JsonValue) -> None:
        try:
            self.control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.stopped = True

    def _receive(self) -> None:
        try:
            received, numbers, _, _ = socket.recv_fds(
                self.control, CHUNK_BYTES, DESCRIPTORS
            )
        except ConnectionError:
            received, numbers = b"", []
        self.descriptors.extend(numbers)
        if not received:
            self.stopped = True
            return
        *lines, self.buffer = (self.buffer + received).split(b"\n")
        for line in lines:
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        try:
            request = Request.model_validate_json(line)
        except ValidationError as error:
            self.send(event="error", id="", message=str(error))
            return
        match request.op:
            case "spawn":
                self._spawn(request)
            case "kill":
                self._kill(request.id)
            case "selftest":
                self.send(
                    event="selftest",
                    id=request.id,
                    provider=self.provider.name,
                    **render_outcome(self.selftest()),
                )
            case _:
                self.send(event="error", id=request.id, message=f"op {request.op!r}?")

    def _spawn(self, request: Request) -> None:
        asked_at = time.monotonic()
        if not self.descriptors:
            self._failed(request.id, "spawn came without the job's descriptor")
            return
        job_fd = self.descriptors.popleft()
        try:
            child = self.provider.start(Entry.job, job_fd, request.socket_path)
        except OSError as error:
            self._failed(request.id, str(error))
            return
        finally:
            os.close(job_fd)
        one = _Running(request.id, child, asked_at)
        self.running[one.id] = one
        os.set_blocking(child.output_fd, False)
        self._watch(one, child.ready_fd, lambda: self._ready(one, request))
        self._watch(one, child.output_fd, lambda: self._read_output(one))

    def _ready(self, one: _Running, request: Request) -> None:
        is_ready = os.read(one.child.ready_fd, 1)
        self._drop(one, one.child.ready_fd)
        if not is_ready:
            return  # the start failed: the exit notice says why
        elapsed = (time.monotonic() - one.asked_at) * 1000
        self.send(
            event="ready", id=one.id, pid=one.child.pid, ready_ms=round(elapsed, 3)
        )
        try:
            self.provider.refill(request.socket_path)
        except OSError as error:
            self.send(event="error", id="", message=f"no sandbox prepared: {error}")

    def _read_output(self, one: _Running) -> bool:
        try:
            chunk = os.read(one.child.output_fd, CHUNK_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            self._drop(one, one.child.output_fd)
            return False
        one.tail = (one.tail + chunk)[-TAIL_BYTES:]
        return True

    def _reap(self, wake_read: int) -> None:
        os.read(wake_read, CHUNK_BYTES)
        for one in list(self.running.values()):
            pid, status = os.waitpid(one.child.pid, os.WNOHANG)
            if pid:
                self._ended(one, os.waitstatus_to_exitcode(status))

    def _ended(self, one: _Running, code: int) -> None:
        del self.running[one.id]
        while one.child.output_fd in one.watched and self._read_output(one):
            pass
        for number in tuple(one.watched):
            self._drop(one, number)
        signalled = -code if code < 0 else max(0, code - SIGNAL_BASE)
        self.send(
            event="exit",
            id=one.id,
            exit_code=SIGNAL_BASE - code if code < 0 else code,
            signal=signalled,
            stderr_tail=one.tail.decode(errors="replace"),
        )

    def _kill(self, id_: str) -> None:
        one = self.running.get(id_)
        if one is not None:
            os.kill(one.child.pid, signal.SIGKILL)

    def _failed(self, id_: str, why: str) -> None:
        self.send(event="exit", id=id_, exit_code=125, signal=0, stderr_tail=why)

    def _watch(self, one: _Running, number: int, react: Callable[[], object]) -> None:
        one.watched.add(number)
        self.selector.register(number, selectors.EVENT_READ, react)

    def _drop(self, one: _Running, number: int) -> None:
        one.watched.remove(number)
        self.selector.unregister(number)
        os.close(number)

    def _end_all(self) -> None:
        for one in self.running.values():
            os.kill(one.child.pid, signal.SIGKILL)
        for one in self.running.values():
            os.waitpid(one.child.pid, 0)
        self.provider.close()


def render_outcome(outcome: Outcome) -> dict[str, JsonValue]:
    return {
        "passed": outcome.passed,
        "probes": [probe.model_dump() for probe in outcome.probes],
    }
