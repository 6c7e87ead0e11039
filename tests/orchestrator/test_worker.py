"""The worker: jobs under a heartbeat, that no lost task and no bad row ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.agents import Agents
from gateway.client import GatewayFailed, GatewayRefused
from gateway.tokens import Signer, Verifier, new_key_pair
from orchestrator import execution
from orchestrator.launch import Job, RunExit, SandboxHostGone
from orchestrator.worker import Worker
from policy.proposal import ProposalState
from policy.scope import Scope
from policy.task import TaskState
from storage import executions, inbox
from storage.doorbell import Doorbell
from storage.executions import NewExecution
from storage.inbox import Delivery
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import FakeGateway, FakeSandboxes, FakeTimers, Rows
from wire.control import DecisionAnswer, DecisionRequest, ExecutionAnswer
from wire.tools import Refusal

PRIVATE, PUBLIC = new_key_pair()
APPROVED = DecisionAnswer(code="approved", text="", proposal_id=UUID(int=1))
LOST = GatewayRefused(Refusal(code="lease_lost", rule="fence", message="stop"))


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


def worker_of(
    rows: Rows,
    agents: Agents,
    act: Callable[[Job], Awaitable[RunExit]],
    gateway: FakeGateway | None = None,
) -> Worker:
    """Give a worker whose sandbox is ``act``, with a lease of a second."""
    return Worker(
        name="worker 1",
        environment="staging",
        database=rows.database("worker"),
        gateway=gateway or FakeGateway(),
        sandboxes=FakeSandboxes(act),
        signer=Signer(PRIVATE),
        agents=agents,
        runner_socket=Path("/nowhere/runner.sock"),
        timers=FakeTimers(),
        lease_seconds=1,
    )


@asynccontextmanager
async def working(
    rows: Rows,
    agents: Agents,
    act: Callable[[Job], Awaitable[RunExit]],
    gateway: FakeGateway | None = None,
) -> AsyncIterator[FakeTimers]:
    """Run such a worker; give its timers."""
    worker = worker_of(rows, agents, act, gateway)
    timers = worker.timers
    assert isinstance(timers, FakeTimers)
    running = asyncio.ensure_future(worker.run(Doorbell(), Doorbell()))
    try:
        yield timers
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(check: Callable[[], Awaitable[bool]], *, seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - rows of another process
            await asyncio.sleep(0.02)


def good(job: Job) -> RunExit:
    return RunExit(job.id, 0, 0, "", None)


async def test_a_queued_task_is_run(rows: Rows, agents: Agents) -> None:
    """The job bears a token for this task, fence and sandbox; the report is judged."""
    task = await rows.queued()
    jobs: list[Job] = []

    async def act(job: Job) -> RunExit:
        jobs.append(job)
        [row] = await rows.rows("SELECT id FROM runs")
        async with rows.database("gateway").transaction(rows.scope, Step.set_up) as tx:
            await tx.change(
                "UPDATE runs SET outcome = 'finished' WHERE id = :id", {"id": row["id"]}
            )
        return good(job)

    async with working(rows, agents, act):
        await until(lambda: _is(rows, task.id, TaskState.completed))
    claims = Verifier(PUBLIC).verify_run(jobs[0].token)

    assert (task.id, task.fence + 1, "bubblewrap") == (
        claims.task_id,
        claims.fence,
        claims.sandbox,
    )
    assert jobs[0].id == str(claims.run_id)


async def test_a_crash_sets_a_timer(rows: Rows, agents: Agents) -> None:
    """The run ends badly: tried again, and arq is asked to wake us."""
    task = await rows.queued()

    async def act(job: Job) -> RunExit:
        return RunExit(job.id, 1, 0, "boom", None)

    async with working(rows, agents, act) as timers:
        await until(lambda: _is(rows, task.id, TaskState.failed_retryable))
        await until(lambda: _truth(timers.asked))

    assert ["backoff"] == [due.kind for due, _ in timers.asked]


async def test_a_host_that_is_gone_is_a_crash(rows: Rows, agents: Agents) -> None:
    """Without a sandbox host the worker goes on, and the task is tried again."""
    task = await rows.queued()

    async def act(_job: Job) -> RunExit:
        raise SandboxHostGone("killed")

    async with working(rows, agents, act):
        await until(lambda: _is(rows, task.id, TaskState.failed_retryable))


async def test_a_card_out_sets_a_timer(rows: Rows, agents: Agents) -> None:
    """Its expiry is asked for, a little after its time."""
    task = await rows.queued()

    async def act(job: Job) -> RunExit:
        await rows.propose(await rows.task(task.id))
        return good(job)

    async with working(rows, agents, act) as timers:
        await until(lambda: _is(rows, task.id, TaskState.needs_approval))
        await until(lambda: _truth(timers.asked))

    assert ["expiry"] == [due.kind for due, _ in timers.asked]


async def test_a_moved_fence_cancels_the_job(rows: Rows, agents: Agents) -> None:
    """The heartbeat finds another fence: the sandbox is killed, the worker lives."""
    await rows.queued()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def act(job: Job) -> RunExit:
        if begun.is_set():
            return good(job)
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return good(job)

    async with working(rows, agents, act):
        await asyncio.wait_for(begun.wait(), 10)
        await rows.change("UPDATE tasks SET fence = fence + 1")
        await asyncio.wait_for(ended.wait(), 10)
        other = await rows.queued()
        await until(lambda: _is(rows, other.id, TaskState.failed_retryable))


async def test_a_heartbeat_holds_a_long_run(rows: Rows, agents: Agents) -> None:
    """Longer than its lease, and still nobody else's."""
    task = await rows.queued()
    fences: list[int] = []

    async def act(job: Job) -> RunExit:
        for _ in range(8):
            await asyncio.sleep(0.25)
            fences.append((await rows.task(task.id)).fence)
        return good(job)

    async with working(rows, agents, act):
        await until(lambda: _is(rows, task.id, TaskState.failed_retryable))

    assert {task.fence + 1} == set(fences)


async def test_a_task_of_an_unknown_agent_stops_no_worker(
    rows: Rows, agents: Agents
) -> None:
    """One row that this release can't run leaves the others their worker."""
    await rows.queued(agent_version=99)
    good_task = await rows.queued()

    async def act(job: Job) -> RunExit:
        return good(job)

    async with working(rows, agents, act):
        await until(lambda: _is(rows, good_task.id, TaskState.failed_retryable))


async def test_an_approved_task_is_executed(rows: Rows, agents: Agents) -> None:
    """The gateway is asked under the claim's fence until it says that it is over."""
    task = await _executing(rows)
    gateway = FakeGateway(ExecutionAnswer(code="succeeded", text="done"))

    async with working(rows, agents, _never, gateway):
        await until(lambda: _truth(gateway.executed))
    [request] = gateway.executed

    assert (task, "acme") == (request.task_id, request.tenant_id)


async def test_an_idle_execution_is_left_for_a_while(
    rows: Rows, agents: Agents
) -> None:
    """Nothing approved: the claim is given back, not asked for in a circle."""
    await _executing(rows)
    # The test's clock stands still, and the claim's runs: a minute may be over.
    idle = ExecutionAnswer(code="idle", text="nothing", retry_after_seconds=300.0)
    gateway = FakeGateway(idle, LOST)

    async with working(rows, agents, _never, gateway):
        await until(lambda: _truth(gateway.executed))
        await until(lambda: _released(rows))

    assert 1 == len(gateway.executed)


async def test_what_waits_gives_its_slot_back(rows: Rows, agents: Agents) -> None:
    """Twenty that wait for a thaw hold no undo up."""
    await _executing(rows)
    waits = ExecutionAnswer(
        code="refused_for_now", text="frozen", retry_after_seconds=300.0
    )
    gateway = FakeGateway(waits, LOST)

    async with working(rows, agents, _never, gateway):
        await until(lambda: _released(rows))
    [task] = await rows.rows("SELECT next_attempt_at, lease_until FROM tasks")
    left = (task["next_attempt_at"] - rows.database.clock()).total_seconds()
    said = "SELECT payload->>'next_step' AS step FROM outbox WHERE slot = 'root'"

    assert "Waits: frozen" in [row["step"] for row in await rows.rows(said)]
    assert task["lease_until"] is None
    assert 0 < left <= 15
    assert 1 == len(gateway.executed)


@pytest.mark.parametrize(
    ("state", "becomes", "said"),
    [
        (ProposalState.approved, ProposalState.withdrawn, "not begun: "),
        (ProposalState.executing, ProposalState.outcome_unknown, "outcome unknown: "),
        (ProposalState.verifying, ProposalState.outcome_unknown, "outcome unknown: "),
    ],
)
async def test_a_stuck_execution_goes_to_a_person(
    rows: Rows,
    agents: Agents,
    monkeypatch: pytest.MonkeyPatch,
    state: ProposalState,
    becomes: ProposalState,
    said: str,
) -> None:
    """The thread says so, and what may have been applied is not called undone."""
    monkeypatch.setattr(execution, "_AWAY_SECONDS", 0.0)
    task = await _executing(rows, state)
    gateway = FakeGateway(*[GatewayFailed("see its log")] * 30)

    async with working(rows, agents, _never, gateway):
        await until(lambda: _is(rows, task, TaskState.escalated_to_human))
    [proposal] = await rows.rows("SELECT state FROM proposals")
    [*_, moved] = await rows.events(task, "task.moved")

    assert becomes == proposal["state"]
    assert str(moved["reason"]).startswith(said)
    assert "see its log" in str(moved["reason"])


async def test_what_is_given_up_is_still_taken_back_at_its_end(
    rows: Rows, agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it was applied: its reversion looks at its time."""
    monkeypatch.setattr(execution, "_AWAY_SECONDS", 0.0)
    ends = rows.database.clock() + timedelta(hours=1)
    task = await _executing(
        rows, ProposalState.executing, undo={"expires_at": ends.timestamp()}
    )
    [proposal] = await rows.rows("SELECT id FROM proposals")
    async with rows.database("gateway").transaction(
        rows.scope, Step.execution_intent
    ) as tx:
        await executions.begin(
            tx, NewExecution(task, proposal["id"], "apply", 1, {}, tx.now)
        )
    gateway = FakeGateway(*[GatewayFailed("see its log")] * 30)
    async with working(rows, agents, _never, gateway):
        await until(lambda: _is(rows, task, TaskState.escalated_to_human))
    [scheduled] = await rows.rows("SELECT state, due_at FROM reversions")

    assert ("scheduled", ends) == (scheduled["state"], scheduled["due_at"])


async def _click(rows: Rows, proposal: UUID) -> None:
    who = {"person": "U1", "slack_user": "U1", "verdict": "approve"}
    whole = {"proposal_id": str(proposal), "digest": "d" * 64, **who}
    async with rows.database("web").transaction(rows.scope, Step.store_click) as tx:
        await inbox.receive(tx, Delivery("slack", str(proposal), "decision", whole))


async def test_a_waiting_click_is_settled(rows: Rows, agents: Agents) -> None:
    """The inbox loop takes it without a bell."""
    await _click(rows, uuid4())
    gateway = FakeGateway(APPROVED)
    async with working(rows, agents, _never, gateway):
        await until(lambda: _truth(gateway.decided))

    assert ["approve"] == [one.verdict for one in gateway.decided]


async def test_a_slow_click_holds_up_no_other(rows: Rows, agents: Agents) -> None:
    """The first one's target does not answer: the second is decided meanwhile."""
    slow, other = uuid4(), uuid4()
    for proposal in (slow, other):
        await _click(rows, proposal)
        rows.database.clock.move(seconds=1)
    gateway = Slow(slow)
    async with working(rows, agents, _never, gateway):
        await until(lambda: _truth(gateway.decided))

    assert [other] == [one.proposal_id for one in gateway.decided]


class Slow(FakeGateway):
    """Never answers of one proposal."""

    def __init__(self, proposal: UUID) -> None:
        super().__init__()
        self.slow = proposal

    async def decide(self, request: DecisionRequest) -> DecisionAnswer:
        if request.proposal_id == self.slow:
            await asyncio.Event().wait()
        self.decided.append(request)
        return APPROVED


async def _executing(
    rows: Rows, state: ProposalState = ProposalState.approved, **changes: object
) -> UUID:
    started = await rows.started()
    await rows.propose(started.task, state=state, **changes)
    await rows.report(started)
    await rows.change(
        "UPDATE tasks SET state = 'executing', lease_until = NULL WHERE id = :id",
        id=started.task.id,
    )
    return started.task.id


async def _never(job: Job) -> RunExit:
    raise AssertionError(f"no run was expected: {job}")


async def _is(rows: Rows, task_id: object, state: TaskState) -> bool:
    return await rows.state(task_id) is state  # type: ignore[arg-type]


async def _truth(found: list[object] | list[tuple[object, object]] | object) -> bool:
    return bool(found)


async def _released(rows: Rows) -> bool:
    found = await rows.rows("SELECT 1 FROM tasks WHERE next_attempt_at IS NOT NULL")
    return bool(found)
