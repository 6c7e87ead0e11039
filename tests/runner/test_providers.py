import os
import signal
from pathlib import Path

import pytest
import pytest_socket

from runner.inmate import Entry
from runner.layout import find_layout
from runner.providers import bare, bubblewrap
from tests.runner.sandboxed import PROJECT, gateway_socket, why_not


@pytest.fixture(autouse=True)
def _sockets() -> None:
    pytest_socket.enable_socket()


def test_a_prepared_child_is_used_once() -> None:
    """What was prepared serves the next job; the one after is another."""
    provider = bare(PROJECT)
    job = os.open("/dev/null", os.O_RDONLY)
    with gateway_socket() as path:
        provider.refill(path)
        prepared = provider.waiting[path].child.pid
        children = [provider.start(Entry.job, job, path) for _ in range(2)]
        provider.close()
    os.close(job)
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        os.close(child.ready_fd)
        os.close(child.output_fd)

    assert children[0].pid == prepared != children[1].pid


def test_a_prepared_child_with_an_old_socket_is_dropped() -> None:
    """The gateway made its socket anew: the mount inside is dead."""
    provider = bare(PROJECT)
    with gateway_socket() as path:
        provider.refill(path)
        waiting = provider.waiting[path]
        Path(path).rename(f"{path}.old")
        Path(path).touch()
        fits = waiting.fits(path)
        provider.close()

    assert not fits


def test_bubblewrap_is_told_everything() -> None:
    """No namespace shared, no power, no environment, death with the parent."""
    if reason := why_not("bubblewrap"):
        pytest.skip(reason)
    command = bubblewrap(find_layout(PROJECT)).command(Entry.job, "/run/x.sock")

    assert {"--unshare-all", "--clearenv", "--die-with-parent"} <= set(command)
    assert command[command.index("--cap-drop") + 1] == "ALL"
    assert "/run/gateway/runner.sock" in command
