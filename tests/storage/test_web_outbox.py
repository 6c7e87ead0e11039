"""What the web process may change in the outbox: how an answer in a Home stands."""

import psycopg
import pytest
from psycopg import sql

from policy.scope import Scope
from storage.grants import COLUMNS
from tests.database import ADMIN
from tests.storage.conftest import OTHER_ENVIRONMENT, OTHER_TENANT, OURS, Filled

_HELD = sorted(COLUMNS["web"]["outbox"])


def as_web(filled: Filled, destination: str) -> psycopg.Connection:
    """Enter our scope as web; every row of the outbox goes to this destination."""
    # What the test before has locked, first.
    web = filled.connect("web")
    with psycopg.connect(filled.urls[ADMIN], autocommit=True) as admin:
        admin.execute("UPDATE outbox SET destination = %s", [destination])
    web.execute(
        "SELECT set_config('app.tenant', %s, true),"
        " set_config('app.environments', %s, true)",
        [OURS.tenant_id, OURS.environment],
    )
    return web


def change(column: str) -> sql.Composed:
    return sql.SQL("UPDATE outbox SET {0} = {0} WHERE tenant_id = %s").format(
        sql.Identifier(column)
    )


@pytest.mark.parametrize("column", _HELD)
@pytest.mark.parametrize(
    ("destination", "count"), [("home", 1), ("slack", 0), ("page", 0)]
)
def test_web_changes_answers_in_home_alone(
    filled: Filled, column: str, destination: str, count: int
) -> None:
    """No card of a thread and no page, whatever column it would change."""
    done = as_web(filled, destination).execute(change(column), [OURS.tenant_id])

    assert count == done.rowcount


@pytest.mark.parametrize("other", [OTHER_ENVIRONMENT, OTHER_TENANT], ids=str)
def test_web_changes_no_other_scopes_answers(filled: Filled, other: Scope) -> None:
    """The walls hold for it as for whole rows."""
    web = as_web(filled, "home")
    statement = "UPDATE outbox SET error = '' WHERE tenant_id = %s AND environment = %s"

    assert 0 == web.execute(statement, [other.tenant_id, other.environment]).rowcount
    assert 1 == web.execute(statement, [OURS.tenant_id, OURS.environment]).rowcount


@pytest.mark.parametrize("column", ["destination", "kind", "slot", "task_id", "lane"])
def test_web_turns_no_answer_into_something_else(filled: Filled, column: str) -> None:
    """Where it goes, what it is and what it is about stay."""
    web = as_web(filled, "home")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="outbox"):
        web.execute(change(column), [OURS.tenant_id])
