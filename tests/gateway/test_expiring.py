"""An action's end: one reversion at its instant, called off once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.expiring import cancel_reversion, schedule_reversion
from storage import executions, reversions
from storage.executions import NewExecution
from storage.steps import Step
from tests.gateway.world import World


@pytest.mark.parametrize("expires", [True, False])
async def test_what_expires_is_scheduled_once(world: World, *, expires: bool) -> None:
    """At its own instant, however often it is asked; else never."""
    proposal = await world.approved()
    expires_at = world.database.clock() + timedelta(hours=1)
    undo = {"expires_at": expires_at.timestamp()} if expires else {}
    proposal = replace(proposal, undo=undo)
    new = NewExecution(proposal.task_id, proposal.id, "apply", 1, {}, expires_at)
    async with world.gate.database.transaction(
        world.scope, Step.execution_intent
    ) as tx:
        execution = await executions.begin(tx, new)
        await schedule_reversion(tx, proposal, execution)
        await schedule_reversion(tx, proposal, execution)
        found = await reversions.find_of_proposal(tx, proposal.id)
        await cancel_reversion(tx, proposal.id, reason="undone by ann")
        await cancel_reversion(tx, proposal.id, reason="once more")
        after = await reversions.find_of_proposal(tx, proposal.id)
    entries = await world.events(proposal.task_id, "task.reversion_scheduled")

    assert expires == (found is not None)
    assert int(expires) == len(entries)
    if found is not None and after is not None:
        assert (expires_at, "scheduled") == (found.due_at, found.state)
        assert ("cancelled", "undone by ann") == (after.state, after.reason)
