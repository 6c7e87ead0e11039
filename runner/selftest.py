"""The self-test of a provider: the escape test, run in a sandbox that it made."""

import contextlib
import os
import select
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from runner.escape_test import Outcome, Probe, Targets
from runner.inmate import Entry
from runner.providers import Provider

TEST_SECONDS = 30.0


def run_selftest(
    provider: Provider, *, project: Path, forbidden_sockets: tuple[str, ...] = ()
) -> Outcome:
    """
    Try to get out of one sandbox of ``provider``, with real things to reach for.

    Where there are no walls nothing is tried: the probes would act on the host.
    """
    if not provider.contains:
        return _broken("no walls: this provider contains nothing", name="sandbox")
    with (
        tempfile.TemporaryDirectory(prefix="autopilot-selftest-") as folder,
        _listeners(Path(folder)) as (runner_socket, targets),
    ):
        wanted = targets.model_copy(
            update={
                "runner_socket": provider.inner_socket(runner_socket),
                "unix": (*targets.unix, *forbidden_sockets),
                "files": (*targets.files, str(project / "pyproject.toml")),
            }
        )
        return run_escape_test(provider, wanted, runner_socket=runner_socket)


def run_escape_test(
    provider: Provider, targets: Targets, *, runner_socket: str
) -> Outcome:
    """Run the probes in one sandbox; a sandbox that gives no result has failed."""
    job_read, job_write = os.pipe()
    os.write(job_write, targets.model_dump_json().encode())
    os.close(job_write)
    try:
        child = provider.start(Entry.escape_test, job_read, runner_socket)
    except OSError as error:
        return _broken(str(error))
    finally:
        os.close(job_read)
    output = _read_all(child.output_fd, child.pid)
    os.close(child.ready_fd)
    os.waitpid(child.pid, 0)
    lines = output.decode(errors="replace").strip().splitlines()
    try:
        return Outcome.model_validate_json(lines[-1] if lines else "")
    except ValidationError:
        return _broken("; ".join(lines[-3:]) or "no output")


@contextlib.contextmanager
def _listeners(folder: Path) -> Iterator[tuple[str, Targets]]:
    canary = folder / "canary"
    canary.write_text("secret")
    abstract = f"autopilot-selftest-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        for address in (
            str(folder / "r.sock"),
            str(folder / "c.sock"),
            f"\0{abstract}",
        ):
            listener = stack.enter_context(
                socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            )
            listener.bind(address)
            listener.listen()
        runner_socket = str(folder / "r.sock")
        yield (
            runner_socket,
            Targets(
                runner_socket=runner_socket,
                tcp=(("127.0.0.1", tcp.getsockname()[1]),),
                unix=(str(folder / "c.sock"),),
                abstract=(abstract,),
                files=(str(canary),),
                pids=(os.getpid(),),
            ),
        )


def _read_all(number: int, pid: int) -> bytes:
    deadline = time.monotonic() + TEST_SECONDS
    output = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([number], [], [], left)[0]:
            os.kill(pid, signal.SIGKILL)
            output += b"\nthe test did not end in time"
            break
        chunk = os.read(number, 65_536)
        if not chunk:
            break
        output += chunk
    os.close(number)
    return output


def _broken(why: str, *, name: str = "start") -> Outcome:
    return Outcome(probes=(Probe(name=name, passed=False, detail=why[:500]),))
