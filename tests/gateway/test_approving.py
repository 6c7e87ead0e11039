"""Approvals: the vote as it is kept, whichever button it came by."""

import pytest

from policy.proposal import ProposalState
from tests.gateway.world import World


@pytest.mark.parametrize("verdict", ["approve", "grant"])
async def test_a_vote_is_an_approval_whichever_the_button(
    world: World, verdict: str
) -> None:
    """So that every count of approvals counts it."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict=verdict, comment="go on")
    [vote] = await world.rows("SELECT verdict, person, comment FROM approvals")

    assert "approved" == answer.code
    assert ("approve", "operator", "go on") == tuple(vote.values())
    assert ProposalState.approved is (await world.proposal(proposal.id)).state


async def test_two_who_must_agree_grant_nothing(world: World) -> None:
    """One of them alone must not allow what they may not."""
    proposal = await world.shown()
    await world.database_change("UPDATE proposals SET quorum = 2")
    answer = await world.click(proposal, verdict="grant")

    assert "out_of_bounds" == answer.code
    assert [] == await world.rows("SELECT id FROM approvals")
