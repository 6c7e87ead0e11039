"""
Start real servers on loopback, in folders of their own; each is ended by its pid.

Starting blocks until the server answers: take ``asyncio.to_thread`` in an async test.
The kernel ends a server with the thread that started it, so no crash leaves one.
"""

import json
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import yaml

from lab.embedded import child
from lab.embedded.postgres import ADMIN, EmbeddedPostgres
from tests.services.install import debian_program, unleash_program

_KNOWN: Mapping[str, Mapping[str, object]] = {
    "tag-types": {"name": "service", "description": "", "icon": ""},
    "strategies": {"name": "ourStaff", "parameters": []},
}
_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05
_STOP_SECONDS = 5.0


class NotReady(Exception):
    """A server ended, or did not answer in time; the message holds its last words."""


@dataclass(frozen=True)
class Server:
    """A running server; ``token`` is empty where it asks for none."""

    url: str
    token: str
    stop: Callable[[], None]


def start_prometheus(
    folder: Path,
    *,
    targets: Sequence[str],
    rules: str = "",
    alertmanagers: Sequence[str] = (),
) -> Server:
    """
    Scrape ``targets`` (host:port) every second; ``rules`` is a rule file's text.

    ``alertmanagers`` are host:port of those to send alerts to.
    """
    program = debian_program("prometheus", "prometheus")
    port = free_port()
    (folder / "rules.yaml").write_text(rules or "groups: []\n")
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [
            {"job_name": "tests", "static_configs": [{"targets": list(targets)}]}
        ],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]
        },
    }
    path = folder / "prometheus.yaml"
    path.write_text(yaml.safe_dump(config))
    return _started(
        [
            str(program),
            f"--config.file={path}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        folder / "prometheus.log",
        url=f"http://127.0.0.1:{port}",
        ready="/-/ready",
    )


def start_alertmanager(folder: Path, *, config: Mapping[str, object]) -> Server:
    """Run with a configuration as its file would hold it."""
    program = debian_program("prometheus-alertmanager", "prometheus-alertmanager")
    port = free_port()
    path = folder / "alertmanager.yaml"
    # JSON is YAML, and turns no word into a bool.
    path.write_text(json.dumps(config))
    return _started(
        [
            *_beside_its_share(program),
            f"--config.file={path}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        folder / "alertmanager.log",
        url=f"http://127.0.0.1:{port}",
        ready="/-/ready",
    )


def start_nats(folder: Path, *, port: int) -> Server:
    """
    Run JetStream; what it keeps, it keeps in ``folder``, for the next one as well.

    ``url`` is the bus's, with its credentials.
    """
    program = debian_program("nats-server", "nats-server")
    monitor, password = free_port(), secrets.token_hex(8)
    server = _started(
        [
            str(program),
            "--jetstream",
            f"--store_dir={folder / 'jetstream'}",
            "--addr=127.0.0.1",
            f"--port={port}",
            "--http_port",
            str(monitor),
            "--user=autopilot",
            f"--pass={password}",
        ],
        folder / "nats.log",
        url=f"http://127.0.0.1:{monitor}",
        ready="/healthz",
    )
    return replace(server, url=f"nats://autopilot:{password}@127.0.0.1:{port}")


def start_unleash(folder: Path, postgres: EmbeddedPostgres) -> Server:
    """
    Run on a database of its own in ``postgres``; ``token`` is an admin's.

    Tags of the type ``service`` and the strategy ``ourStaff`` are known to it: who
    shares the server needs no order.
    """
    script = unleash_program()
    name = f"unleash_{secrets.token_hex(4)}"
    postgres.create_database(name)
    port = free_port()
    token = f"*:*.{secrets.token_hex(20)}"
    password = (postgres.log.parent / "password").read_text().strip()
    server = _started(
        ["node", str(script)],
        folder / "unleash.log",
        url=f"http://127.0.0.1:{port}",
        ready="/health",
        environment={
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(port),
            "DATABASE_HOST": str(postgres.socket_folder),
            "DATABASE_NAME": name,
            "DATABASE_USERNAME": ADMIN,
            "DATABASE_PASSWORD": password,
            "DATABASE_SSL": "false",
            "INIT_ADMIN_API_TOKENS": token,
            "CHECK_VERSION": "false",
            "SEND_TELEMETRY": "false",
            "LOG_LEVEL": "warn",
        },
        token=token,
    )
    for path, made in _KNOWN.items():
        httpx.post(
            f"{server.url}/api/admin/{path}",
            headers={"Authorization": token},
            json=made,
            trust_env=False,
        ).raise_for_status()
    return server


def _beside_its_share(program: Path) -> list[str]:
    """
    Give the command of a program that looks for its templates in ``/usr/share``.

    One that was unpacked elsewhere sees its own share laid over that folder, in a
    mount namespace of its own; nobody else sees it.
    """
    share = program.parents[1] / "share"
    if share == Path("/usr/share"):
        return [str(program)]
    lay = f"mount -t overlay overlay -o lowerdir='{share}':/usr/share /usr/share"
    script = f'{lay} && exec "$0" "$@"'
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", script, str(program)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _started(
    command: Sequence[str],
    log: Path,
    *,
    url: str,
    ready: str,
    environment: Mapping[str, str] | None = None,
    token: str = "",
) -> Server:
    """Run it with this environment and no other, until ``ready`` answers."""
    given = [f"{name}={value}" for name, value in (environment or {}).items()]
    clean = [_found("env"), "-i", *given]
    with log.open("wb") as words:
        process = child.spawn(
            [*clean, _found(command[0]), *command[1:]],
            ends_with=signal.SIGTERM,
            log=words,
        )

    def stop() -> None:
        child.end(process, by=(signal.SIGTERM,), seconds_each=_STOP_SECONDS)

    try:
        _wait(process, f"{url}{ready}", log)
    except BaseException:
        stop()
        raise
    return Server(url, token, stop)


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NotReady(f"{program} is not on the PATH")
    return found


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotReady(f"{url}: {child.last_lines(log)}")
        time.sleep(_POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False
