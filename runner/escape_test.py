"""
The escape test: tried from inside a sandbox, each probe must fail to get out.

Targets come as one JSON object on stdin; the result goes to stdout as one JSON line.
The caller makes targets that are really there (listeners, files), so that a probe that
finds nothing proves a wall and not an absence.
"""

import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from runner import syscalls

TIMEOUT_SECONDS = 0.5
OUTSIDE = (("8.8.8.8", 53), ("2001:4860:4860::8888", 53), ("::1", 80))
HARMLESS_NAMES = frozenset({"PWD", "LC_CTYPE"})


class Targets(BaseModel):
    """
    What must be out of reach, and ``runner_socket``, which must be in reach.

    ``tcp`` are host and port, ``unix`` socket paths, ``abstract`` names of abstract
    sockets, ``files`` paths, ``pids`` processes of the host.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    runner_socket: str
    tcp: tuple[tuple[str, int], ...] = ()
    unix: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pids: tuple[int, ...] = ()


class Probe(BaseModel):
    """``passed`` means: it held. ``detail`` says what was tried and what came of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    passed: bool
    detail: str


class Outcome(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    probes: tuple[Probe, ...]

    @property
    def passed(self) -> bool:
        return bool(self.probes) and all(probe.passed for probe in self.probes)

    @property
    def failures(self) -> str:
        failed = (f"{one.name} ({one.detail})" for one in self.probes if not one.passed)
        return "; ".join(failed) or ("" if self.probes else "the test gave no result")


def main() -> int:
    """Run every probe; 0 if all held."""
    targets = Targets.model_validate_json(sys.stdin.buffer.read())
    outcome = Outcome(probes=tuple(run_probes(targets)))
    sys.stdout.write(outcome.model_dump_json() + "\n")
    sys.stdout.flush()
    return 0 if outcome.passed else 1


def run_probes(targets: Targets) -> Iterator[Probe]:
    yield from probe_targets(targets)
    yield from probe_walls(targets)


def probe_targets(targets: Targets) -> Iterator[Probe]:
    """Reach for what the caller named; harmless where there are no walls."""
    yield _reaches_runner_socket(targets.runner_socket)
    for host, port in targets.tcp:
        yield _out_of_reach(f"tcp {host}:{port}", partial(_tcp, host, port))
    for path in targets.unix:
        yield _out_of_reach(f"socket {path}", partial(_unix, path))
    for name in targets.abstract:
        yield _out_of_reach(f"abstract {name}", partial(_unix, f"\0{name}"))
    for path in targets.files:
        yield _out_of_reach(f"file {path}", partial(_read, path))
    for pid in targets.pids:
        yield _out_of_reach(f"signal {pid}", partial(_signal, pid))


def probe_walls(targets: Targets) -> Iterator[Probe]:
    """Push against every wall. Only for a process that is to end right after."""
    for host, port in OUTSIDE:
        yield _out_of_reach(f"tcp {host}:{port}", partial(_tcp, host, port))
    yield _out_of_reach("udp 8.8.8.8:53", _udp)
    yield _out_of_reach("file /etc/passwd", partial(_read, "/etc/passwd"))
    for folder in ("/", "/app", "/app/runner", "/usr", sys.prefix, sys.base_prefix):
        yield _out_of_reach(f"write {folder}", partial(_write, folder))
    yield _out_of_reach("list /proc", partial(_list, "/proc"))
    yield _holds_no_capability()
    yield _knows_no_environment()
    yield _sees_one_socket(targets.runner_socket)
    # Last: where it gets through, it changes what the others would see.
    yield _out_of_reach("new namespace", _unshare)


def _out_of_reach(name: str, attempt: Callable[[], str]) -> Probe:
    try:
        got = attempt()
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return Probe(name=name, passed=True, detail=reason)
    return Probe(name=name, passed=False, detail=got)


def _reaches_runner_socket(path: str) -> Probe:
    try:
        got = _unix(path)
    except OSError as error:
        return Probe(name="runner.sock", passed=False, detail=str(error))
    return Probe(name="runner.sock", passed=True, detail=got)


def _tcp(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(TIMEOUT_SECONDS)
        probe.connect((host, port))
    return "connected"


def _udp() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"?", ("8.8.8.8", 53))
    return "sent"


def _unix(path: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(TIMEOUT_SECONDS)
        probe.connect(path)
    return "connected"


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return f"read {len(file.read(64))} bytes"


def _write(folder: str) -> str:
    canary = Path(folder, f"escape-{os.getpid()}")
    canary.write_text("x")
    canary.unlink()
    return "wrote"


def _signal(pid: int) -> str:
    os.kill(pid, 0)
    return "may signal"


def _list(folder: str) -> str:
    return f"{len(os.listdir(folder))} entries"  # noqa: PTH208 (errors as the OS gives)


def _unshare() -> str:
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    return "entered"


def _holds_no_capability() -> Probe:
    held = syscalls.held_capabilities()
    return Probe(name="capabilities", passed=held == 0, detail=f"{held:#x}")


def _knows_no_environment() -> Probe:
    names = set(os.environ) - HARMLESS_NAMES  # noqa: TID251 (the probe is to look there)
    return Probe(name="environment", passed=not names, detail=json.dumps(sorted(names)))


def _sees_one_socket(path: str) -> Probe:
    beside = sorted(other.name for other in Path(path).parent.iterdir())
    return Probe(
        name="beside runner.sock",
        passed=beside == [Path(path).name],
        detail=", ".join(beside),
    )
