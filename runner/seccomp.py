"""
A seccomp filter: what a runner never needs is refused with EPERM.

A second wall behind the namespaces: no sockets but Unix ones, no new namespaces, no
mounts, no tracing, no keys, no BPF, no io_uring. A deny-list, since an allow-list would
break with the next Python or libc.
"""

import ctypes
import errno
import os
import socket
import struct

from runner.syscalls import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    PR_SET_SECCOMP,
    SECCOMP_MODE_FILTER,
    prctl,
)

LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW = 0x7FFF0000
REFUSE = 0x00050000
KILL = 0x80000000
NUMBER_AT, ARCH_AT, FIRST_ARGUMENT_AT = 0, 4, 16
X32_BIT = 0x40000000
NEW_NAMESPACES = (
    CLONE_NEWNS
    | CLONE_NEWCGROUP
    | CLONE_NEWUTS
    | CLONE_NEWIPC
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET
)

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SOCKET = {"x86_64": 41, "aarch64": 198}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435

# Numbers from the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h.
DENIED = {
    "x86_64": {
        "ptrace": 101,
        "pivot_root": 155,
        "chroot": 161,
        "acct": 163,
        "mount": 165,
        "umount2": 166,
        "swapon": 167,
        "swapoff": 168,
        "reboot": 169,
        "iopl": 172,
        "ioperm": 173,
        "init_module": 175,
        "delete_module": 176,
        "quotactl": 179,
        "kexec_load": 246,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "unshare": 272,
        "perf_event_open": 298,
        "open_by_handle_at": 304,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "finit_module": 313,
        "kexec_file_load": 320,
        "bpf": 321,
        "userfaultfd": 323,
    },
    "aarch64": {
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "chroot": 51,
        "quotactl": 60,
        "acct": 89,
        "unshare": 97,
        "kexec_load": 104,
        "init_module": 105,
        "delete_module": 106,
        "ptrace": 117,
        "reboot": 142,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "swapon": 224,
        "swapoff": 225,
        "perf_event_open": 241,
        "open_by_handle_at": 265,
        "setns": 268,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "finit_module": 273,
        "bpf": 280,
        "userfaultfd": 282,
        "kexec_file_load": 294,
    },
}
# The same number on every architecture.
DENIED_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
}


def is_known_machine() -> bool:
    return os.uname().machine in ARCH


def render_filter(machine: str) -> bytes:
    """Give the program as the kernel and ``bwrap --seccomp`` read it."""
    numbers = {**DENIED[machine], **DENIED_EVERYWHERE}.values()
    program = [
        _step(LOAD, ARCH_AT),
        _step(EQUAL, ARCH[machine], yes=1),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER_AT),
        _step(AT_LEAST, X32_BIT, no=1),
        _refuse(errno.ENOSYS),
    ]
    for number in sorted(numbers):
        program += [_step(EQUAL, number, no=1), _refuse(errno.EPERM)]
    # clone3 hides its flags behind a pointer; libc falls back to clone on ENOSYS.
    program += [_step(EQUAL, CLONE3, no=1), _refuse(errno.ENOSYS)]
    program += [
        _step(EQUAL, SOCKET[machine], no=3),
        _step(LOAD, FIRST_ARGUMENT_AT),
        _step(EQUAL, int(socket.AF_UNIX), yes=5),
        _refuse(errno.EPERM),
        _step(EQUAL, CLONE[machine], no=3),
        _step(LOAD, FIRST_ARGUMENT_AT),
        _step(ANY_BIT, NEW_NAMESPACES, no=1),
        _refuse(errno.EPERM),
        _step(RETURN, ALLOW),
    ]
    return b"".join(program)


def install_filter() -> None:
    """
    Install the filter in this thread, for good. Needs no_new_privs.

    Raises:
        OSError: the kernel takes no filter.
    """
    program = render_filter(os.uname().machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    steps = len(program) // 8
    header = ctypes.create_string_buffer(
        struct.pack("@HP", steps, ctypes.addressof(buffer))
    )
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(header))


def _step(code: int, operand: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)


def _refuse(number: int) -> bytes:
    return _step(RETURN, REFUSE | number)
