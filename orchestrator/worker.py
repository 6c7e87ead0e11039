"""
The worker: claims tasks, runs sandboxes, asks for executions, settles clicks, sweeps.

Theory of operation. Seven loops in one TaskGroup, each woken by its bell with a slow
poll behind it. A claimed task is a job of its own under a heartbeat; when the heartbeat
finds that the fence moved on, the job is cancelled and its sandbox killed. Nothing that
matters is only in memory: a worker killed anywhere loses a lease, and the rows say how
to go on.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog

from gateway.agents import Agents
from gateway.client import GatewayClient
from gateway.tokens import RunClaims, Signer
from orchestrator import decisions, execution, reversions, runs, sweeper
from orchestrator.launch import Job, RunExit, Sandboxes, SandboxHostGone
from orchestrator.leftovers import Leftovers
from orchestrator.paging import Pages
from orchestrator.runs import Claiming, StartedRun
from orchestrator.timers import Timers
from policy.lifecycle import TaskEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import proposals, tasks
from storage.database import Database
from storage.directory import Due
from storage.doorbell import Doorbell
from storage.errors import DatabaseUnreachable, LeaseLost, StorageError
from storage.steps import Effect, Step
from storage.tasks import Claim, Task

_POLL_SECONDS = 2.0
_SWEEP_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_WAITING = frozenset({"idle", "refused_for_now", "unknown"})
# The runner's exit code where it could not reach the gateway (runner/main.py).
_GATEWAY_AWAY = 4
# A lease is three heartbeats long.
_MOST_MISSED = 3
_AGAIN_SECONDS = 1.0
# Executions have slots of their own, so that a storm of runs never delays one.
_RUN_SLOTS = 4
_EXECUTION_SLOTS = 16
# A click whose target is slow to read holds up no other.
_CLICKS_AT_ONCE = 4
_TOKEN_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Worker:
    """
    What a worker needs; ``name`` tells it from others in leases and ledger.

    What goes to a gateway is claimed in ``environment`` alone: its own gateway's.
    """

    name: str
    environment: str
    database: Database
    gateway: GatewayClient
    sandboxes: Sandboxes
    signer: Signer
    agents: Agents
    runner_socket: Path
    timers: Timers
    lease_seconds: int = 30

    async def run(self, task_bell: Doorbell, inbox_bell: Doorbell) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_tasks(group, task_bell))
            for _ in range(_CLICKS_AT_ONCE):
                group.create_task(self._settle_clicks(inbox_bell))
            group.create_task(self._sweep())
            group.create_task(self._revert())
            group.create_task(self._end_left())
            group.create_task(self._page())
            group.create_task(self.timers.run())

    async def _take_tasks(self, group: asyncio.TaskGroup, bell: Doorbell) -> None:
        how = Claiming(self.name, self.environment, self.lease_seconds, _RUN_SLOTS)
        busy: set[asyncio.Task[None]] = set()
        running: set[asyncio.Task[None]] = set()
        while True:
            claimed: Claim | StartedRun | None = None
            if len(busy) < _RUN_SLOTS + _EXECUTION_SLOTS:
                async with _outlive("claim"):
                    claimed = await runs.claim(
                        self.database, how, take_runs=len(running) < _RUN_SLOTS
                    )
            if claimed is None:
                await bell.wait(_POLL_SECONDS)
                continue
            job = group.create_task(self._do(claimed, bell))
            kinds = [busy, running] if isinstance(claimed, StartedRun) else [busy]
            for jobs in kinds:
                jobs.add(job)
                job.add_done_callback(jobs.discard)

    async def _do(self, claimed: Claim | StartedRun, bell: Doorbell) -> None:
        """Do one job under a heartbeat; its end may have made room for another."""
        log = structlog.get_logger()
        try:
            if isinstance(claimed, StartedRun):
                task = claimed.task
                async with self._heartbeat(task.scope, task.id, task.fence):
                    await self._run_task(claimed)
            else:
                async with self._heartbeat(
                    claimed.scope, claimed.task_id, claimed.fence
                ):
                    await self._execute(claimed)
        except* LeaseLost as lost:
            log.info("worker.lease_lost", error=str(lost.exceptions[0]))
        except* StorageError as failed:
            log.warning("worker.storage", error=str(failed.exceptions[0]))
        except* Exception:
            # The edge of a job: its lease runs out, and the sweeper counts a crash.
            log.exception("worker.job_failed", job=str(claimed)[:300])
        finally:
            bell.ring()

    async def _run_task(self, started: StartedRun) -> None:
        task = started.task
        agent = self.agents[task.agent, task.agent_version]
        claims = RunClaims(
            scope=task.scope,
            task_id=task.id,
            run_id=started.run.id,
            fence=task.fence,
            agent=agent.name,
            agent_version=agent.version,
            tools=agent.tools,
            sandbox=self.sandboxes.provider,
        )
        seconds = agent.seconds + _TOKEN_GRACE_SECONDS
        token = self.signer.sign_run(claims, now=self.database.now(), seconds=seconds)
        async with self.database.effect(Effect.spawn_sandbox):
            ended = await self._run_sandbox(
                Job(str(started.run.id), token, str(self.runner_socket)), seconds
            )
        if ended.exit_code != 0:
            structlog.get_logger().warning(
                "run.crashed",
                task=task.short_id,
                exit_code=ended.exit_code,
                stderr=ended.stderr_tail[-2000:],
            )
        event = await runs.finish(
            self.database,
            task,
            started.run,
            error=ended.stderr_tail[-200:].strip(),
            counts=ended.exit_code != _GATEWAY_AWAY,
        )
        await self._set_timers(task, event)

    async def _run_sandbox(self, job: Job, seconds: float) -> RunExit:
        """Run one job; out of time or without a host it counts as crashed."""
        try:
            async with asyncio.timeout(seconds):
                return await self.sandboxes.run(job)
        except TimeoutError:
            return RunExit(job.id, 1, 0, f"not done within {seconds:.0f} s", None)
        except SandboxHostGone as exc:
            return RunExit(job.id, 1, 0, str(exc), None)

    async def _set_timers(self, task: Task, event: TaskEvent) -> None:
        """Have arq wake us when a back-off or a card's time is over."""
        now = self.database.now()
        if event is TaskEvent.run_crashed:
            wait = runs.FIRST_BACKOFF_SECONDS * 2**task.attempt
            await self.timers.set(
                Due("backoff", task.scope, task.id), now + timedelta(seconds=wait)
            )
        if event is not TaskEvent.run_awaits_person:
            return
        async with self.database.transaction(task.scope, Step.look) as tx:
            every = await proposals.list_of_task(tx, task.id)
        for one in every:
            if one.state in {ProposalState.needs_approval, ProposalState.drafted}:
                over = now + timedelta(seconds=one.expires_in_seconds + 5)
                await self.timers.set(Due("expiry", task.scope, one.id), over)

    async def _execute(self, claim: Claim) -> None:
        try:
            answer = await execution.execute(self.gateway, claim)
        except execution.Stuck as exc:
            await execution.give_up(self.database, claim, str(exc))
            return
        if answer is None or answer.code not in _WAITING:
            return
        # A freeze, a budget or a busy system holds no slot; a takeover is seen soon.
        wait = max(
            _POLL_SECONDS, min(answer.retry_after_seconds, _LONGEST_WAIT_SECONDS)
        )
        later = self.database.now() + timedelta(seconds=wait)
        async with self.database.transaction(claim.scope, Step.heartbeat) as tx:
            if answer.code != "idle":
                await execution.say_wait(tx, claim, answer.text)
            await tasks.release(tx, claim.task_id, claim.fence, next_attempt_at=later)

    async def _settle_clicks(self, bell: Doorbell) -> None:
        while True:
            settled = False
            async with _outlive("inbox"):
                settled = await decisions.settle_next(
                    self.database, self.gateway, environment=self.environment
                )
            if not settled:
                await bell.wait(_POLL_SECONDS)

    async def _sweep(self) -> None:
        while True:
            async with _outlive("sweep"):
                await sweeper.sweep(self.database)
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _revert(self) -> None:
        """Take back what has expired; a loop of its own, since an effect takes time."""
        while True:
            async with _outlive("revert"):
                await reversions.revert_due(
                    self.database, self.gateway, environment=self.environment
                )
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _end_left(self) -> None:
        left = Leftovers(self.database, self.gateway, self.environment)
        while True:
            async with _outlive("left"):
                await left.end()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _page(self) -> None:
        pages = Pages(self.database, self.gateway, self.environment)
        while True:
            async with _outlive("page"):
                await pages.send()
            await asyncio.sleep(_SWEEP_SECONDS)

    @asynccontextmanager
    async def _heartbeat(
        self, scope: Scope, task_id: UUID, fence: int
    ) -> AsyncIterator[None]:
        """Hold the lease while the body runs; losing it cancels the body."""
        async with asyncio.TaskGroup() as group:
            beat = group.create_task(self._beat(scope, task_id, fence))
            yield
            beat.cancel()

    async def _beat(self, scope: Scope, task_id: UUID, fence: int) -> None:
        missed = 0
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            try:
                async with self.database.transaction(scope, Step.heartbeat) as tx:
                    await tasks.heartbeat(
                        tx, task_id, fence, lease_seconds=self.lease_seconds
                    )
                missed = 0
            except DatabaseUnreachable:
                missed += 1
                if missed >= _MOST_MISSED:
                    raise LeaseLost(
                        f"task {task_id}: the database was away for a lease's time"
                    ) from None


@asynccontextmanager
async def _outlive(loop: str) -> AsyncIterator[None]:
    """Keep a loop alive over a database that is away, and say so."""
    try:
        yield
    except StorageError as exc:
        structlog.get_logger().warning("worker.loop", loop=loop, error=str(exc))
        await asyncio.sleep(_AGAIN_SECONDS)
