"""The databases that tests are lent: empty, their own, with the schema as it was."""

import psycopg
import pytest

from tests.database import ADMIN, RELEASE, Cluster, Urls

ROWS = (
    "INSERT INTO tenants (tenant_id, environment, name, created_at)"
    " VALUES ('t', 'prod', 'T', now())"
)


def count(urls: Urls) -> int:
    with psycopg.connect(urls[ADMIN]) as admin:
        row = admin.execute("SELECT count(*) FROM tenants").fetchone()
    return row[0] if row else -1


def test_rows_of_one_test_are_not_the_next_ones(cluster: Cluster) -> None:
    """The same database is lent again, emptied, its version as it was."""
    with cluster.lent() as first, psycopg.connect(first[ADMIN]) as admin:
        admin.execute(ROWS)
        admin.execute("UPDATE alembic_version SET version_num = 'older'")
        admin.commit()
    with cluster.lent() as second:
        found = count(second)
        with psycopg.connect(second[ADMIN]) as admin:
            row = admin.execute("SELECT version_num FROM alembic_version").fetchone()

    assert (first.database, 0) == (second.database, found)
    assert row != ("older",)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE ledger DISABLE TRIGGER USER",
        "GRANT SELECT ON tasks TO autopilot_courier",
        "DROP TABLE executions CASCADE",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
@pytest.mark.parametrize("role", [ADMIN, RELEASE])
def test_a_changed_schema_is_lent_to_nobody(
    cluster: Cluster, role: str, change: str
) -> None:
    """Whoever changed it."""
    with cluster.lent() as first, psycopg.connect(first[role]) as one:
        one.execute(change)
        one.commit()
    with cluster.lent() as second:
        pass

    assert first.database != second.database


def test_a_session_that_a_test_left_is_ended(cluster: Cluster) -> None:
    """Though it holds a lock."""
    with cluster.lent() as first:
        left = psycopg.connect(first[ADMIN])
        left.execute("LOCK TABLE tasks")
    with cluster.lent() as second:
        found = count(second)

    assert (first.database, 0) == (second.database, found)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
