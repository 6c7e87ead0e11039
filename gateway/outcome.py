"""How one effect ended, as a value, and as it may be stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, JsonValue

from gateway.gate import Gate
from gateway.veil import hide_state, hide_words, veil
from policy.event import Event
from storage import executions, ledger, tasks
from storage.database import Tx
from storage.executions import Ending, Execution

_LEAST_PUT_OFF_SECONDS, _MOST_PUT_OFF_SECONDS = 5.0, 300.0


class Ended(StrEnum):
    """
    How an effect or its read-back ended.

    ``not_sent`` and ``put_off`` had provably no effect. ``not_seen`` was sent, and the
    target reads as before: it is sent again under its key, and may land all the same.
    An action is open meanwhile; of a reversion each try is an execution of its own.
    """

    applied = "applied"
    not_sent = "not_sent"
    not_seen = "not_seen"
    put_off = "put_off"
    moved = "moved"
    failed = "failed"
    unknown = "unknown"
    lost = "lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    ``retry_after``: seconds, where the system itself put the write off.

    ``asks_later``: it did so by a word that may be a proxy's, and it is read back.
    """

    ended: Ended
    after: Mapping[str, JsonValue] | None = None
    error: str | None = None
    retry_after: float = 0.0
    asks_later: bool = False

    @property
    def waits(self) -> bool:
        """Tell what had no effect because its system is busy: it gets its hour."""
        unseen = self.ended is Ended.not_seen and self.asks_later
        return unseen or self.ended is Ended.put_off

    def longer(self, times: int) -> "Outcome":
        """Wait longer each time that a system puts it off, whatever it asks for."""
        if not (self.waits or self.asks_later):
            return self
        grown = min(_LEAST_PUT_OFF_SECONDS * 2**times, _MOST_PUT_OFF_SECONDS)
        return replace(self, retry_after=max(self.retry_after, grown))

    def ending(self, now: datetime, *, verify_seconds: float) -> Ending:
        """Give the row's part of it."""
        return Ending(
            self.ended,
            self.after,
            self.error,
            verify_deadline_at=now + timedelta(seconds=verify_seconds),
            not_before=now + timedelta(seconds=self.retry_after)
            if self.waits
            else None,
        )


async def log_ending(tx: Tx, execution: Execution, ending: Ending) -> None:
    """Say in the ledger how an effect of an action ended."""
    applied = ending.outcome == Ended.applied
    await ledger.append(
        tx,
        Event.task_executed if applied else Event.task_execution_refused,
        actor="gateway",
        task_id=execution.task_id,
        body={
            "proposal": execution.proposal_id,
            "execution": execution.id,
            "outcome": ending.outcome,
            "after": ending.after,
            "error": ending.error,
        },
    )


async def doubt_refused(tx: Tx, outcome: Outcome, proposal_id: UUID) -> Outcome:
    """Have a reversion read back whose refusal may be by an earlier try of its own."""
    if outcome.ended not in {Ended.moved, Ended.failed}:
        return outcome
    earlier = await executions.may_have_landed(tx, proposal_id, kind="revert")
    return replace(outcome, ended=Ended.unknown) if earlier else outcome


async def hide_outcome(
    gate: Gate, tx: Tx, task_id: UUID, outcome: Outcome, state: type[BaseModel]
) -> Outcome:
    """Give an outcome as it may be stored; locks the task."""
    await tasks.get(tx, task_id, lock=True)
    async with veil(gate, tx, task_id) as placeholders:
        after = outcome.after
        if after is not None:
            after = hide_state(state.model_validate(after), placeholders)
        error = outcome.error
        if error is not None:
            error = hide_words(error, placeholders)
    return replace(outcome, after=after, error=error)
