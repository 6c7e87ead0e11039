import os
import struct
import subprocess
import sys

import pytest

from runner.seccomp import ARCH, DENIED, is_known_machine, render_filter
from tests.runner.sandboxed import PROJECT

TRY = """
import sys
sys.path.insert(0, sys.argv[1])
import ctypes, os, socket
from runner import syscalls
from runner.seccomp import install_filter
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
install_filter()
socket.socket(socket.AF_UNIX).close()
for attempt in (
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.socket(socket.AF_INET6),
    lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    lambda: syscalls.unshare(syscalls.CLONE_NEWUSER),
    lambda: syscalls.mount("tmpfs", "/nowhere", "tmpfs", flags=0),
):
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("not refused")
child = os.fork()
if not child:
    os._exit(0)
os.waitpid(child, 0)
print("held")
"""


@pytest.mark.parametrize("machine", sorted(ARCH))
def test_every_jump_stays_inside(machine: str) -> None:
    """The kernel refuses a program that jumps past its end."""
    program = render_filter(machine)
    steps = [
        struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)
    ]

    for position, (code, yes, no, _) in enumerate(steps):
        if code & 0x07 == 0x05:
            assert position + 1 + max(yes, no) < len(steps)
    assert steps[-1] == (0x06, 0, 0, 0x7FFF0000)


def test_no_number_stands_twice() -> None:
    """A doubled number would be a mistyped one."""
    for numbers in DENIED.values():
        assert len(set(numbers.values())) == len(numbers)


def test_the_filter_refuses_what_it_should() -> None:
    """Unix sockets and forks work; networks, namespaces and mounts do not."""
    if sys.platform != "linux" or not is_known_machine():
        pytest.skip(f"no filter for {os.uname().machine}")
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRY, str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("held\n", "")
