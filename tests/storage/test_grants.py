"""The matrix of grants, held against the catalogue: no more and no less."""

from collections import defaultdict

import psycopg
import pytest

from storage.grants import COLUMNS, FUNCTIONS, GRANTS, ROLES
from tests.database import ADMIN
from tests.storage.conftest import Filled

LETTERS: dict[str, str] = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D"}
ID_AND_SCOPE = {"tenant_id", "environment", "id", "task_id", "kind", "state", "fence"}
NAMES = [signature.split("(", 1)[0] for signature in FUNCTIONS]
NEEDS_SCOPE = {"tenant_id", "environment"}

_TABLE_GRANTS = """
    SELECT a.grantee::regrole::text, c.relname, a.privilege_type
    FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'i'
      AND a.grantee <> c.relowner
"""
_COLUMN_GRANTS = """
    SELECT e.grantee::regrole::text, c.relname, a.attname, e.privilege_type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) e
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3
"""
_CALLABLE = """
    SELECT f.proname || '(' || oidvectortypes(f.proargtypes) || ')', r.rolname
    FROM pg_proc f CROSS JOIN pg_roles r
    WHERE f.pronamespace = 'public'::regnamespace
      AND f.prorettype <> 'trigger'::regtype AND r.rolname = ANY (%s)
      AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
"""


@pytest.fixture
def admin(filled: Filled) -> psycopg.Connection:
    return filled.connect(ADMIN)


def test_table_grants_are_the_matrix(admin: psycopg.Connection) -> None:
    """Each process role has on each table what GRANTS says."""
    found: dict[str, dict[str, set[str]]]
    found = defaultdict(lambda: defaultdict(set))
    for grantee, table, verb in admin.execute(_TABLE_GRANTS):
        if grantee != "autopilot_dispatcher":
            role = grantee.removeprefix("autopilot_")
            found[role][table].add(LETTERS.get(verb) or verb)

    assert {
        role: {table: set(letters) for table, letters in tables.items()}
        for role, tables in GRANTS.items()
    } == found


def test_column_grants_are_the_list(admin: psycopg.Connection) -> None:
    """No column has a grant of its own that COLUMNS does not name, and for UPDATE."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for grantee, table, column, verb in admin.execute(_COLUMN_GRANTS):
        assert verb == "UPDATE"
        found[grantee.removeprefix("autopilot_")][table].append(column)

    assert {
        role: {table: list(columns) for table, columns in tables.items()}
        for role, tables in COLUMNS.items()
    } == found


def test_function_grants_are_the_list(admin: psycopg.Connection) -> None:
    """Each function may be called by the roles that FUNCTIONS names, and no other."""
    found: dict[str, set[str]] = defaultdict(set)
    for signature, role in admin.execute(
        _CALLABLE, [[f"autopilot_{role}" for role in ROLES]]
    ):
        found[signature].add(role.removeprefix("autopilot_"))

    assert {name: set(roles) for name, roles in FUNCTIONS.items()} == found


def test_the_public_calls_nothing(admin: psycopg.Connection) -> None:
    """A role without grants can execute no dispatcher function."""
    callable_by_all = admin.execute(
        "SELECT f.proname FROM pg_proc f, aclexplode(f.proacl) a"
        " WHERE f.pronamespace = 'public'::regnamespace AND a.grantee = 0"
    ).fetchall()
    without_acl = admin.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND proacl IS NULL AND prorettype <> 'trigger'::regtype"
    ).fetchall()

    assert ([], []) == (callable_by_all, without_acl)


def test_dispatchers_run_as_one_role_that_cannot_log_in(
    admin: psycopg.Connection,
) -> None:
    """All that look across scopes belong to the dispatcher, and pin their path."""
    owners = admin.execute(
        "SELECT DISTINCT f.proowner::regrole::text, r.rolcanlogin, f.prosecdef,"
        " f.proconfig FROM pg_proc f JOIN pg_roles r ON r.oid = f.proowner"
        " WHERE f.proname = ANY (%s)",
        [NAMES],
    ).fetchall()

    assert [
        ("autopilot_dispatcher", False, True, ["search_path=public, pg_temp"])
    ] == owners


def test_nothing_else_runs_as_its_owner(admin: psycopg.Connection) -> None:
    """No function but the dispatchers' is SECURITY DEFINER."""
    definers = admin.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef"
        " AND pronamespace = 'public'::regnamespace"
    )

    assert set(NAMES) == {name for (name,) in definers}


@pytest.mark.parametrize("name", NAMES)
def test_dispatchers_give_ids_and_scope_alone(
    admin: psycopg.Connection, name: str
) -> None:
    """What crosses the wall is an id, its scope, and the words of a claim."""
    row = admin.execute(
        "SELECT proargnames[pronargs + 1:] FROM pg_proc WHERE proname = %s", [name]
    ).fetchone()
    assert row is not None
    columns = set(row[0])

    assert NEEDS_SCOPE <= columns <= ID_AND_SCOPE


@pytest.mark.parametrize("role", ROLES)
def test_nobody_makes_tables(filled: Filled, role: str) -> None:
    """No process role can create anything in the schema."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema public"):
        filled.connect(role).execute("CREATE TABLE public.mine (id integer)")
