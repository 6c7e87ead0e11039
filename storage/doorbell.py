"""LISTEN and NOTIFY: rung by the commit that made a row, heard within milliseconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

import psycopg
import structlog

_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0


class Bell(StrEnum):
    """One channel a table; the triggers of the migration ring them."""

    tasks = "autopilot_tasks"
    inbox = "autopilot_inbox"
    outbox = "autopilot_outbox"
    ledger = "autopilot_ledger"


class Doorbell:
    """
    Wait for a bell, with a slow poll behind it.

    A ring while nobody waits is kept; a lost connection counts as a ring, since what
    happened meanwhile is unknown.
    """

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def wait(self, at_most_seconds: float) -> None:
        try:
            # wait_for of Python 3.11 loses a cancellation in the instant of a ring.
            async with asyncio.timeout(at_most_seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

    def ring(self) -> None:
        self._rung.set()


@asynccontextmanager
async def listening(url: str, *bells: Bell) -> AsyncIterator[Doorbell]:
    """Listen on a connection of its own; a transaction pooler would swallow it."""
    doorbell = Doorbell()
    async with asyncio.TaskGroup() as group:
        listener = group.create_task(_listen(url, bells, doorbell))
        try:
            yield doorbell
        finally:
            listener.cancel()


async def _listen(url: str, bells: tuple[Bell, ...], doorbell: Doorbell) -> None:
    log = structlog.get_logger()
    wait_seconds = _FIRST_WAIT_SECONDS
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                url, autocommit=True
            ) as connection:
                for bell in bells:
                    await connection.execute(f"LISTEN {bell.value}".encode())
                wait_seconds = _FIRST_WAIT_SECONDS
                doorbell.ring()
                async for _ in connection.notifies():
                    doorbell.ring()
        except psycopg.Error as exc:
            log.warning("doorbell.lost", error=str(exc).strip(), again_in=wait_seconds)
        doorbell.ring()
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)
