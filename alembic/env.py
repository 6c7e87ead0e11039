"""
Run migrations under the release role.

An advisory lock keeps two releases apart, and ``lock_timeout`` keeps a waiting
migration from stopping the running processes.
"""

import time

from sqlalchemy import Connection, create_engine, pool, text

from alembic import context
from storage.tables import METADATA

_AGAIN_SECONDS = 0.2
_LOCK = 7_406_911  # any constant; the same in every release


def _run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit(
            "alembic: no database; run `autopilot db upgrade` with "
            "DATABASE_URL_RELEASE set"
        )
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        _wait_for_others(connection)
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
        connection.commit()
    engine.dispose()


def _wait_for_others(connection: Connection) -> None:
    """
    Ask again and again, between transactions.

    Who waits within one holds a snapshot, for whose end the index that the other
    release builds concurrently waits in turn.
    """
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):
        connection.rollback()
        time.sleep(_AGAIN_SECONDS)


_run()
