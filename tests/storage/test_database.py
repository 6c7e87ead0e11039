"""One transaction per use case: scope, commit, clock and fault points."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from policy.scope import Scope, TenantScope
from storage import directory
from storage.database import Database, connect
from storage.errors import (
    BadDatabaseUrl,
    DatabaseUnreachable,
    NotFound,
    NotMigrated,
    PoolExhausted,
)
from storage.steps import Effect, Step
from tests.conftest import Databases, Scopes
from tests.database import Clock, Urls
from tests.faults import KillAt, Killed
from tests.samples import add_task


async def count_tasks(database: Database, scope: Scope | TenantScope) -> int:
    async with database.transaction(scope, Step.look) as tx:
        row = await tx.row("SELECT count(*) AS n FROM tasks")
        return row["n"] if row else 0


async def test_the_end_of_the_block_commits(database: Databases, scope: Scope) -> None:
    """Another transaction sees what the block wrote."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        await add_task(tx)

    assert 1 == await count_tasks(database("worker"), scope)


async def test_an_exception_takes_everything_back(
    database: Databases, scope: Scope
) -> None:
    """Half a use case is never stored."""

    async def break_off() -> None:
        async with database("worker").transaction(scope, Step.set_up) as tx:
            await add_task(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()

    assert 0 == await count_tasks(database("worker"), scope)


async def test_a_scope_ends_with_its_transaction(
    database: Databases, scope: Scope
) -> None:
    """The next transaction of the same connection sees nothing of the last scope."""
    worker = connect(database.urls["worker"], database.clock, pool_size=1)
    async with worker.transaction(scope, Step.set_up) as tx:
        await add_task(tx)
    async with worker.dispatch(Step.look) as tx:
        rows = await tx.rows("SELECT id FROM tasks")
    await worker.close()

    assert [] == rows


async def test_a_tenants_scope_sees_all_its_environments(
    database: Databases, scopes: Scopes
) -> None:
    """The sealer's kind of scope spans environments, and stays within the tenant."""
    for names in (("acme", "prod"), ("acme", "staging"), ("globex", "prod")):
        made = await scopes(*names)
        async with database("worker").transaction(made, Step.set_up) as tx:
            await add_task(tx)

    assert 2 == await count_tasks(
        database("worker"), TenantScope("acme", ("prod", "staging"))
    )


async def test_writing_without_a_scope_is_told(database: Databases) -> None:
    """A transaction that entered no scope has no ``here``."""
    async with database("worker").dispatch(Step.look) as tx:
        with pytest.raises(NotFound):
            await add_task(tx)


async def test_a_transaction_has_one_instant(database: Databases, clock: Clock) -> None:
    """The clock is read once, at the beginning."""
    began = clock.now
    async with database("worker").dispatch(Step.look) as tx:
        clock.move(seconds=5)
        assert began == tx.now
    async with database("worker").dispatch(Step.look) as tx:
        assert clock.now == tx.now


async def test_instants_come_back_aware_and_utc(
    database: Databases, scope: Scope
) -> None:
    """What was stored is read as the same instant, in UTC."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        made = await add_task(tx)

    assert (tx.now, timedelta()) == (made.created_at, made.created_at.utcoffset())


async def test_no_server_is_a_fact_with_a_way_out(clock: Clock) -> None:
    """Without a server the error names the step and what to check."""
    nowhere = connect("postgresql://nobody@/none?host=/nonexistent", clock)

    with pytest.raises(DatabaseUnreachable, match=r"look: .*DATABASE_URL"):
        async with nowhere.dispatch(Step.look):
            pass
    await nowhere.close()


async def test_a_transaction_that_idled_for_too_long_is_told_as_such(
    database: Databases,
) -> None:
    """Postgres ends it; nothing was stored, so its sender may come again."""
    with pytest.raises(DatabaseUnreachable, match="look: Postgres ended"):
        await _idle(database("worker"))


async def _idle(idler: Database) -> None:
    async with idler.dispatch(Step.look) as tx:
        backend = await tx.row("SELECT pg_backend_pid() AS pid")
        assert backend is not None
        await tx.change("SET LOCAL idle_in_transaction_session_timeout = 1")
        # Gone, and not only on its way: what it has said last is lost with a request
        # that it has not read.
        process = Path(f"/proc/{backend['pid']}")
        while process.exists():  # noqa: ASYNC110, ASYNC240 - another process, of which nothing tells
            await asyncio.sleep(0.01)
        await tx.rows("SELECT 1")


async def test_a_full_pool_is_told_as_such(urls: Urls, clock: Clock) -> None:
    """The database is there: this process asks too much of it."""
    one = connect(urls["worker"], clock, pool_size=1, pool_seconds=0.01)
    async with one.dispatch(Step.look), one.dispatch(Step.look):
        with pytest.raises(PoolExhausted, match="look: all connections"):
            async with one.dispatch(Step.look):
                pass
    await one.close()


async def test_each_step_has_two_fault_points(urls: Urls, clock: Clock) -> None:
    """The hook hears before the transaction begins, and after its commit."""
    heard: list[str] = []
    watched = connect(urls["worker"], clock, faults=heard.append)
    async with watched.dispatch(Step.look) as tx:
        await directory.list_scopes(tx)
        heard.append("inside")
    async with watched.effect(Effect.tool_read):
        heard.append("effect")
    await watched.close()

    assert [
        "before:look",
        "inside",
        "after:look",
        "before:tool_read",
        "effect",
        "after:tool_read",
    ] == heard


@pytest.mark.parametrize(("point", "kept"), [("before", 0), ("after", 1)])
async def test_a_kill_falls_on_one_side_of_the_commit(
    database: Databases, scope: Scope, point: str, kept: int
) -> None:
    """Killed before, nothing is stored; killed after, everything is."""
    killed = database.fresh("worker", faults=KillAt(f"{point}:set_up"))
    with pytest.raises(Killed):
        async with killed.transaction(scope, Step.set_up) as tx:
            await add_task(tx)

    assert kept == await count_tasks(database("worker"), scope)


@pytest.mark.parametrize(
    "url", ["", "autopilot", "postgres://w@h/d", "mysql://w@h/d", "postgresql://h:p/d"]
)
def test_a_url_of_no_postgres_is_refused(clock: Clock, url: str) -> None:
    """With the form that is expected, and not by SQLAlchemy's own words."""
    with pytest.raises(BadDatabaseUrl, match="expected postgresql://role:password"):
        connect(url, clock)


@pytest.mark.parametrize("query", ["SELECT 1 FROM tomorrow", "SELECT tomorrow()"])
async def test_a_database_of_another_release_is_said(
    database: Databases, scope: Scope, query: str
) -> None:
    """A table or function that is not there names the command that makes it."""
    with pytest.raises(NotMigrated, match=r"tomorrow.*`autopilot db upgrade`"):
        await _read(database("worker"), scope, query)


async def test_a_mistake_in_a_query_is_a_bug(database: Databases, scope: Scope) -> None:
    """It keeps its own trace."""
    with pytest.raises(ProgrammingError, match="syntax error"):
        await _read(database("worker"), scope, "SELEKT 1")


async def _read(database: Database, scope: Scope, query: str) -> None:
    async with database.transaction(scope, Step.look) as tx:
        await tx.rows(query)
