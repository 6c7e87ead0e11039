"""
Row-level security: no role sees, changes or makes a row of another scope.

Every (role, table) with a grant is tried, with rows that the catalogue describes;
``test_grants`` proves that the grants enumerated here are all that exist.
"""

import psycopg
import pytest
from psycopg import sql

from policy.scope import Scope
from storage.grants import GRANTS
from tests.database import ADMIN
from tests.storage import row_maker
from tests.storage.conftest import OTHER_ENVIRONMENT, OTHER_TENANT, OURS, Filled

EACH = [(role, table) for role, tables in GRANTS.items() for table in tables]
OTHERS = (OTHER_ENVIRONMENT, OTHER_TENANT)
WALL = "row-level security"
DO_NOTHING = sql.SQL(" ON CONFLICT DO NOTHING")


def allowed(verb: str) -> list[tuple[str, str]]:
    return [(role, table) for role, table in EACH if verb in GRANTS[role][table]]


def entered(filled: Filled, role: str, scope: Scope) -> psycopg.Connection:
    connection = filled.connect(role)
    connection.execute(
        "SELECT set_config('app.tenant', %s, true),"
        " set_config('app.environments', %s, true)",
        [scope.tenant_id, scope.environment],
    )
    return connection


def count(connection: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    query = sql.SQL("SELECT tenant_id, environment FROM {}")
    return list(connection.execute(query.format(sql.Identifier(table))))


def test_every_table_is_walled(filled: Filled) -> None:
    """Each table in public has RLS enabled and forced, but Alembic's own."""
    open_tables = filled.connect(ADMIN).execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm')"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    )

    assert [("alembic_version",)] == open_tables.fetchall()


def test_every_table_has_a_scope(filled: Filled) -> None:
    """Each table carries tenant and environment, and neither may be null."""
    scoped = filled.connect(ADMIN).execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_nullable = 'NO'"
        " AND column_name IN ('tenant_id', 'environment')"
        " GROUP BY table_name HAVING count(*) = 2"
    )

    assert set(filled.tables) == {name for (name,) in scoped}


def test_every_foreign_key_includes_the_scope(filled: Filled) -> None:
    """No row can point across a wall, even where a policy is wrong."""
    loose = filled.connect(ADMIN).execute(
        "SELECT k.conname FROM pg_constraint k WHERE k.contype = 'f' AND 2 <>"
        " (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = k.conrelid"
        " AND a.attnum = ANY (k.conkey) AND a.attname IN ('tenant_id', 'environment'))"
    )

    assert [] == loose.fetchall()


def test_no_process_is_above_the_walls(filled: Filled) -> None:
    """No role of ours is superuser, bypasses RLS, or may set the release role."""
    roles = filled.connect(ADMIN).execute(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'autopilot%'"
        " AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolreplication"
        " OR (rolcreaterole AND rolname <> 'autopilot_release'))"
    )

    assert [] == roles.fetchall()


def test_no_process_belongs_to_another_role(filled: Filled) -> None:
    """No process role inherits or can become another one: each has its grants alone."""
    memberships = filled.connect(ADMIN).execute(
        "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text LIKE 'autopilot%'"
        " AND member::regrole::text <> 'autopilot_release'"
    )

    assert [] == memberships.fetchall()


@pytest.mark.parametrize(("role", "table"), EACH)
def test_a_role_sees_its_scope_alone(filled: Filled, role: str, table: str) -> None:
    """SELECT gives the entered scope's row and nothing of the other two."""
    seen = count(entered(filled, role, OURS), table)

    assert [(OURS.tenant_id, OURS.environment)] == seen


@pytest.mark.parametrize(("role", "table"), EACH)
def test_no_scope_no_rows(filled: Filled, role: str, table: str) -> None:
    """A transaction that entered no scope sees an empty table."""
    assert [] == count(filled.connect(role), table)


@pytest.mark.parametrize(("role", "table"), EACH)
def test_an_empty_scope_is_no_scope(filled: Filled, role: str, table: str) -> None:
    """Empty settings, which Postgres leaves after SET LOCAL, match no row."""
    assert [] == count(entered(filled, role, Scope("", "")), table)


@pytest.mark.parametrize("other", OTHERS, ids=str)
@pytest.mark.parametrize(("role", "table"), allowed("U"))
def test_a_role_changes_no_other_scope(
    filled: Filled, role: str, table: str, other: Scope
) -> None:
    """UPDATE aimed at another scope touches no row."""
    statement = sql.SQL(
        "UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = %s AND environment = %s"
    ).format(sql.Identifier(table))
    connection = entered(filled, role, OURS)
    own = connection.execute(statement, [OURS.tenant_id, OURS.environment]).rowcount
    theirs = connection.execute(statement, [other.tenant_id, other.environment])

    assert (1, 0) == (own, theirs.rowcount)


@pytest.mark.parametrize("other", OTHERS, ids=str)
@pytest.mark.parametrize(("role", "table"), allowed("U"))
def test_a_role_moves_no_row_away(
    filled: Filled, role: str, table: str, other: Scope
) -> None:
    """UPDATE can't give an own row to another scope."""
    statement = sql.SQL("UPDATE {} SET tenant_id = %s, environment = %s").format(
        sql.Identifier(table)
    )

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=WALL):
        entered(filled, role, OURS).execute(
            statement, [other.tenant_id, other.environment]
        )


@pytest.mark.parametrize("other", OTHERS, ids=str)
@pytest.mark.parametrize(("role", "table"), allowed("D"))
def test_a_role_deletes_no_other_scope(
    filled: Filled, role: str, table: str, other: Scope
) -> None:
    """DELETE aimed at another scope touches no row."""
    statement = sql.SQL("DELETE FROM {} WHERE tenant_id = %s AND environment = %s")
    done = entered(filled, role, OURS).execute(
        statement.format(sql.Identifier(table)), [other.tenant_id, other.environment]
    )

    assert 0 == done.rowcount


@pytest.mark.parametrize("other", OTHERS, ids=str)
@pytest.mark.parametrize(("role", "table"), allowed("I"))
def test_a_role_adds_to_no_other_scope(
    filled: Filled, role: str, table: str, other: Scope
) -> None:
    """INSERT into another scope is refused by the wall, not by a missing grant."""
    values = row_maker.row(filled.tables[table], other, salt="new")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=WALL):
        entered(filled, role, OURS).execute(
            row_maker.insert(filled.tables[table], values), values
        )


@pytest.mark.parametrize(("role", "table"), allowed("I"))
def test_a_role_adds_to_its_own_scope(filled: Filled, role: str, table: str) -> None:
    """INSERT into the entered scope passes the wall, so the refusals mean something."""
    values = row_maker.row(filled.tables[table], OURS, salt="new")
    statement = row_maker.insert(filled.tables[table], values)
    # A key made of parents alone is taken; then DO NOTHING, after the wall.
    done = entered(filled, role, OURS).execute(statement + DO_NOTHING, values)

    assert done.statusmessage in {"INSERT 0 1", "INSERT 0 0"}
