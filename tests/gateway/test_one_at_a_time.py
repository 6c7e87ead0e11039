"""One action of a task at a time, whoever asks under its fence."""

from dataclasses import replace
from uuid import uuid4

from gateway.intent import Job, Look, intend
from gateway.tools.feature_flag import FlagParams
from policy.proposal import ProposalState
from storage import proposals
from storage.canonical import plain
from storage.steps import Step
from tests.gateway.steps import keys
from tests.gateway.world import World
from wire.control import ExecutionAnswer, ExecutionRequest


async def test_a_task_has_one_action_at_a_time(world: World) -> None:
    """Two calls may come under one fence; the second action waits for the first."""
    proposal = await world.approved()
    busy = replace(
        proposal,
        id=uuid4(),
        key="another",
        digest="e" * 64,
        state=ProposalState.executing,
    )
    async with world.gate.database.transaction(world.scope, Step.set_up) as tx:
        await proposals.create(tx, busy)
    seen = await world.gate.registry.write(proposal.tool).observe(
        FlagParams.model_validate(plain(proposal.params)), world.gate.ports
    )
    task = await world.task(proposal.task_id)
    request = ExecutionRequest(
        tenant_id=task.tenant_id,
        environment=task.environment,
        task_id=str(task.id),
        fence=task.fence,
    )
    tool = world.gate.registry.write(proposal.tool)
    params = tool.params.model_validate(plain(proposal.params))
    before = tool.state.model_validate(plain(proposal.before))
    reach = await tool.estimate(params, seen, world.gate.ports)
    job = Job(world.gate, request, proposal, tool, params, before)
    waits = await intend(job, Look(seen, reach))

    assert isinstance(waits, ExecutionAnswer)
    assert "another action of this task is under way" in waits.text
    assert [] == keys(world)
