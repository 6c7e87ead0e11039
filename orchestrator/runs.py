"""A task's run: claimed, started in a sandbox, judged over all proposals at its end."""

from dataclasses import dataclass
from datetime import timedelta

from orchestrator.folding import fold
from policy.lifecycle import TaskEvent, after_run
from policy.proposal import ProposalState
from policy.task import RunOutcome, TaskState
from storage import moves, posts, proposals, runs, tasks
from storage.database import Database, Tx
from storage.runs import Run
from storage.steps import Step
from storage.tasks import Claim, Task

# Crashed runs of a task before it is given up, and the first wait between them.
MOST_ATTEMPTS = 3
FIRST_BACKOFF_SECONDS = 5


@dataclass(frozen=True, slots=True)
class StartedRun:
    task: Task
    run: Run


@dataclass(frozen=True, slots=True)
class Claiming:
    """
    How this worker claims; seconds, and slots of one tenant at once.

    ``environment`` is the one that its gateway serves.
    """

    owner: str
    environment: str
    lease_seconds: int
    slots: int


async def claim(
    database: Database, how: Claiming, *, take_runs: bool
) -> Claim | StartedRun | None:
    """Claim the next task; a queued one is moved to running in the same transaction."""
    async with database.dispatch(Step.claim_task) as tx:
        claimed = await tasks.claim(
            tx,
            owner=how.owner,
            environment=how.environment,
            lease_seconds=how.lease_seconds,
            slots=how.slots,
            runs=take_runs,
        )
        if claimed is None or claimed.state is TaskState.executing:
            return claimed
        task = await tasks.get_held(
            tx, claimed.task_id, claimed.fence, TaskState.queued
        )
        run = await runs.begin(tx, task.id, task.plan)
        running = await moves.move(
            tx, task, TaskEvent.claimed, actor=how.owner, reason="gathering evidence"
        )
    return StartedRun(running, run)


async def finish(
    database: Database, task: Task, run: Run, *, error: str, counts: bool = True
) -> TaskEvent:
    """
    Judge a run that has ended, by its report and by all proposals of the task.

    ``counts`` False: it never reached the gateway, which spends no attempt.

    Raises:
        LeaseLost: the task is another's by now; nothing is changed.
    """
    async with database.transaction(task.scope, Step.finish_run) as tx:
        held = await tasks.get_held(tx, task.id, task.fence, TaskState.running)
        found = await runs.find(tx, run.id)
        return await judge(tx, held, found, error=error, counts=counts)


async def judge(
    tx: Tx, task: Task, run: Run | None, *, error: str, counts: bool = True
) -> TaskEvent:
    """Move a running task on; a run without report has crashed."""
    outcome = run.outcome if run and run.outcome else RunOutcome.crashed
    found = await proposals.list_of_task(tx, task.id)
    every = [one.state for one in found]
    report = run.report if run and run.report else {}
    event = after_run(every, outcome, left_unknown=bool(report.get("unknowns")))
    moved = await moves.move(
        tx,
        task,
        event,
        actor="orchestrator",
        reason=_reason(event, run, every, error=error),
    )
    made = [one for one in found if run is not None and one.run_id == run.id]
    now = [await proposals.get(tx, one.id) for one in made]
    for one in await fold(tx, now):
        await posts.post_card(tx, one.id)
    if event is TaskEvent.run_crashed:
        attempt = task.attempt + (1 if counts else 0)
        wait = FIRST_BACKOFF_SECONDS * 2 ** max(0, attempt - 1)
        await tasks.change(
            tx,
            moved.id,
            {
                "attempt": attempt,
                "next_attempt_at": tx.now + timedelta(seconds=wait),
            },
        )
    return event


def _reason(
    event: TaskEvent, run: Run | None, every: list[ProposalState], *, error: str
) -> str:
    report = run.report if run and run.report else {}
    summary = str(report.get("summary", ""))
    if event is TaskEvent.run_awaits_person:
        waiting = sum(state.is_open for state in every)
        return f"{waiting} proposal{'s' if waiting > 1 else ''} waiting for a person"
    if event is TaskEvent.run_crashed:
        return f"the run crashed: {error or 'no report'}; it is tried again"
    if event is TaskEvent.run_stuck:
        unknowns = report.get("unknowns")
        if isinstance(unknowns, list) and unknowns:
            return f"a person has to look: {unknowns[0]}"
        return summary or "no way that policy allows; a person has to look"
    return summary
