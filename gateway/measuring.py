"""
Measuring what was carried out, and for how long.

A tool's verify time is for what it changed to show. While the system that is measured
says when it is back from a maintenance, that time does not run out: it begins anew once
the system is read again, for an hour more in all: not where somebody takes its task
over meanwhile, or its reversion is due. One that only fails has its time, and then a
person looks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.intent import Job
from gateway.ports import ConnectorError
from gateway.registry import Settled, Verification
from gateway.sane import sane
from gateway.waiting import MOST_PUT_OFF
from storage import executions, posts, reversions, tasks
from storage.database import Tx
from storage.executions import Execution
from storage.steps import Step


@dataclass(frozen=True, slots=True)
class Measured:
    """``trouble``: why nobody could measure it."""

    found: Verification
    trouble: ConnectorError | None = None

    @property
    def worked(self) -> bool | None:
        """Tell how it ends once its time is over; None: nobody could measure it."""
        if self.trouble is not None or (
            self.found.done is None and not self.found.is_told
        ):
            return None
        return bool(self.found.done)

    @property
    def busy_seconds(self) -> float:
        """For how long a system wants to be left alone."""
        return (self.trouble and self.trouble.retry_after) or 0.0


async def measure(job: Job) -> Measured:
    """Ask the tool; an undo has worked when the target is what it was."""
    try:
        if job.proposal.undoes is None:
            return Measured(
                await sane(job.tool.verify(job.params, job.before, job.gate.ports))
            )
        now_state = await sane(job.tool.observe(job.params, job.gate.ports))
    except ConnectorError as exc:
        text = f"nobody could measure it: {exc}"
        return Measured(Verification(done=None, text=text, measures={}), exc)
    holds = job.tool.reconcile(job.params, job.before, now_state) is Settled.applied
    is_now = job.tool.describe(job.params, now_state)[0]
    return Measured(
        Verification(done=holds or None, text=f"restored: {is_now}", measures={})
    )


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """``is_away``: its system has said that it is, and has not been read since."""

    seconds: float
    is_away: bool


async def find_time_left(
    job: Job, execution: Execution, measured: Measured
) -> TimeLeft:
    """Give for how long it is measured yet, after what was found just now."""
    async with job.gate.database.transaction(job.scope, Step.look) as tx:
        ends_at = execution.verify_deadline_at or tx.now
        latest_at = _latest(job, execution, ends_at)
        if measured.trouble is None:
            ends_at = await _read_again(tx, job, execution, latest_at) or ends_at
            return TimeLeft((ends_at - tx.now).total_seconds(), is_away=False)
        away = measured.trouble.away_seconds is not None
        _, away = await executions.note_unread(tx, execution.id, away=away)
        waits = away and not await _is_waited_for(tx, job)
        left = (latest_at if waits else ends_at) - tx.now
        return TimeLeft(left.total_seconds(), is_away=away)


async def _is_waited_for(tx: Tx, job: Job) -> bool:
    """Tell whether a person, or its reversion's instant, needs its end now."""
    task = await tasks.get(tx, job.task_id)
    reversion = await reversions.find_of_proposal(tx, job.proposal.id)
    is_due = reversion is not None and reversion.due_at <= tx.now
    return task.takeover_by is not None or is_due


def _latest(job: Job, execution: Execution, ends_at: datetime) -> datetime:
    begun_at = execution.finished_at or execution.begun_at
    span = timedelta(seconds=job.tool.verify_seconds)
    return max(ends_at, begun_at + span + MOST_PUT_OFF)


async def _read_again(
    tx: Tx, job: Job, execution: Execution, latest_at: datetime
) -> datetime | None:
    """Have its time begin anew where its system was away; None where it was not."""
    task = await tasks.get(tx, execution.task_id, lock=True)
    ends_at = tx.now + timedelta(seconds=job.tool.verify_seconds)
    found = await executions.note_read(
        tx, execution.id, ends_at=min(ends_at, latest_at)
    )
    if found is not None:
        await posts.end_wait(tx, task)
    return found
