"""Rows that the cases need to stand before they are measured."""

from bench.world import Bench
from gateway.agents import load_agents
from gateway.tokens import RunClaims, Signer
from orchestrator.runs import Claiming, StartedRun, claim
from storage.steps import Step
from tests.samples import add_proposal, add_task

AGENT = ("reliability-triage", 1)
_LEASE_SECONDS = 3600
_SLOTS = 1_000_000


async def add_waiting_proposal(bench: Bench) -> str:
    """Add a proposal that waits for a person; give its button's value."""
    worker, gateway = bench.database("worker"), bench.database("gateway")
    try:
        async with worker.transaction(bench.scope, Step.set_up) as tx:
            task = await add_task(tx)
        async with gateway.transaction(bench.scope, Step.set_up) as tx:
            proposal = await add_proposal(tx, task)
    finally:
        await worker.close()
        await gateway.close()
    return f"{proposal.id}.{proposal.digest}"


async def start_runs(bench: Bench, how_many: int) -> list[str]:
    """Start runs of tasks of their own; give the token of each."""
    name, version = AGENT
    agent = load_agents(bench.agents)[AGENT]
    signer = Signer(bench.environment["TOKEN_PRIVATE_KEY"])
    database = bench.database("worker")
    how = Claiming("bench", "prod", _LEASE_SECONDS, _SLOTS)
    tokens = []
    try:
        for number in range(how_many):
            async with database.transaction(bench.scope, Step.set_up) as tx:
                await add_task(
                    tx, agent=name, agent_version=version, group_key=f"run/{number}"
                )
            started = await claim(database, how, take_runs=True)
            if not isinstance(started, StartedRun):
                raise TypeError(f"a task to execute in a fresh database: {started}")
            claims = RunClaims(
                scope=bench.scope,
                task_id=started.task.id,
                run_id=started.run.id,
                fence=started.task.fence,
                agent=name,
                agent_version=version,
                tools=agent.tools,
                sandbox="bubblewrap",
            )
            now = database.now()
            tokens.append(signer.sign_run(claims, now=now, seconds=_LEASE_SECONDS))
    finally:
        await database.close()
    return tokens
