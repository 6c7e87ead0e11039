"""
One transaction per use case, with the scope set for row-level security.

Theory of operation. ``Database.transaction(scope, step)`` opens a transaction, tells
Postgres whose rows may be seen (``SET LOCAL``), and commits at its end; nobody else
commits. Without a scope every scoped table is empty. ``Database.dispatch(step)`` opens
one without a scope, in which only the dispatcher functions find anything; what they
find is entered with ``Tx.enter``. The clock is read once per transaction. ``faults`` is
called with the name of each fault point and does nothing in production.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from psycopg.errors import (
    IdleInTransactionSessionTimeout,
    UndefinedColumn,
    UndefinedFunction,
    UndefinedTable,
)
from sqlalchemy import CursorResult, Executable, TextClause, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from policy.scope import Scope, TenantScope
from storage.errors import (
    BadDatabaseUrl,
    DatabaseUnreachable,
    NotFound,
    NotMigrated,
    PoolExhausted,
)
from storage.identifiers import uuid7
from storage.steps import Effect, Step

# A row as the driver gives it; it never leaves this room.
Row = dict[str, Any]

_WANTED_URL = (
    "a DATABASE_URL_… names no Postgres; expected postgresql://role:password@host/db"
)
_ABSENT = (UndefinedTable, UndefinedFunction, UndefinedColumn)
_ENTER = text(
    "SELECT set_config('app.tenant', :tenant, true),"
    " set_config('app.environments', :environments, true)"
)


@cache
def _parse(statement: str) -> TextClause:
    """Parse a statement once; statements are literals of this room, so they are few."""
    return text(statement)


def no_faults(_point: str) -> None:
    """Do nothing: the fault hook of production."""


@dataclass(slots=True)
class Tx:
    """An open transaction; ``now`` is one instant for all that it writes."""

    connection: AsyncConnection
    now: datetime
    scope: Scope | None = None

    def new_id(self) -> UUID:
        return uuid7(self.now)

    @property
    def here(self) -> Scope:
        """
        Give the one scope that rows are written to.

        Raises:
            NotFound: the transaction has entered none.
        """
        if self.scope is None:
            raise NotFound("transaction has no scope: call enter() with one first")
        return self.scope

    async def enter(self, scope: Scope | TenantScope) -> None:
        await self.connection.execute(
            _ENTER,
            {"tenant": scope.tenant_id, "environments": ",".join(scope.environments)},
        )
        self.scope = scope if isinstance(scope, Scope) else None

    async def rows(
        self, statement: Executable | str, values: Mapping[str, object] | None = None
    ) -> list[Row]:
        result = await self._run(statement, values)
        return [dict(row) for row in result.mappings()]

    async def row(
        self, statement: Executable | str, values: Mapping[str, object] | None = None
    ) -> Row | None:
        result = await self._run(statement, values)
        first = result.mappings().first()
        return None if first is None else dict(first)

    async def change(
        self,
        statement: Executable | str,
        values: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None,
    ) -> int:
        """Execute a write; give the number of rows that it touched."""
        clause = _parse(statement) if isinstance(statement, str) else statement
        result = await self.connection.execute(clause, values)
        return result.rowcount

    async def _run(
        self, statement: Executable | str, values: Mapping[str, object] | None
    ) -> CursorResult[*tuple[Any, ...]]:
        clause = _parse(statement) if isinstance(statement, str) else statement
        return await self.connection.execute(clause, values)


class Database:
    """Connections of one process, under that process's own role."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Callable[[], datetime],
        faults: Callable[[str], None] = no_faults,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._faults = faults

    @asynccontextmanager
    async def transaction(
        self, scope: Scope | TenantScope, step: Step
    ) -> AsyncIterator[Tx]:
        """
        Open a transaction that sees one scope, and commit it at the end.

        Raises:
            DatabaseUnreachable: no connection, or it broke.
        """
        async with self.dispatch(step) as tx:
            await tx.enter(scope)
            yield tx

    @asynccontextmanager
    async def dispatch(self, step: Step) -> AsyncIterator[Tx]:
        """
        Open a transaction without scope: the dispatcher functions alone answer.

        Raises:
            DatabaseUnreachable: no connection, or it broke.
            NotMigrated: a table or function is not there.
        """
        self._faults(f"before:{step}")
        try:
            async with self._engine.begin() as connection:
                yield Tx(connection, self._clock())
        except PoolTimeout as exc:
            raise PoolExhausted(
                f"{step}: all connections of this process are in use; "
                "come again, and look at what holds them if it lasts"
            ) from exc
        except InternalError as exc:
            if not isinstance(exc.orig, IdleInTransactionSessionTimeout):
                raise
            raise DatabaseUnreachable(
                f"{step}: Postgres ended the transaction, in which nothing was asked "
                "for too long; nothing of it was stored: come again"
            ) from exc
        except (OperationalError, InterfaceError) as exc:
            raise DatabaseUnreachable(
                f"{step}: the database did not answer ({exc.__class__.__name__}); "
                "check DATABASE_URL_… and that Postgres runs"
            ) from exc
        except ProgrammingError as exc:
            if not isinstance(exc.orig, _ABSENT):
                raise
            first, *_ = str(exc.orig).splitlines()
            raise NotMigrated(f"{step}: {first}; run `autopilot db upgrade`") from exc
        self._faults(f"after:{step}")

    @asynccontextmanager
    async def effect(self, effect: Effect) -> AsyncIterator[None]:
        """Mark an effect on the outside, so that its edges are fault points."""
        self._faults(f"before:{effect}")
        yield
        self._faults(f"after:{effect}")

    def now(self) -> datetime:
        return self._clock()

    async def close(self) -> None:
        await self._engine.dispose()


def connect(
    url: str,
    clock: Callable[[], datetime],
    *,
    pool_size: int = 8,
    pool_seconds: float = 10,
    faults: Callable[[str], None] = no_faults,
) -> Database:
    """
    Make a database of ``url`` (``postgresql://…``); connects on first use.

    Raises:
        BadDatabaseUrl: ``url`` is no such URL.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as exc:
        raise BadDatabaseUrl(_WANTED_URL) from exc
    if address.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise BadDatabaseUrl(_WANTED_URL)
    engine = create_async_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=pool_seconds,
        pool_recycle=1800,
        # Inserts that meet a conflict are told by their row count.
        execution_options={"preserve_rowcount": True},
        connect_args={
            "options": "-c idle_in_transaction_session_timeout=15000"
            " -c lock_timeout=5000 -c statement_timeout=20000 -c timezone=UTC",
            "application_name": "autopilot",
        },
    )
    return Database(engine, clock, faults)
