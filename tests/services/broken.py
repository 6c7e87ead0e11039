"""Writes whose exchange breaks: what a gate has of them, and how they ended."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from gateway.gate import Gate
from gateway.outcome import Ended
from gateway.ports import Ports
from storage.executions import Execution
from storage.steps import Effect
from tests.fault_proxy import Mode, Plan


class Clockwork:
    """Stands for the database of a gate: a clock, and effects without fault points."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    @asynccontextmanager
    async def effect(self, _effect: Effect) -> AsyncIterator[None]:
        yield


@dataclass(frozen=True)
class Door:
    """As much of a gate as a write needs."""

    ports: Ports
    database: Clockwork

    @property
    def gate(self) -> Gate:
        return cast("Gate", self)


@dataclass(frozen=True)
class Case:
    """What one broken exchange came to, by name of the ending."""

    plan: Plan
    ended: Ended
    settled: Ended
    writes: int
    wrong: str


def execution_of_now() -> Execution:
    now = datetime.fromtimestamp(time.time(), UTC)
    return Execution(
        id=uuid4(),
        task_id=UUID(int=1),
        proposal_id=UUID(int=2),
        kind="apply",
        fence=1,
        idempotency_key=str(uuid4()),
        outcome=None,
        before={},
        after=None,
        error=None,
        begun_at=now,
        effect_deadline_at=now + timedelta(seconds=5),
        finished_at=None,
        verify_deadline_at=None,
        verified_at=None,
        not_before=None,
    )


def table(cases: Sequence[Case]) -> str:
    """Give positions tried and endings, a line for each way to break."""
    lines = ["", "fault proxy: mode, positions tried, answer → after read-back"]
    for mode in Mode:
        of_mode = [one for one in cases if one.plan.mode is mode]
        if not of_mode:
            continue
        ends = Counter(f"{one.ended} → {one.settled}" for one in of_mode)
        said = ", ".join(f"{count} {name}" for name, count in sorted(ends.items()))
        lines.append(f"  {mode:<10} {len(of_mode):>5}  {said}")
    return "\n".join(lines)
