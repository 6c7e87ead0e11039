"""Tables whose rows are only ever added."""

import psycopg
import pytest
from psycopg import sql

from storage.grants import ROLES
from tests.database import ADMIN, RELEASE
from tests.storage.conftest import Filled

TABLES = (
    "decisions",
    "eval_cases",
    "evidence",
    "journal",
    "ledger",
    "ledger_anchors",
    "ledger_checkpoints",
    "ledger_seals",
    "policy_bundles",
)
CHANGES = {
    "UPDATE": "UPDATE {} SET tenant_id = tenant_id",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {} CASCADE",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ROLES)
def test_no_process_changes_a_row(
    filled: Filled, role: str, table: str, change: str
) -> None:
    """A process role has no grant to change what was added."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        filled.connect(role).execute(
            sql.SQL(CHANGES[change]).format(sql.Identifier(table))
        )


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", [RELEASE, ADMIN])
def test_not_even_the_owner_changes_a_row(
    filled: Filled, role: str, table: str, change: str
) -> None:
    """The trigger refuses those whom no grant holds."""
    with pytest.raises(
        psycopg.errors.InsufficientPrivilege, match=f"{change} on {table} is refused"
    ):
        filled.connect(role).execute(
            sql.SQL(CHANGES[change]).format(sql.Identifier(table))
        )


def test_truncating_a_parent_reaches_no_insert_only_table(filled: Filled) -> None:
    """CASCADE from the tenants stops at the first trigger."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added"):
        filled.connect(ADMIN).execute("TRUNCATE tenants CASCADE")


def test_these_are_the_tables_with_the_trigger(filled: Filled) -> None:
    """The list above is the catalogue's, and every trigger is on."""
    found = filled.connect(ADMIN).execute(
        "SELECT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgname = 'keep' AND tgenabled = 'O' ORDER BY 1"
    )

    assert list(TABLES) == [name for (name,) in found]
