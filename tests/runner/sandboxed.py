"""A host started by hand, and what the tests of all providers share."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
WAIT_SECONDS = 20.0
Message = dict[str, Any]


@dataclass
class HostProcess:
    """The other end of a zygote's control socket."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    told: list[Message] = field(default_factory=list)
    buffer: bytes = b""

    def ask(self, op: str, id_: str, *, job: str | None = None, at: str = "") -> None:
        line = json.dumps({"op": op, "id": id_, "socket_path": at}).encode() + b"\n"
        if job is None:
            self.control.sendall(line)
            return
        read, write = os.pipe()
        os.write(write, job.encode())
        os.close(write)
        socket.send_fds(self.control, [line], [read])
        os.close(read)

    def wait_for(self, event: str, id_: str = "") -> Message:
        """Give the first message of that kind; those before it stay in ``told``."""
        self.control.settimeout(WAIT_SECONDS)
        while True:
            for message in self.told:
                if message["event"] == event and message.get("id", "") == id_:
                    self.told.remove(message)
                    return message
            ended = [one for one in self.told if one["event"] == "exit"]
            assert event != "ready" or not ended, ended
            received = self.control.recv(65_536)
            assert received, f"the host ended before {event}"
            *lines, self.buffer = (self.buffer + received).split(b"\n")
            self.told.extend(json.loads(line) for line in lines)


@contextmanager
def host_process(
    provider: str,
    *options: str,
    python: str = sys.executable,
    project: Path = PROJECT,
    user: int | None = None,
) -> Iterator[HostProcess]:
    ours, theirs = socket.socketpair()
    command = [python, "-I", str(project / "runner" / "zygote.py")]
    command += ["--control-fd", str(theirs.fileno()), "--provider", provider, *options]
    with theirs:
        process = subprocess.Popen(
            command,
            env={},
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
        )
    with ours, process:
        try:
            yield HostProcess(process, ours)
        finally:
            ours.close()
            process.wait(WAIT_SECONDS)


@contextmanager
def gateway_socket() -> Iterator[str]:
    """A listening socket that answers nothing: a run waits for its session there."""
    with (
        tempfile.TemporaryDirectory(prefix="gw-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener,
    ):
        Path(folder).chmod(0o755)
        path = str(Path(folder, "runner.sock"))
        listener.bind(path)
        Path(path).chmod(0o777)
        listener.listen(64)
        yield path


def job_for(started: Message, path: str) -> str:
    inner = started["inner_socket"] or path
    return json.dumps({"token": "token-of-the-job", "socket_path": inner})


def why_not(provider: str) -> str | None:
    """Say why a provider can't be tested here; None where it can."""
    if sys.platform != "linux":
        return "needs Linux"
    if provider == "bubblewrap" and shutil.which("bwrap") is None:
        return "bwrap is not installed"
    done = subprocess.run(
        ["unshare", "--user", "--net", "true"], capture_output=True, check=False
    )
    if done.returncode:
        return f"no user namespaces here: {done.stderr.decode().strip()}"
    return None


def wait_until(holds: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[-1]


def children_of(pid: int) -> list[int]:
    """Give all descendants."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [int(child) for child in listed]
    return found + [deeper for child in found for deeper in children_of(child)]
