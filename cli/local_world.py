"""
Everything on one machine: embedded servers, a fresh database, the lab, the processes.

Used by the demo, by journeys in tests, and by the benchmark. Nothing outside its folder
is touched; the servers listen on Unix sockets of this user alone, with passwords.
"""

import secrets
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import yaml
from psycopg import sql

from cli.clock import utc_now
from cli.keys import new_keys
from cli.migrate import upgrade
from cli.processes import ROOT
from cli.supervisor import Program, environment_of, programs_of
from lab.embedded.postgres import EmbeddedPostgres
from lab.embedded.socket_folder import private_folder, socket_folder
from lab.embedded.valkey import EmbeddedValkey
from lab.embedded.vector import make_vector
from policy.scope import Scope
from storage import setup
from storage.database import connect
from storage.grants import ROLES
from storage.setup import Endpoint
from storage.steps import Step

DATABASE = "autopilot"
SCOPE = Scope("genme", "prod")
TEAM = "T0GENME"
CHANNEL = "C0RELIABILITY"
WEBHOOK_SLUG = "lab"
# Postgres, Valkey, logs and a demo's rows stay below this.
_LAB_FIXES = 100
LEAST_FREE_BYTES = 400 * 1024 * 1024


class NoRoom(Exception):
    """The disk is too full to start."""


@dataclass(frozen=True, slots=True)
class LocalWorld:
    """What runs where, and with which settings."""

    folder: Path
    environment: Mapping[str, str]
    web_url: str
    lab_url: str

    def programs(self) -> list[Program]:
        """Give the lab and the Procfile's processes, each with its own settings."""
        lab = Program(
            "lab", (sys.executable, "-m", "lab.server"), self._lab_environment()
        )
        return [lab, *programs_of(ROOT / "Procfile", self.environment)]

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def _lab_environment(self) -> Mapping[str, str]:
        lab = {
            name: value
            for name, value in self.environment.items()
            if name.startswith("LAB_")
        }
        return environment_of("lab", self.environment) | lab


@dataclass(frozen=True, slots=True)
class Wanted:
    """``ports`` are (web, lab); ``time_scale`` speeds the platform's dynamics up."""

    folder: Path
    ports: tuple[int, int]
    base_environment: Mapping[str, str]
    time_scale: float = 1.0
    sandbox: str = "auto"
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Servers:
    """The embedded Postgres and Valkey, running."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey


@asynccontextmanager
async def servers(folder: Path, *, durable: bool = True) -> AsyncIterator[Servers]:
    """Start both servers, and stop them at the end."""
    check_room(folder)
    parameters = {} if durable else {"fsync": "off", "synchronous_commit": "off"}
    postgres = EmbeddedPostgres(
        private_folder(folder / "postgres"), parameters=parameters
    )
    valkey = EmbeddedValkey(private_folder(folder / "valkey"))
    try:
        await postgres.start_async()
        await valkey.start_async()
        yield Servers(postgres, valkey)
    finally:
        await valkey.stop_async()
        await postgres.stop_async()


def release_texts() -> dict[str, str]:
    """Give the settings that name the texts of this checkout."""
    return {
        "AGENTS_FOLDER": str(ROOT / "agents"),
        "POLICY_FOLDER": str(ROOT / "policy" / "rules"),
        "ROUTES_FILE": str(ROOT / "routes.yaml"),
    }


async def prepare(running: Servers, wanted: Wanted) -> LocalWorld:
    """Make a fresh database with roles, tenant and endpoint, and all settings."""
    passwords = {role: secrets.token_urlsafe(24) for role in ("release", *ROLES)}
    _make_database(running.postgres, passwords)
    urls = {role: _url(running.postgres, role, passwords[role]) for role in passwords}
    upgrade(urls["release"])
    _let_log_in(running.postgres, passwords)
    keys = new_keys()
    await _seed(urls["release"], keys["WEBHOOK_TOKEN"])
    web, lab = wanted.ports
    environment = {
        **wanted.base_environment,
        **{f"DATABASE_URL_{role.upper()}": url for role, url in urls.items()},
        **{name: value for name, value in keys.items() if name != "WEBHOOK_TOKEN"},
        **_addresses(web, lab),
        **_lab_settings(web, lab, keys["WEBHOOK_TOKEN"], wanted),
        "REDIS_URL": running.valkey.url,
        "GATEWAY_SOCKET_FOLDER": str(
            socket_folder(private_folder(wanted.folder / "gateway"), "control.sock")
        ),
        "GATEWAY_LAB_ONLY": "true",
        "LEDGER_ANCHOR_FILE": str(_anchors(wanted.folder)),
        "LEDGER_CHECKPOINT_SECONDS": "1",
        "SANDBOX": wanted.sandbox,
        **release_texts(),
        "ROUTES_FILE": str(_lab_routes(wanted.folder)),
        "PYTHONPATH": str(ROOT),
    }
    shared = environment["LAB_PLATFORM_TOKEN"]
    environment |= {
        "PLATFORM_TOKEN": shared,
        "PROMETHEUS_TOKEN": shared,
        "MODEL_API_KEY": shared,
        "SLACK_BOT_TOKEN": environment["LAB_SLACK_BOT_TOKEN"],
        "SLACK_SIGNING_SECRET": environment["LAB_SLACK_SIGNING_SECRET"],
        **wanted.settings,
    }
    return LocalWorld(
        wanted.folder,
        environment,
        f"http://127.0.0.1:{web}",
        f"http://127.0.0.1:{lab}",
    )


def _anchors(folder: Path) -> Path:
    """Give the file where checkpoints hang: a fresh one, as the database is."""
    path = folder / "anchors.jsonl"
    path.unlink(missing_ok=True)
    return path


def _lab_routes(folder: Path) -> Path:
    """Give the shipped routes for a platform that is broken on purpose, often."""
    text = yaml.safe_load((ROOT / "routes.yaml").read_text(encoding="utf-8"))
    for route in text["routes"]:
        route["most_fixes"] = _LAB_FIXES
    routes = folder / "lab-routes.yaml"
    routes.write_text(yaml.safe_dump(text), encoding="utf-8")
    return routes


def check_room(folder: Path) -> None:
    """
    Check that the disk has room for a start.

    Raises:
        NoRoom: it has not.
    """
    private_folder(folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise NoRoom(
            f"{folder}: {free // 2**20} MiB free, {LEAST_FREE_BYTES // 2**20} MiB "
            "needed; free some space, or choose another --folder"
        )


def free_port(wanted: int) -> int:
    """Give the wanted loopback port, or the next free one above it."""
    for port in range(wanted, wanted + 50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoRoom(f"ports {wanted} to {wanted + 49} are all in use; stop something")


def _make_database(postgres: EmbeddedPostgres, passwords: Mapping[str, str]) -> None:
    owner = sql.Identifier("autopilot_release")
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:
        admin.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(DATABASE)
            )
        )
        known = admin.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = 'autopilot_release'"
        ).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        admin.execute(
            sql.SQL("{} ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
                verb, owner, sql.Literal(passwords["release"])
            )
        )
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(DATABASE), owner
            )
        )
    make_vector(postgres.admin_url(DATABASE))


def _let_log_in(postgres: EmbeddedPostgres, passwords: Mapping[str, str]) -> None:
    """The migrations make roles that can't log in; here they get passwords."""
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:
        for role in ROLES:
            admin.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(f"autopilot_{role}"), sql.Literal(passwords[role])
                )
            )


def _url(postgres: EmbeddedPostgres, role: str, password: str) -> str:
    host = quote(str(postgres.socket_folder), safe="")
    return f"postgresql://autopilot_{role}:{password}@/{DATABASE}?host={host}"


async def _seed(url: str, webhook_token: str) -> None:
    database = connect(url, utc_now, pool_size=1)
    try:
        async with database.dispatch(Step.set_up) as tx:
            await setup.add_scope(tx, SCOPE, name="GenMe", frozen=False)
            await setup.add_team(tx, TEAM)
            await setup.add_endpoint(
                tx, Endpoint("alertmanager", WEBHOOK_SLUG, webhook_token)
            )
    finally:
        await database.close()


def _addresses(web: int, lab: int) -> Mapping[str, str]:
    return {
        "WEB_PORT": str(web),
        "SLACK_API_URL": f"http://127.0.0.1:{lab}/api/",
        # The lab's workspace limits nobody, and a storm has not to take Slack's time.
        "SLACK_RATE": "20",
        # What does not fit into Slack is a bug of ours; shortened, nobody would see it.
        "OUTBOUND_STRICT": "true",
        "PLATFORM_URL": f"http://127.0.0.1:{lab}/platform",
        "PROMETHEUS_URL": f"http://127.0.0.1:{lab}/prometheus",
        "MODEL_BASE_URL": f"http://127.0.0.1:{lab}/model/v1",
        "MODEL_PRIVATE": "true",
        "MODELS_FILE": str(ROOT / "lab" / "model" / "models.yaml"),
    }


def _lab_settings(
    web: int, lab: int, webhook_token: str, wanted: Wanted
) -> Mapping[str, str]:
    state = wanted.folder / "lab.json"
    state.unlink(missing_ok=True)
    return {
        "LAB_PORT": str(lab),
        "LAB_WEB_URL": f"http://127.0.0.1:{web}",
        "LAB_WEBHOOK_PATH": f"/webhooks/alertmanager/{WEBHOOK_SLUG}",
        "LAB_WEBHOOK_TOKEN": webhook_token,
        "LAB_SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(16)}",
        "LAB_SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "LAB_PLATFORM_TOKEN": secrets.token_urlsafe(24),
        "LAB_TIME_SCALE": str(wanted.time_scale),
        "LAB_STATE_FILE": str(state),
    }
