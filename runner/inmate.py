"""
What a started (not forked) sandbox process runs: import, limit, say ready, wait, run.

``python -I inmate.py <entry> <ready fd>``. Standard input is a Unix socket over which
one descriptor comes, the job's; it becomes standard input in its place. A forked
sandbox has imported everything already and begins at ``run_entry``.
"""

import importlib
import os
import socket
import sys
from enum import StrEnum
from pathlib import Path


class Entry(StrEnum):
    """What may run inside, by the module whose ``main`` it is."""

    job = "runner.main"
    escape_test = "runner.escape_test"


def run_entry(entry: Entry) -> int:
    """Run the entry's ``main`` with the job as stdin; give its exit code."""
    code: int = importlib.import_module(entry.value).main()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main(arguments: list[str]) -> int:
    entry, ready_fd = Entry(arguments[0]), int(arguments[1])
    module = importlib.import_module(entry.value)
    importlib.import_module("runner.confine").limit_resources()
    os.write(ready_fd, b"1")
    os.close(ready_fd)
    with socket.socket(fileno=os.dup(0)) as waiting:
        _, received, _, _ = socket.recv_fds(waiting, 1, 1)
    if not received:
        return 0  # the host is gone or has no job for this one
    os.dup2(received[0], 0)
    os.close(received[0])
    code: int = module.main()
    return code


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    raise SystemExit(main(sys.argv[1:]))
