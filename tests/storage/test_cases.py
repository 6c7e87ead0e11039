"""One case, whole: every row of a task, and nothing of another's."""

import json
from dataclasses import asdict

import psycopg
import pytest

from cli.clock import utc_now
from policy.scope import Scope
from storage import cases
from storage.database import connect
from storage.errors import NotFound
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_task
from tests.storage import row_maker
from tests.storage.conftest import OTHER_TENANT, OURS, Filled
from tests.storage.sealing import PROD, make_sealing

PARTS = ("alerts", "runs", "calls", "evidence", "proposals", "decisions")


async def read(filled: Filled, scope: Scope, task: object) -> cases.Case:
    database = connect(filled.urls["web"], utc_now, pool_size=1)
    try:
        async with database.transaction(scope, Step.look) as tx:
            return await cases.read_case(tx, task)  # type: ignore[arg-type]
    finally:
        await database.close()


def task_of(filled: Filled, scope: Scope) -> object:
    made = row_maker.row(filled.tables["tasks"], scope)
    return made["id"]


async def test_every_part_of_a_case_is_there(filled: Filled) -> None:
    """One row of each table, as the catalogue's own rows have it."""
    case = await read(filled, OURS, task_of(filled, OURS))
    counts = {name: len(rows) for name, rows in asdict(case).items() if name != "task"}

    assert str(task_of(filled, OURS)) == case.task["id"]
    # A ledger's entry need not be of a task, so the catalogue's row is of none.
    assert {**dict.fromkeys(counts, 1), "entries": 0} == counts


async def test_entries_have_their_place_and_their_checkpoint(
    database: Databases, scopes: Scopes
) -> None:
    """Sequence and size of the first checkpoint that signs it; none while it waits."""
    made = await make_sealing(database, scopes)
    task = await made.task()
    await made.append(task, times=2)
    await made.seal()
    await made.sign()
    await made.append(task)
    await made.seal()
    await made.append(task)
    async with database("web").transaction(PROD, Step.look) as tx:
        case = await cases.read_case(tx, task)

    assert [(1, 2), (2, 2), (3, None), (None, None)] == [
        (one["seq"], one["signed_by"]) for one in case.entries
    ]


async def test_a_case_is_plain_json_without_its_walls(filled: Filled) -> None:
    """Pictures are base64; scope and features are left out of every row."""
    case = await read(filled, OURS, task_of(filled, OURS))
    text = json.dumps(asdict(case))

    assert "likeness" not in text
    assert all(
        not {"tenant_id", "environment"} & row.keys()
        for name in PARTS
        for row in getattr(case, name)
    )


async def test_another_tenants_case_is_not_there(filled: Filled) -> None:
    with pytest.raises(NotFound, match="not in this scope"):
        await read(filled, OURS, task_of(filled, OTHER_TENANT))


async def test_a_task_alone_is_a_case(database: Databases, scope: Scope) -> None:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("web").transaction(scope, Step.look) as tx:
        case = await cases.read_case(tx, task.id)

    assert (task.title, [], []) == (case.task["title"], case.alerts, case.entries)


def test_tables_of_a_task_are_not_forgotten(admin: psycopg.Connection) -> None:
    """A new table that names tasks is a part of a case, or listed here as none."""
    named = admin.execute(
        "SELECT table_name::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'task_id'"
    )
    parts = {
        "evidence", "executions", "ledger", "proposals", "decisions", "reversions",
        "runs", "task_alerts", "tool_calls", "autonomy_overrides", "model_calls",
        "eval_cases",
    }  # fmt: skip
    # How things were told, and what holds or hides them, is no part of what happened.
    others = {"messages", "outbox", "pictures", "storms", "threads", "vault"}

    assert parts | others == {name for (name,) in named}
