"""
A sandbox by hand: fork, unshare, limits, another user; ready at the first byte.

`python -m bench.floors.fork_unshare COUNT` prints the milliseconds of each as JSON. It
holds the runner's own imports, since a fork copies their page tables.
"""

import ctypes
import json
import os
import resource
import sys
from time import perf_counter

import runner.main  # noqa: F401 - the imports are what is forked

# clone(2): mount, IPC and network; a user namespace where we are not root.
_FLAGS = 0x00020000 | 0x08000000 | 0x40000000
_NEW_USER = 0x10000000
_NOBODY = 65534


def _become_small(libc: ctypes.CDLL) -> None:
    root = os.getuid() == 0
    if libc.unshare(_FLAGS | (0 if root else _NEW_USER)) != 0:
        raise OSError(ctypes.get_errno(), "unshare is refused here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if root:
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def measure(count: int) -> list[float]:
    libc = ctypes.CDLL(None, use_errno=True)
    times = []
    for _ in range(count):
        reading, writing = os.pipe()
        began = perf_counter()
        child = os.fork()
        if child == 0:
            _become_small(libc)
            os.write(writing, b"!")
            os._exit(0)
        os.close(writing)
        if os.read(reading, 1) != b"!":
            raise OSError("the child never came up")
        times.append((perf_counter() - began) * 1000)
        os.close(reading)
        os.waitpid(child, 0)
    return times


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
