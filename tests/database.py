"""
A private Postgres for the tests: migrated once, cloned for each test.

Theory of operation. One cluster serves one pytest process (one xdist worker). In it a
template database is built by the real migrations, under a release role that is neither
superuser nor BYPASSRLS. A test gets a database of its own, so that look-ups across
tenants (claims, the sealer) meet no other test's rows: a clone, or one that a test
before it had to itself, whose sessions are ended and whose rows are gone. One whose
schema a test has changed is never lent again. Nothing is rolled back: commits, bells
and concurrent transactions are real.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import mkdtemp
from urllib.parse import quote

import psycopg
from psycopg import sql

from alembic import command
from cli.migrate import alembic_config
from lab.embedded.postgres import EmbeddedPostgres
from lab.embedded.vector import make_vector
from storage.grants import ROLES

RELEASE = "release"
ADMIN = "admin"
TEMPLATE = "template_autopilot"
ENOUGH_BYTES = 1 << 30
PASSWORD = "of-the-tests"  # noqa: S105 - a socket in a private folder guards it

# Durability is worth nothing here, and autovacuum's transactions would hold back the
# sealer at random.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "scram_iterations": "1",
    "shared_buffers": "32MB",
    # A test that ends while it connects leaves a half-open session, and DROP DATABASE
    # waits for that one: a minute, unless told.
    "authentication_timeout": "10s",
}
# What deletes leave behind is never vacuumed here.
_MOST_LOANS = 40
# Whoever changes a schema, grants and triggers too, leaves a row here.
_MARK_CHANGES = """
    CREATE SCHEMA tests;
    CREATE TABLE tests.changes (command text);
    CREATE FUNCTION tests.mark_change() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tests AS $$
    BEGIN INSERT INTO tests.changes VALUES (tg_tag); END $$;
    CREATE EVENT TRIGGER mark_change ON ddl_command_end
    EXECUTE FUNCTION tests.mark_change();
"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Clock:
    """A clock that stands still until the test moves it; starts at the real time."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, *, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def clock_at(unix_seconds: float) -> Clock:
    return Clock(datetime.fromtimestamp(int(unix_seconds), UTC))


@dataclass(frozen=True)
class Urls(Mapping[str, str]):
    """
    One database's URL for each role.

    Keys: web, gateway, worker, courier, sealer (process roles), release (the owner) and
    admin (a superuser, for what only an attacker or the cluster's owner can do).
    """

    database: str
    by_role: Mapping[str, str]

    def __getitem__(self, role: str) -> str:
        return self.by_role[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_role)

    def __len__(self) -> int:
        return len(self.by_role)


@dataclass
class Loan:
    """A database that one test after the other has to itself; ``inside`` empties it."""

    name: str
    inside: psycopg.Connection
    revision: str
    times: int = 0

    def empty(self) -> bool:
        """Leave it as it was at first; False if that takes more than deleting rows."""
        self.inside.execute(_END_OTHERS)
        changed = self.inside.execute("SELECT 1 FROM tests.changes").fetchone()
        if changed is not None or self.times >= _MOST_LOANS:
            return False
        tables = self.inside.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        emptied = [
            sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for (name,) in tables
        ]
        self.inside.execute(sql.SQL("; ").join(emptied))
        self.inside.execute("INSERT INTO alembic_version VALUES (%s)", [self.revision])
        return True


@dataclass
class Cluster:
    """A running server whose template is migrated."""

    server: EmbeddedPostgres
    admin: psycopg.Connection
    _numbers: Iterator[int] = field(default_factory=count)
    _spare: Loan | None = None

    def urls(self, database: str) -> Urls:
        host = quote(str(self.server.socket_folder), safe="")
        by_role = {
            role: f"postgresql://autopilot_{role}:{PASSWORD}@/{database}?host={host}"
            for role in (*ROLES, RELEASE)
        }
        return Urls(
            database, {**by_role, ADMIN: self.server.admin_url(quote(database))}
        )

    @contextmanager
    def cloned(self, template: str = TEMPLATE) -> Iterator[Urls]:
        """Give a database of its own for the block; about 20 ms, then dropped."""
        name = self._clone(template)
        try:
            yield self.urls(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    @contextmanager
    def lent(self) -> Iterator[Urls]:
        """Give a migrated, empty database for the block; about 3 ms."""
        loan = self._spare or self._new_loan()
        self._spare = None
        loan.times += 1
        try:
            yield self.urls(loan.name)
        finally:
            if loan.empty():
                self._spare = loan
            else:
                loan.inside.close()
                self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)"), loan.name)

    def close(self) -> None:
        if self._spare is not None:
            self._spare.inside.close()

    def _new_loan(self) -> Loan:
        name = self._clone(TEMPLATE)
        inside = psycopg.connect(self.urls(name)[ADMIN], autocommit=True)
        # Nothing that keeps rows from being deleted holds here.
        inside.execute("SET session_replication_role = replica")
        row = inside.execute("SELECT version_num FROM alembic_version").fetchone()
        return Loan(name, inside, row[0] if row else "")

    def _clone(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"),
            name,
            template,
            f"autopilot_{RELEASE}",
        )
        return name

    def make_release(self) -> None:
        """Make the release role as an administrator would, before any migration."""
        self.admin.execute(
            "CREATE ROLE autopilot_release LOGIN CREATEROLE NOSUPERUSER"
            f" NOBYPASSRLS PASSWORD '{PASSWORD}'"
        )

    def make_template(self) -> None:
        self._run(
            sql.SQL("CREATE DATABASE {} OWNER {}"), TEMPLATE, f"autopilot_{RELEASE}"
        )
        make_vector(self.server.admin_url(TEMPLATE))
        migrate(self.urls(TEMPLATE)[RELEASE])
        for role in ROLES:
            self.admin.execute(
                f"ALTER ROLE autopilot_{role} LOGIN PASSWORD '{PASSWORD}'"
            )
        with psycopg.connect(self.urls(TEMPLATE)[ADMIN], autocommit=True) as admin:
            admin.execute(_MARK_CHANGES)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        self.admin.execute(statement.format(*map(sql.Identifier, names)))


def migrate(url: str) -> None:
    command.upgrade(alembic_config(url), "head")


@contextmanager
def fast_folder(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory where there is room: clones are copies of files."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder private
    if not memory.is_dir() or disk_usage(memory).free < ENOUGH_BYTES:
        yield otherwise
        return
    folder = Path(mkdtemp(prefix="autopilot-tests-", dir=memory))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Serve a cluster with a migrated template; about 2 s."""
    server = EmbeddedPostgres(folder, parameters=_FAST)
    server.start()
    try:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            cluster = Cluster(server, admin)
            cluster.make_release()
            cluster.make_template()
            yield cluster
            cluster.close()
    finally:
        server.stop()
