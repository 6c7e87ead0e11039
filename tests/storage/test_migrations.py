"""Migrations: repeatable, in step with the tables, on the oldest Postgres we serve."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from alembic import command
from cli.migrate import alembic_config
from storage.grants import GRANTS, ROLES
from tests.database import ADMIN, RELEASE, Urls, migrate

OLDEST = Path("/usr/lib/postgresql/15/bin")
_SHAPE = """
    SELECT c.relname, a.attname, a.attnum, c.relacl::text, c.relrowsecurity
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 3
"""


def test_migrating_again_changes_nothing(urls: Urls, admin: psycopg.Connection) -> None:
    """A release that runs twice is a no-op."""
    before = admin.execute(_SHAPE).fetchall()
    migrate(urls[RELEASE])

    assert before == admin.execute(_SHAPE).fetchall()


# Alembic reads the catalogue with SQLAlchemy's own types, which lack this one.
@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_the_migrations_make_the_tables_of_the_code(urls: Urls) -> None:
    """``alembic check`` finds nothing that a migration forgot."""
    command.check(alembic_config(urls[RELEASE]))


def test_the_walls_are_never_taken_down(urls: Urls) -> None:
    """A downgrade says what to do instead."""
    with pytest.raises(RuntimeError, match="restore a backup"):
        command.downgrade(alembic_config(urls[RELEASE]), "0001")


def test_a_second_database_of_the_cluster_can_be_migrated(urls: Urls) -> None:
    """Roles that are there already, from another database, stop no migration."""
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        admin.execute("CREATE DATABASE second OWNER autopilot_release")
        migrate(urls[RELEASE].replace(f"/{urls.database}?", "/second?"))
        admin.execute("DROP DATABASE second WITH (FORCE)")


@pytest.fixture
def oldest(tmp_path: Path) -> Iterator[str]:
    """Serve Postgres 15 on a socket; give the superuser's URL."""
    as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    run = as_user if os.geteuid() == 0 else []
    folder = tmp_path if not run else Path("/tmp") / f"pg15-{os.getpid()}"  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    if run:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"
    control = [*run, str(OLDEST / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-c listen_addresses='' -c fsync=off -k {folder}"
    subprocess.run(
        [
            *run,
            str(OLDEST / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-U",
            "postgres",
        ],
        check=True,
        capture_output=True,
        cwd="/",
    )
    subprocess.run(
        [*control, "-l", str(folder / "log"), "-o", options, "start"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.services
@pytest.mark.skipif(not OLDEST.exists(), reason="Postgres 15 is not installed")
def test_the_oldest_postgres_takes_the_migrations(oldest: str) -> None:
    """Postgres 15 gets the same tables, grants and look-ups."""
    with psycopg.connect(oldest, autocommit=True) as admin:
        admin.execute("CREATE ROLE autopilot_release LOGIN CREATEROLE")
        admin.execute("CREATE DATABASE app OWNER autopilot_release")
    release = oldest.replace("postgres@/postgres?", "autopilot_release@/app?")
    for _ in range(2):
        migrate(release)
    with psycopg.connect(oldest.replace("/postgres?", "/app?")) as app:
        counted = app.execute(
            "SELECT count(DISTINCT grantee) FROM information_schema.table_privileges"
            " WHERE grantee = ANY (%s)",
            [[f"autopilot_{role}" for role in ROLES]],
        ).fetchone()
        scopes = app.execute("SELECT * FROM list_scopes()").fetchall()
        app.execute("SELECT * FROM claim_task('w', 30, 1, true, 'prod')")

    assert ((len(GRANTS),), []) == (counted, scopes)


def test_two_releases_at_once_migrate_once(urls: Urls) -> None:
    """One waits for the other, which waits for nobody: an index is built beside."""
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        admin.execute("CREATE DATABASE third OWNER autopilot_release")
    url = urls[RELEASE].replace(f"/{urls.database}?", "/third?")
    program = [sys.executable, "-m", "cli.main", "db", "upgrade"]
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL_RELEASE": url}
    both = [
        subprocess.Popen(program, env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    ended = [(one.communicate(timeout=120)[1], one.returncode) for one in both]
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        admin.execute("DROP DATABASE third WITH (FORCE)")

    assert [0, 0] == [code for _, code in ended], ended
