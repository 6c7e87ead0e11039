"""Start and end child processes that never outlive this one."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from lab.embedded import launch

NAMESPACE_REFUSED = launch.NAMESPACE_REFUSED


def spawn(
    program: Sequence[str],
    *,
    ends_with: signal.Signals,
    log: IO[bytes],
    inner_id: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `program` with `log` as its output.

    The kernel ties the child to the calling *thread*: call it from one that lives as
    long as the child should (the main thread, or the event loop's).
    """
    return subprocess.Popen(  # noqa: S603 - fixed programs, no shell
        launched(program, ends_with=ends_with, inner_id=inner_id),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def launched(
    program: Sequence[str],
    *,
    ends_with: signal.Signals,
    inner_id: int | None,
) -> list[str]:
    return [
        sys.executable,
        "-I",
        "-S",
        launch.__file__,
        str(os.getpid()),
        str(int(ends_with)),
        "-" if inner_id is None else str(inner_id),
        *program,
    ]


def end(
    process: subprocess.Popen[bytes],
    *,
    by: Sequence[signal.Signals],
    seconds_each: float,
) -> None:
    """Send each signal in turn until the process has ended, SIGKILL at last."""
    for number in (*by, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds_each)
        except subprocess.TimeoutExpired:
            continue


def last_lines(log: Path, *, count: int = 12) -> str:
    if not log.exists():
        return "(no log was written)"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-count:]) or "(the log is empty)"
