"""A queue by hand: SKIP LOCKED behind LISTEN and NOTIFY, a job a claim."""

import asyncio
from collections.abc import Callable

import psycopg

_POLL_SECONDS = 2.0
_TRIGGER = """
CREATE OR REPLACE FUNCTION ring() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('jobs', ''); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER ring AFTER INSERT ON jobs
FOR EACH STATEMENT EXECUTE FUNCTION ring();
"""
_CLAIM = """
UPDATE jobs SET state = 'running' WHERE id =
  (SELECT id FROM jobs WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


async def enqueue(connection: psycopg.AsyncConnection[tuple[int, ...]]) -> None:
    await connection.execute("INSERT INTO jobs DEFAULT VALUES")


async def work(url: str, begin: Callable[[], None], ready: asyncio.Event) -> None:
    """Claim jobs until cancelled; ``begin`` is called as each body would start."""
    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as ears,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as hands,
    ):
        await ears.execute(_TRIGGER.encode())
        await ears.execute("LISTEN jobs")
        ready.set()
        while True:
            while (row := await (await hands.execute(_CLAIM)).fetchone()) is not None:
                begin()
                await hands.execute(
                    "UPDATE jobs SET state = 'done' WHERE id = %s", (row[0],)
                )
            async for _ in ears.notifies(timeout=_POLL_SECONDS, stop_after=1):
                pass
