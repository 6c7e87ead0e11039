"""Become a program that ends when its parent ends, inside a user namespace if asked.

Run as a script by path, never imported by the parent: a `preexec_fn` would fork a
threaded process, which Python 3.12 warns about. Arguments: parent pid, the signal to
get when the parent's thread ends, the inner user id or `-`, then the program.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NAMESPACE_REFUSED = 97


def enter_user_namespace(inner_id: int) -> None:
    """Map the present user and group to `inner_id` in a namespace of their own.

    Raises: OSError when the kernel or a container's rules refuse it.
    """
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER) was refused")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{inner_id} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{inner_id} {gid} 1", encoding="ascii")


def die_with_parent(parent_pid: int, signal_number: int) -> None:
    """Must follow the namespace: a change of credentials clears the request."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit(1)


def main() -> None:
    parent_pid, signal_number, inner_id, *program = sys.argv[1:]
    if inner_id != "-":
        try:
            enter_user_namespace(int(inner_id))
        except OSError as refusal:
            sys.stderr.write(f"{refusal}\n")
            sys.exit(NAMESPACE_REFUSED)
    die_with_parent(int(parent_pid), int(signal_number))
    os.execv(program[0], program)  # noqa: S606 - a shell is what we avoid


if __name__ == "__main__":
    main()
