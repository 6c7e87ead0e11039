"""The record of an agent version: how its last actions here ended."""

from policy.proposal import ProposalState
from policy.risk import RECORD_OF, AgentRecord
from policy.scope import Scope
from storage import agent_records
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

MINE, OTHER = "agent triage 2", "agent triage 1"


async def test_the_last_ends_of_one_version_count(
    database: Databases, scope: Scope
) -> None:
    """What was never carried out, and what another version did, is no record."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        for state, by in (
            (ProposalState.succeeded, MINE),
            (ProposalState.succeeded, MINE),
            (ProposalState.failed, MINE),
            (ProposalState.undone, MINE),
            (ProposalState.outcome_unknown, MINE),
            (ProposalState.rejected, MINE),
            (ProposalState.failed, OTHER),
        ):
            await add_proposal(tx, task, state=state, proposed_by=by)

        assert AgentRecord(2, 3) == await agent_records.read(tx, MINE)
        assert AgentRecord(0, 0) == await agent_records.read(tx, "agent new 1")


async def test_no_more_than_the_last_are_counted(
    database: Databases, scope: Scope
) -> None:
    """A version that does well now is not held to its beginnings for ever."""
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
        await add_proposal(tx, task, state=ProposalState.failed, proposed_by=MINE)
    database.clock.move(seconds=1)
    async with database("gateway").transaction(scope, Step.set_up) as tx:
        for _ in range(RECORD_OF):
            await add_proposal(
                tx,
                task,
                state=ProposalState.succeeded,
                proposed_by=MINE,
                created_at=tx.now,
            )

        assert AgentRecord(RECORD_OF, 0) == await agent_records.read(tx, MINE)
