"""``autopilot db upgrade``: from nothing, from anywhere, one release at a time."""

import threading
from pathlib import Path

import psycopg
import pytest

from cli.migrate import alembic_config, upgrade
from tests.cli.world import Autopilot, Environment, wait_for
from tests.database import ADMIN, RELEASE, Urls

# The key of alembic/env.py.
_LOCK = 7_406_911


def tables(urls: Urls) -> int:
    with psycopg.connect(urls[ADMIN]) as admin:
        return admin.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
        ).rowcount


def test_an_empty_database_is_migrated_from_any_folder(
    autopilot: Autopilot,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    empty: Urls,
) -> None:
    """The migrations lie beside the code, not where the shell stands."""
    monkeypatch.chdir(tmp_path)
    environment.set(DATABASE_URL_RELEASE=empty[RELEASE])
    before = tables(empty)
    said = autopilot("db", "upgrade")

    assert (0, 0) == (before, said.code)
    assert tables(empty) > 10


def test_a_second_release_waits_for_the_first(urls: Urls) -> None:
    """It neither fails nor migrates beside it."""
    running = threading.Thread(target=upgrade, args=[urls[RELEASE]])
    with psycopg.connect(urls[ADMIN], autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        running.start()
        wait_for(lambda: waiting(first) == 1, "the second release waits")
        was_alive = running.is_alive()
        first.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        running.join()
        left = first.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")

        assert (True, 0) == (was_alive, left.rowcount)


def waiting(admin: psycopg.Connection) -> int:
    """Count the releases that asked for the lock, had it not, and hold nothing."""
    return admin.execute(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = 'autopilot_release' AND state = 'idle' AND query = 'ROLLBACK'"
    ).rowcount


def test_a_password_with_percent_signs_stays_whole() -> None:
    """Alembic's file format would take them for its own."""
    url = "postgresql://autopilot_release:100%25%40s@host/autopilot"

    assert url == alembic_config(url).get_main_option("sqlalchemy.url")


def test_a_server_that_does_not_run_is_said_in_one_line(
    autopilot: Autopilot, environment: Environment, nowhere: str
) -> None:
    """With the server's own words, and without the password."""
    environment.set(DATABASE_URL_RELEASE=nowhere)
    said = autopilot("db", "upgrade")

    assert (1, "") == (said.code, said.out)
    assert "check DATABASE_URL_RELEASE and that Postgres runs" in said.complaint
    assert "secret" not in said.complaint


def test_a_login_that_may_not_migrate_fails_aloud(urls: Urls) -> None:
    """Only the connection is translated: what a migration says keeps its trace."""
    with psycopg.connect(urls[ADMIN], autocommit=True) as admin:
        admin.execute("UPDATE alembic_version SET version_num = 'unheard of'")

    with pytest.raises(Exception, match="unheard of"):
        upgrade(urls[RELEASE])
