"""A worker that is told to stop stops, whatever happens in that instant."""

import asyncio

from gateway.agents import Agents
from orchestrator.launch import Job, RunExit
from policy.scope import Scope
from storage.doorbell import Doorbell
from tests.conftest import Databases
from tests.orchestrator.test_worker import worker_of
from tests.orchestrator.world import Rows


class AwaitedBell(Doorbell):
    """Tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = asyncio.Event()

    async def wait(self, at_most_seconds: float) -> None:
        self.awaited.set()
        await super().wait(at_most_seconds)


async def _never(job: Job) -> RunExit:
    raise AssertionError(f"no run was expected: {job}")


async def test_a_worker_stops_though_a_bell_rings(
    database: Databases, scope: Scope, agents: Agents
) -> None:
    """Told to stop in the instant of a ring, it stops."""
    bells = task_bell, inbox_bell = AwaitedBell(), AwaitedBell()
    worker = worker_of(Rows(database, scope), agents, _never)
    running = asyncio.ensure_future(worker.run(task_bell, inbox_bell))
    for bell in bells:
        await bell.awaited.wait()
    for bell in bells:
        bell.ring()
    await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=5)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert {running} == done
