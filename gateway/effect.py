"""One write to the outside, under the deadline that its intent named."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel

from gateway.gate import Gate
from gateway.outcome import Ended, Outcome
from gateway.ports import (
    ConnectorError,
    Later,
    NotConfigured,
    NothingSent,
    OutcomeUnknown,
    Ports,
    Refused,
    StateMoved,
    Unreadable,
)
from gateway.registry import AnyWrite, Order, Settled
from gateway.restraints import hold_seconds
from gateway.sane import sane
from storage import executions, guards, tool_calls
from storage.canonical import is_exact
from storage.database import Tx
from storage.executions import Execution
from storage.steps import Effect


@dataclass(frozen=True, slots=True)
class Write:
    """What is sent and why: typed params on a target as it was ``seen``."""

    gate: Gate
    tool: AnyWrite
    params: BaseModel
    seen: BaseModel
    reason_code: str

    def settled_at(self, execution: Execution) -> float:
        """Give the seconds from now until a read-back can tell what became of it."""
        settled = execution.effect_deadline_at + timedelta(
            seconds=self.tool.settle_seconds
        )
        return (settled - self.gate.database.now()).total_seconds()


async def carry_out(write: Write, execution: Execution, effect: Effect) -> Outcome:
    """Send the write; every way in which it may end is a value."""
    gate = write.gate
    left = (execution.effect_deadline_at - gate.database.now()).total_seconds()
    try:
        _check_time(left)
        async with gate.database.effect(effect), asyncio.timeout(left):
            order = Order(execution.idempotency_key, write.reason_code)
            after = await sane(
                write.tool.execute(write.params, write.seen, gate.ports, order)
            )
    except (NothingSent, NotConfigured) as exc:
        return _not_begun(exc)
    except StateMoved as exc:
        return Outcome(Ended.moved, error=str(exc))
    except Refused as exc:
        return Outcome(Ended.failed, error=str(exc))
    except (OutcomeUnknown, Unreadable, TimeoutError) as exc:
        return _unknown(exc)
    if write.tool.reconcile(write.params, write.seen, after) is not Settled.applied:
        return Outcome(Ended.unknown, error="its answer is not what was asked for")
    return _as_stored(Outcome(Ended.applied, after=after.model_dump(mode="json")))


def _as_stored(outcome: Outcome) -> Outcome:
    """Leave out a state of which a number is past 2^53, or none: nothing stores it."""
    if is_exact(outcome.after):
        return outcome
    said = f"{outcome.ended}, and its target has a number past 2^53, or none"
    return Outcome(Ended.lost, error=said)


def _check_time(left: float) -> None:
    """Let nothing begin that a read-back may have judged already."""
    if left <= 0:
        raise NothingSent("its time was over before it was sent")


def _unknown(exc: OutcomeUnknown | Unreadable | TimeoutError) -> Outcome:
    later = exc.retry_after if isinstance(exc, ConnectorError) else None
    said = str(exc) or "no answer in time"
    return Outcome(Ended.unknown, error=said, retry_after=later or 0.0)


def _not_begun(exc: ConnectorError) -> Outcome:
    if isinstance(exc, Later):
        later = exc.retry_after or 0.0
        return Outcome(
            Ended.unknown, error=str(exc), retry_after=later, asks_later=True
        )
    if exc.retry_after is None:
        return Outcome(Ended.not_sent, error=str(exc))
    return Outcome(Ended.put_off, error=str(exc), retry_after=exc.retry_after)


async def leave_alone(
    tx: Tx, write: Write, execution: Execution, outcome: Outcome
) -> Execution:
    """Leave a system alone for as long as it asks, and its target to nobody else."""
    if not (outcome.asks_later or outcome.retry_after):
        return execution
    key, begun_at = execution.idempotency_key, execution.begun_at
    sent = await tool_calls.count_of(tx, key, since=begun_at)
    wait = timedelta(seconds=outcome.longer(max(0, sent - 1)).retry_after)
    until = max(execution.effect_deadline_at, tx.now + wait)
    # As long as it may land, if it is given up before it is read back.
    held = (until - tx.now).total_seconds() + hold_seconds(write.tool, 0.0)
    await guards.extend_lock(tx, execution.id, seconds=held)
    not_before = tx.now + wait if outcome.asks_later else None
    return await executions.extend(tx, execution.id, until, not_before=not_before)


@dataclass(frozen=True, slots=True)
class Lost:
    """An action of which nobody knows whether it took effect, and what restores it."""

    tool: AnyWrite
    params: BaseModel
    undo: BaseModel
    before: BaseModel

    def stands(self, now: BaseModel, ports: Ports) -> Settled:
        """
        Tell what an undo finds: by what was meant, never by what was read back then.

        ``not_applied``: what was meant stands, so it can be taken back; ``applied``:
        the target is as it was, untouched or by now (it ran out by itself, for one);
        ``unknown``: it is somebody else's, or half done.
        """
        meant = judge(self.tool, self.params, self.before, now, ports)
        if meant is Settled.applied:
            return Settled.not_applied
        if meant is Settled.not_applied:
            return Settled.applied
        restored = self.tool.reconcile(self.undo, self.before, now)
        return restored if restored is Settled.applied else Settled.unknown


def judge(
    tool: AnyWrite, params: BaseModel, before: BaseModel, now: BaseModel, ports: Ports
) -> Settled:
    """Tell what became of a write without an answer: to the letter, if there is one."""
    found = tool.reconcile(params, before, now)
    if found is not Settled.applied or tool.is_exact is None:
        return found
    exact = tool.is_exact(params, before, now, ports)
    return Settled.applied if exact else Settled.unknown


async def read_back(write: Write, *, put_off: bool = False) -> Outcome:
    """
    Tell by the target's state what became of a write whose answer is missing.

    What was not seen may still land: it is sent again only where the connector is
    keyed or conditional, so that no second effect comes of it; or where it was
    ``put_off``: the system had asked to come later, and reads as before since.

    Raises:
        ConnectorError: the target can't be read.
    """
    ports = write.gate.ports
    now_state = await sane(write.tool.observe(write.params, ports))
    found = judge(write.tool, write.params, write.seen, now_state, ports)
    after = now_state.model_dump(mode="json")
    if found is Settled.applied:
        return _as_stored(Outcome(Ended.applied, after=after))
    if found is Settled.unknown:
        said = "read back: neither as before nor as meant"
        return _as_stored(Outcome(Ended.lost, after=after, error=said))
    if put_off or write.tool.port(ports).repeatable:
        said = "read back: not applied"
        return Outcome(Ended.not_seen, error=said, asks_later=put_off)
    return Outcome(
        Ended.lost,
        after=after,
        error="read back: not applied so far, and this system takes no condition or "
        "key by which it could be sent again",
    )
