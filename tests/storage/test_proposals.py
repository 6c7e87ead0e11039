"""Proposals: guarded moves, one expiry clock, a chain of revisions."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from policy.lifecycle import IllegalMove, ProposalEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import proposals
from storage.database import Database
from storage.errors import NotFound, StaleState
from storage.identifiers import uuid7
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_proposal, add_task


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def proposal(database: Databases, scope: Scope) -> Proposal:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        return await add_proposal(tx, task)


async def test_a_proposal_comes_back_as_it_was(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Every field of a stored proposal survives the row."""
    async with gateway.transaction(scope, Step.look) as tx:
        assert proposal == await proposals.get(tx, proposal.id)


async def test_another_scope_finds_nothing(
    gateway: Database, scopes: Scopes, proposal: Proposal
) -> None:
    """A proposal of another environment is not there."""
    prod = await scopes("acme", "prod")

    async with gateway.transaction(prod, Step.look) as tx:
        with pytest.raises(NotFound):
            await proposals.get(tx, proposal.id)


async def test_a_move_names_who_and_why(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """The row holds the new state, who closed it and the reason."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await proposals.move(
            tx, proposal, ProposalEvent.rejected, by="ann", reason="too much"
        )
        now = await proposals.get(tx, proposal.id)

    assert (ProposalState.rejected, "ann", "too much") == (
        now.state,
        now.closed_by,
        now.closed_reason,
    )


async def test_a_stale_read_moves_nothing(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Of two decisions on one reading the second is told."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await proposals.move(tx, proposal, ProposalEvent.approved)
        with pytest.raises(StaleState):
            await proposals.move(tx, proposal, ProposalEvent.rejected)


async def test_an_illegal_move_is_refused(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A proposal that waits can't be verified."""
    async with gateway.transaction(scope, Step.decide) as tx:
        with pytest.raises(IllegalMove):
            await proposals.move(tx, proposal, ProposalEvent.verified)


async def test_the_expiry_clock_starts_once(
    database: Databases, scope: Scope, proposal: Proposal
) -> None:
    """Validity runs from the first delivery; a later edit of the card adds nothing."""
    courier = database("courier")
    first_at = database.clock.now
    async with courier.transaction(scope, Step.message_sent) as tx:
        first = await proposals.keep_delivery(tx, proposal.id)
    database.clock.move(seconds=60)
    async with courier.transaction(scope, Step.message_sent) as tx:
        second = await proposals.keep_delivery(tx, proposal.id)
        now = await proposals.get(tx, proposal.id)

    assert (True, False) == (first, second)
    assert first_at + timedelta(seconds=900) == now.expires_at


async def test_a_key_names_one_proposal_of_a_task(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """The runner's idempotency key can't make a second proposal."""
    with pytest.raises(IntegrityError, match="uq_proposals"):
        async with gateway.transaction(scope, Step.propose) as tx:
            await proposals.create(tx, replace(proposal, id=uuid7(tx.now)))


async def test_a_revision_is_found_by_key_and_by_what_it_replaced(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """An edit leaves a chain: the same key, the next revision, a link back."""
    edited = replace(
        proposal, id=UUID(int=9), revision=2, supersedes=proposal.id, edited_by="ann"
    )
    async with gateway.transaction(scope, Step.decide) as tx:
        await proposals.create(tx, edited)
        task_id, key = proposal.task_id, proposal.key
        by_key = await proposals.find_by_key(tx, task_id, key, 2)
        successor = await proposals.find_successor(tx, proposal.id)
        none = await proposals.find_successor(tx, edited.id)

    assert (edited, edited, None) == (by_key, successor, none)
