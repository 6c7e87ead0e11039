"""
A sandbox out of native namespaces: a forked child, its own root, nothing of the host.

Theory of operation. The zygote forks a *keeper*, which enters a new user namespace
(mapping itself to an unprivileged uid) and new network, mount, pid, ipc, uts and cgroup
namespaces, and forks the *inmate*: pid 1 of the new pid namespace. The inmate builds a
root out of tmpfs and read-only binds, pivots into it, lets go of the old root, drops
every power and runs one function. The keeper holds no descriptor of the job and only
waits. If the zygote dies, so does the keeper; if the keeper dies, so does the inmate,
and with pid 1 the kernel kills all that it started. Needs Linux 5.12.
"""

import os
import select
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from runner import syscalls
from runner.confine import close_descriptors, give_up_powers, limit_resources
from runner.layout import INNER_SOCKET, Layout

INNER_UID = 65_534
SETUP_FAILED = 125
SPACES = (
    syscalls.CLONE_NEWUSER
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
)
READ_ONLY = (
    syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID | syscalls.MOUNT_ATTR_NODEV
)


@dataclass(frozen=True, slots=True)
class Streams:
    """What the inmate holds: the job as stdin, one pipe as stdout and stderr."""

    job_fd: int
    output_fd: int
    ready_fd: int


def fork_into_namespaces(
    main: Callable[[], int], layout: Layout, socket_path: str, *, streams: Streams
) -> int:
    """
    Run ``main`` in fresh namespaces; give the keeper's pid.

    One byte on ``ready_fd`` says that all walls stand. The keeper's exit status is the
    inmate's. Call it from a process with one thread and no event loop.
    """
    pid = os.fork()
    if not pid:
        _run_child(lambda: _keep(main, layout, socket_path, streams=streams))
    return pid


def _run_child(body: Callable[[], int]) -> NoReturn:
    code = SETUP_FAILED
    try:
        code = body()
    except Exception:  # noqa: BLE001 (a process edge: recorded, and the process ends)
        traceback.print_exc()
    finally:
        os._exit(code)


def _keep(
    main: Callable[[], int], layout: Layout, socket_path: str, *, streams: Streams
) -> int:
    zygote = os.getppid()
    _reset_signals()
    os.dup2(streams.output_fd, 1)
    os.dup2(streams.output_fd, 2)
    uid, gid = os.geteuid(), os.getegid()
    syscalls.unshare(SPACES)
    _map_ids(uid, gid)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:
        return SETUP_FAILED
    alive_read, alive_write = os.pipe()
    inmate = os.fork()
    if not inmate:
        os.close(alive_write)
        _run_child(
            lambda: _live(main, layout, socket_path, streams=streams, keeper=alive_read)
        )
    close_descriptors((alive_write,))
    _, status = os.waitpid(inmate, 0)
    return _as_exit_code(status)


def _live(
    main: Callable[[], int],
    layout: Layout,
    socket_path: str,
    *,
    streams: Streams,
    keeper: int,
) -> int:
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([keeper], [], [], 0)[0]:
        return SETUP_FAILED
    os.setsid()
    socket.sethostname("sandbox")
    os.dup2(streams.job_fd, 0)
    close_descriptors((0, 1, 2, streams.ready_fd))
    _build_root(layout, socket_path)
    limit_resources()
    give_up_powers(filtered=layout.filtered)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.write(streams.ready_fd, b"1")
    os.close(streams.ready_fd)
    return main()


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _map_ids(uid: int, gid: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_UID} {gid} 1")


def _build_root(layout: Layout, socket_path: str) -> None:
    private = syscalls.MS_REC | syscalls.MS_PRIVATE
    syscalls.mount("none", "/", "", flags=private)
    _mount_tmpfs("/tmp", "mode=0755,size=64k")  # noqa: S108 (a mount point, no file)
    for name in ("old", "new"):
        Path("/tmp", name).mkdir()  # noqa: S108
    syscalls.pivot_root("/tmp", "/tmp/old")  # noqa: S108
    os.chdir("/")
    _mount_tmpfs("/new", "mode=0755,size=1m")
    # First, so that Python may itself lie under /tmp.
    Path("/new/tmp").mkdir()
    _mount_tmpfs("/new/tmp", "mode=1777,size=64m")
    for source, target in layout.binds:
        _bind(source, target, read_only=True)
    for name in ("null", "zero", "urandom", "random"):
        _bind(f"/dev/{name}", f"/dev/{name}", read_only=False)
    for link, target in layout.links:
        Path(f"/new{link}").symlink_to(target)
    _bind(socket_path, INNER_SOCKET, read_only=False)
    os.chdir("/new")
    syscalls.pivot_root(".", ".")
    syscalls.unmount_lazily(".")
    os.chdir("/")
    syscalls.set_mount_attributes("/", READ_ONLY, recursive=False)


def _mount_tmpfs(target: str, options: str) -> None:
    flags = syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount("tmpfs", target, "tmpfs", flags=flags, options=options)


def _bind(source: str, target: str, *, read_only: bool) -> None:
    old, new = Path(f"/old{source}"), Path(f"/new{target}")
    if old.is_dir():
        new.mkdir(parents=True, exist_ok=True)
    else:
        new.parent.mkdir(parents=True, exist_ok=True)
        new.touch()
    flags = syscalls.MS_BIND | syscalls.MS_REC
    syscalls.mount(str(old), str(new), "", flags=flags)
    attributes = READ_ONLY if read_only else syscalls.MOUNT_ATTR_NOSUID
    syscalls.set_mount_attributes(str(new), attributes, recursive=True)


def _as_exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
