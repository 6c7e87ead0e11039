"""
Deliveries that come together commit together, and each waits for its own commit.

Theory of operation. Whoever comes first leads: it commits what waits, its own included,
and hands the lead to the first that came meanwhile. So a single delivery pays nothing,
and under load one transaction carries what queued up during the last one. A batch that
fails is tried delivery by delivery: nobody fails for a neighbour's fault. Each
environment has a line of its own.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import structlog

from orchestrator.intake import (
    MOST_AT_ONCE,
    NewDelivery,
    Received,
    Reception,
    receive,
)
from policy.scope import Scope
from storage.database import Database
from storage.errors import DatabaseUnreachable

# Alerts that may wait for a transaction in one process.
_MOST_WAITING = 10_000
_MOST_IN_LINE = _MOST_WAITING // 2


class TooMany(Exception):
    """So much waits here that this delivery had better come again."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """``turn`` gives what became of the delivery, or None: it is yours to lead."""

    delivery: NewDelivery
    turn: "asyncio.Future[Received | None]"

    @property
    def size(self) -> int:
        return self.delivery.size

    def answer(self, result: Received | Exception | None) -> None:
        """Tell whoever still listens."""
        if self.turn.done():
            return
        if isinstance(result, Exception):
            self.turn.set_exception(result)
        else:
            self.turn.set_result(result)


@dataclass(slots=True)
class GroupCommit:
    """One process's intake: a line for each endpoint's environment."""

    database: Database
    reception: Reception
    _lines: "dict[Scope, _Line]" = field(default_factory=dict)

    async def receive(self, delivery: NewDelivery) -> Received:
        """
        Take one delivery in; returns once it is committed.

        Raises:
            TooMany: too much waits, or the process stops.
            StorageError: the database refused or did not answer.

        Of a delivery in parts some may have been stored before: what is sent again
        counts once all the same.
        """
        line = self._lines.setdefault(
            delivery.endpoint, _Line(self.database, self.reception)
        )
        waiting = sum(one.waiting for one in self._lines.values())
        full = waiting + delivery.size > _MOST_WAITING
        # One whose own line is empty is never refused: the flood is another's.
        if line.waiting and (full or line.waiting + delivery.size > _MOST_IN_LINE):
            raise TooMany(f"{line.waiting} alerts wait to be stored")
        return await line.receive(delivery)


@dataclass(slots=True)
class _Line:
    """What waits for one environment: another's trouble holds none of it up."""

    database: Database
    reception: Reception
    waiting: int = 0
    _queue: "deque[_Waiting]" = field(default_factory=deque)
    _led: bool = False

    async def receive(self, delivery: NewDelivery) -> Received:
        mine = _Waiting(delivery, asyncio.get_running_loop().create_future())
        self._queue.append(mine)
        self.waiting += mine.size
        if self._led:
            answer = await self._wait(mine)
            if answer is not None:
                return answer
        self._led = True
        try:
            received = await self._lead()
        finally:
            self._hand_over()
        return received

    async def _wait(self, mine: _Waiting) -> Received | None:
        try:
            return await mine.turn
        except asyncio.CancelledError:
            given = mine.turn.done() and not mine.turn.cancelled()
            if given and mine.turn.exception() is None and mine.turn.result() is None:
                self._hand_over()
            raise

    async def _lead(self) -> Received:
        """Commit what waits; the leader's own delivery is the first of it."""
        batch = self._take_batch()
        mine = _Waiting(batch[0].delivery, asyncio.get_running_loop().create_future())
        try:
            await self._commit([mine, *batch[1:]])
        finally:
            for one in batch[1:]:
                one.answer(TooMany("this process stops"))
        received = mine.turn.result()
        if received is None:  # pragma: no cover - the commit answers each
            raise LookupError("a delivery was committed without an answer")
        return received

    def _hand_over(self) -> None:
        """Let the first that still listens lead; nobody leads while nobody waits."""
        while self._queue and self._queue[0].turn.done():
            self.waiting -= self._queue.popleft().size
        self._led = bool(self._queue)
        if self._queue:
            self._queue[0].answer(None)

    def _take_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._queue and (not batch or size + self._queue[0].size <= MOST_AT_ONCE):
            one = self._queue.popleft()
            self.waiting -= one.size
            size += one.size
            batch.append(one)
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            received = await receive(
                self.database, [one.delivery for one in batch], self.reception
            )
        except DatabaseUnreachable as exc:
            for one in batch:
                one.answer(exc)
            return
        except Exception as exc:
            log = structlog.get_logger()
            log.exception("intake.failed", deliveries=len(batch))
            if len(batch) == 1:
                batch[0].answer(exc)
                return
            for one in batch:
                await self._commit([one])
            return
        for one, answer in zip(batch, received, strict=True):
            one.answer(answer)
