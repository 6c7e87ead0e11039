"""The walls that a process raises around itself, whatever provider started it."""

import os
import resource

from runner.seccomp import install_filter, is_known_machine
from runner.syscalls import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    drop_capabilities,
    prctl,
)

GIBIBYTE = 1024**3
MEBIBYTE = 1024**2
LIMITS = (
    (resource.RLIMIT_AS, GIBIBYTE),
    (resource.RLIMIT_CPU, 120),
    (resource.RLIMIT_FSIZE, 16 * MEBIBYTE),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_CORE, 0),
)
PROCESSES = 16


def limit_resources() -> None:
    """Set hard limits; one that is lower already stays."""
    for kind, limit in LIMITS:
        _lower(kind, limit)
    _lower(resource.RLIMIT_NPROC, PROCESSES)


def give_up_powers(*, filtered: bool = True) -> None:
    """
    Drop every capability and the way back to any, then install the seccomp filter.

    The filter is the second wall; tests leave it out to try the first alone.

    Raises:
        OSError: the kernel refuses; nothing may run then.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    drop_capabilities()
    prctl(PR_SET_DUMPABLE, 0)
    if filtered and is_known_machine():
        install_filter()


def close_descriptors(keep: tuple[int, ...]) -> None:
    """Close everything but ``keep``."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    highest = 65_536 if limit == resource.RLIM_INFINITY else min(limit, 65_536)
    start = 0
    for number in sorted(keep):
        # An empty range at 0 would wrap around and close everything (CPython 3.11).
        if number > start:
            os.closerange(start, number)
        start = number + 1
    os.closerange(start, highest)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
