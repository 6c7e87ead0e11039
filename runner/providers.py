"""
How a sandbox comes to be: by bubblewrap, by native namespaces, or not at all.

A provider starts one single-use child for one job. What it starts holds the job's
descriptor as stdin and one pipe as stdout and stderr, and writes one byte to a pipe
when it is ready. No provider reads the job: the token is in it.
"""

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from runner.inmate import Entry, run_entry
from runner.layout import APP, INNER_SOCKET, Layout
from runner.namespaces import Streams, fork_into_namespaces
from runner.seccomp import is_known_machine, render_filter

HIGH_FD = 64
READY_FD = 3
SECCOMP_FD = 4


@dataclass(slots=True)
class Child:
    """
    A started sandbox: ``pid`` to wait for and to kill.

    ``ready_fd`` gives one byte, or end of file where the start failed.
    """

    pid: int
    ready_fd: int
    output_fd: int


class Provider(Protocol):
    @property
    def name(self) -> str:
        """The name that is stored and shown."""

    @property
    def contains(self) -> bool:
        """Tell whether there are walls at all."""

    def inner_socket(self, socket_path: str) -> str:
        """Give the path of the gateway's socket as the inmate sees it."""

    def start(self, entry: Entry, job_fd: int, socket_path: str) -> Child:
        """
        Start a child; the caller keeps ``job_fd``.

        Raises:
            OSError: nothing was started.
        """

    def refill(self, socket_path: str) -> None:
        """Prepare the next one, where that helps."""

    def close(self) -> None:
        """End what was prepared and not used."""


@dataclass(slots=True)
class Namespaces:
    """Forks of this very process into fresh namespaces: nothing to prepare."""

    layout: Layout
    project: Path
    name: str = "namespaces"
    contains: bool = True

    def inner_socket(self, socket_path: str) -> str:  # noqa: ARG002 (one fixed place)
        return INNER_SOCKET

    def start(self, entry: Entry, job_fd: int, socket_path: str) -> Child:
        resolved = str(Path(socket_path).resolve(strict=True))
        ready_read, ready_write = os.pipe()
        output_read, output_write = os.pipe()
        pid = fork_into_namespaces(
            partial(self._inside, entry),
            self.layout,
            resolved,
            streams=Streams(job_fd, output_write, ready_write),
        )
        os.close(ready_write)
        os.close(output_write)
        return Child(pid=pid, ready_fd=ready_read, output_fd=output_read)

    def refill(self, socket_path: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def _inside(self, entry: Entry) -> int:
        sys.path[:] = [APP if one == str(self.project) else one for one in sys.path]
        return run_entry(entry)


@dataclass(slots=True)
class Started:
    """
    Children started as new programs, one waiting for each socket.

    A waiting child has imported everything, holds no job, and is used once; it is
    dropped where the socket has since been made anew.
    """

    name: str
    command: Callable[[Entry, str], list[str]]
    contains: bool
    seccomp: bytes = b""
    waiting: dict[str, "_Waiting"] = field(default_factory=dict)

    def inner_socket(self, socket_path: str) -> str:
        return INNER_SOCKET if self.contains else socket_path

    def start(self, entry: Entry, job_fd: int, socket_path: str) -> Child:
        waiting = None
        if entry is Entry.job:
            waiting = self.waiting.pop(socket_path, None)
        if waiting is not None and not waiting.fits(socket_path):
            waiting.end()
            waiting = None
        if waiting is None:
            waiting = self._start_one(entry, socket_path)
        with waiting.channel:
            socket.send_fds(waiting.channel, [b"j"], [job_fd])
        return waiting.child

    def refill(self, socket_path: str) -> None:
        if socket_path not in self.waiting:
            self.waiting[socket_path] = self._start_one(Entry.job, socket_path)

    def close(self) -> None:
        while self.waiting:
            self.waiting.popitem()[1].end()

    def _start_one(self, entry: Entry, socket_path: str) -> "_Waiting":
        identity = _identity(socket_path)
        ours, theirs = socket.socketpair()
        ready_read, ready_write = os.pipe()
        output_read, output_write = os.pipe()
        inherited = [
            (theirs.fileno(), 0),
            (output_write, 1),
            (output_write, 2),
            (ready_write, READY_FD),
        ]
        filter_fd = _pipe_with(self.seccomp) if self.seccomp else None
        if filter_fd is not None:
            inherited.append((filter_fd, SECCOMP_FD))
        try:
            pid = _spawn(self.command(entry, socket_path), inherited)
        finally:
            theirs.close()
            for number in (ready_write, output_write, filter_fd):
                if number is not None:
                    os.close(number)
        return _Waiting(Child(pid, ready_read, output_read), ours, identity)


@dataclass(slots=True)
class _Waiting:
    child: Child
    channel: socket.socket
    identity: tuple[int, int]

    def fits(self, socket_path: str) -> bool:
        try:
            alive = os.waitid(
                os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
            )
            return alive is None and self.identity == _identity(socket_path)
        except OSError:
            return False

    def end(self) -> None:
        """Close its stdin: it leaves by itself, and is reaped here."""
        self.channel.close()
        os.close(self.child.ready_fd)
        os.close(self.child.output_fd)
        os.waitpid(self.child.pid, 0)


def bubblewrap(layout: Layout) -> Started:
    """
    Give the provider by bubblewrap.

    Raises:
        FileNotFoundError: ``bwrap`` is not installed.
    """
    found = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if found is None:
        raise FileNotFoundError("bwrap is not installed; apt-get install bubblewrap")
    machine = os.uname().machine
    filtered = layout.filtered and is_known_machine()
    program = render_filter(machine) if filtered else b""
    return Started(
        name="bubblewrap",
        command=partial(_bwrap_command, found, layout, bool(program)),
        contains=True,
        seccomp=program,
    )


def bare(project: Path) -> Started:
    """Give the provider that contains nothing: an empty environment, and no walls."""
    script = str(project / "runner" / "inmate.py")

    def command(entry: Entry, _socket_path: str) -> list[str]:
        return [sys.executable, "-I", script, entry.value, str(READY_FD)]

    return Started(name="none", command=command, contains=False)


def _bwrap_command(
    bwrap: str,
    layout: Layout,
    filtered: bool,  # noqa: FBT001 (bound once, above)
    entry: Entry,
    socket_path: str,
) -> list[str]:
    command = [bwrap, "--unshare-all", "--cap-drop", "ALL", "--clearenv"]
    command += ["--new-session", "--die-with-parent", "--hostname", "sandbox"]
    # First, so that Python may itself lie under /tmp.
    command += ["--tmpfs", "/tmp"]  # noqa: S108
    for source, target in layout.binds:
        command += ["--ro-bind", source, target]
    for link, target in layout.links:
        command += ["--symlink", target, link]
    for name in ("null", "zero", "urandom", "random"):
        command += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    command += ["--ro-bind", str(Path(socket_path).resolve()), INNER_SOCKET]
    command += ["--remount-ro", "/", "--chdir", "/"]
    if filtered:
        command += ["--seccomp", str(SECCOMP_FD)]
    script = f"{APP}/runner/inmate.py"
    return [*command, layout.python, "-I", script, entry.value, str(READY_FD)]


def _spawn(command: list[str], inherited: list[tuple[int, int]]) -> int:
    # Copies far above the targets: a dup2 must not overwrite a source still to come.
    copies = [
        (fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, HIGH_FD), target)
        for source, target in inherited
    ]
    try:
        return os.posix_spawn(
            command[0],
            command,
            {},
            file_actions=[(os.POSIX_SPAWN_DUP2, *pair) for pair in copies],
        )
    finally:
        for source, _ in copies:
            os.close(source)


def _pipe_with(content: bytes) -> int:
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    return read


def _identity(socket_path: str) -> tuple[int, int]:
    status = Path(socket_path).stat()
    return status.st_dev, status.st_ino
