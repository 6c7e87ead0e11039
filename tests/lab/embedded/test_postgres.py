"""A real Postgres, started and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lab.embedded import child
from lab.embedded.folder_lock import FolderInUse
from lab.embedded.postgres import (
    EmbeddedPostgres,
    NamespaceRefused,
    PostgresFailed,
    failure,
)

pytestmark = pytest.mark.services

HOLD = """
import sys, time
from pathlib import Path
from lab.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print((server.cluster / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(60)
"""
STRANGER = """
import os, sys
import psycopg
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    psycopg.connect(sys.argv[1])
except psycopg.OperationalError as refused:
    print(refused)
    sys.exit(7)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path_factory.mktemp("pg"))
    made.start()
    yield made
    made.stop()


def test_serves_and_makes_databases_once(server: EmbeddedPostgres) -> None:
    """A database is made, made again without harm, and answers."""
    server.create_database("autopilot")
    server.create_database("autopilot")

    with psycopg.connect(server.admin_url("autopilot")) as connection:
        assert ("autopilot", "200", "") == connection.execute(
            "SELECT current_database(), current_setting('max_connections'),"
            " current_setting('listen_addresses')"
        ).fetchone()


def test_the_password_is_needed(server: EmbeddedPostgres) -> None:
    """The socket alone lets nobody in."""
    url = f"postgresql://postgres:wrong@/postgres?host={server.socket_folder}"

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_connect(server: EmbeddedPostgres) -> None:
    """Even with the URL, the socket's folder is closed to others."""
    tried = subprocess.run(
        [sys.executable, "-c", STRANGER, server.admin_url()],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert 7 == tried.returncode, tried.stderr
    assert "ermission denied" in tried.stdout


def test_files_are_private(server: EmbeddedPostgres) -> None:
    """Folder and password are for their owner alone."""
    password = server.cluster.parent / "password"

    assert 0o600 == password.stat().st_mode & 0o777
    assert 0o700 == server.socket_folder.stat().st_mode & 0o777


def test_a_second_start_is_refused(server: EmbeddedPostgres) -> None:
    """One folder, one server."""
    with pytest.raises(FolderInUse, match="stop it first"):
        EmbeddedPostgres(server.cluster.parent).start()


async def test_restarts_over_a_stale_pid_file(tmp_path: Path) -> None:
    """A pid that now is somebody else's does not stop it; rows are kept."""
    server = EmbeddedPostgres(tmp_path / "pg", parameters={"fsync": "off"})
    await server.start_async()
    server.create_database("kept")
    await server.stop_async()
    (server.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n/x\n")
    await server.start_async()

    with psycopg.connect(server.admin_url("kept")) as connection:
        assert (1,) == connection.execute("SELECT 1").fetchone()
    await server.stop_async()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """The socket moves to the temporary folder, and stays there."""
    folder = tmp_path / ("long" * 25)
    server = EmbeddedPostgres(folder)
    server.start()
    first = server.socket_folder
    server.stop()
    server.start()

    assert first == server.socket_folder
    assert len(bytes(first / ".s.PGSQL.5432")) <= 100
    server.stop()


def test_a_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    """SIGKILL of the parent ends the server, and the folder can be used."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "pg")],
        stdout=subprocess.PIPE,
        env={**child_environment()},
    )
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()

    assert ends_within(pid, 10)
    again = EmbeddedPostgres(tmp_path / "pg")
    again.start()
    again.stop()


def test_errors_say_what_to_do() -> None:
    """A refused namespace and a full disk each name the way out."""
    refused = failure(child.NAMESPACE_REFUSED, "not permitted")
    full = failure(1, "FATAL: No space left on device")

    assert isinstance(refused, NamespaceRefused)
    assert "normal user" in str(refused)
    assert "No space left" in str(full)


def test_a_bad_parameter_shows_the_log(tmp_path: Path) -> None:
    """The server's last words are in the error, and the folder is free again."""
    server = EmbeddedPostgres(tmp_path / "pg", parameters={"max_connections": "no"})
    for _ in range(2):
        with pytest.raises(PostgresFailed, match="max_connections"):
            server.start()


def child_environment() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": "/usr/bin:/bin"}


def ends_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists():
        if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
