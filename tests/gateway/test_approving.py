"""Approvals: the vote as it is kept, whichever button it came by."""

from datetime import timedelta

import pytest

from gateway import deciding
from policy.proposal import ProposalState
from storage import evidence_views
from storage.proposals import Proposal
from storage.steps import Step
from tests.gateway.world import SECOND, World


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


async def alert(world: World, *, votes: int, opened: bool) -> None:
    """Let the operator have approved so often within a second."""
    for _ in range(votes):
        proposal = await world.shown(await world.start(kind="safety"))
        await world.database_change(
            "UPDATE proposals SET evidence_ids = '[]' WHERE id = :id", id=proposal.id
        )
        await world.click(proposal)
    await world.database_change(
        "UPDATE approvals SET after_seconds = 1, evidence_opened = :opened",
        opened=opened,
    )


async def test_a_habit_of_haste_needs_one_more(world: World) -> None:
    """Told, on the card and in the ledger; the second person's vote lets it run."""
    await alert(world, votes=3, opened=True)
    proposal = await world.shown(await world.start(kind="safety"))
    first = await world.click(proposal, verdict="approve")
    between = await world.proposal(proposal.id)
    second = await world.click(proposal, user=SECOND)
    ran = await world.advance(proposal.task_id)
    [told] = await world.events(proposal.task_id, "task.quorum_raised")

    assert ("counted", "approved") == (first.code, second.code)
    assert "Open Evidence on this card and approve again" in first.text
    assert (2, ProposalState.needs_approval) == (between.quorum, between.state)
    assert ("operator", 2) == (told["person"], told["quorum"])
    assert "verifying" == ran.code


async def look(world: World, proposal: Proposal) -> None:
    """Let the operator open its evidence."""
    async with world.database("web").transaction(world.scope, Step.store_click) as tx:
        await evidence_views.keep(tx, proposal.id, "operator")


async def test_who_looks_then_counts_in_full(world: World) -> None:
    """On the same card; not before they have looked, and once."""
    await alert(world, votes=5, opened=False)
    proposal = await world.shown(await world.start(kind="safety"))
    first = await world.click(proposal)
    blind = await world.click(proposal)
    await look(world, proposal)
    world.database.clock.move(seconds=20)
    seen = await world.click(proposal)
    again = await world.click(proposal)
    ran = await world.advance(proposal.task_id)
    votes = await world.rows(
        "SELECT worn, void FROM approvals WHERE proposal_id = :id ORDER BY created_at",
        id=proposal.id,
    )
    [told] = await world.events(proposal.task_id, "task.quorum_restored")

    assert ["counted", "already_decided", "approved", "already_decided"] == [
        one.code for one in (first, blind, seen, again)
    ]
    assert "Open Evidence on this card" in blind.text
    assert [(True, True), (False, False)] == [tuple(one.values()) for one in votes]
    assert ("operator", 1) == (told["person"], told["quorum"])
    assert (1, "verifying") == ((await world.proposal(proposal.id)).quorum, ran.code)


async def test_what_somebody_else_left_unread_still_needs_one_more(
    world: World,
) -> None:
    """Each looks for themselves."""
    await alert(world, votes=5, opened=False)
    proposal = await world.shown(await world.start(kind="safety"))
    await world.click(proposal)
    await world.database_change(
        "UPDATE proposals SET quorum = 3 WHERE id = :id", id=proposal.id
    )
    await world.click(proposal, user=SECOND)
    await world.database_change("UPDATE approvals SET worn = true WHERE NOT void")
    await look(world, proposal)
    world.database.clock.move(seconds=20)
    answer = await world.click(proposal)

    assert "counted" == answer.code
    assert 3 == (await world.proposal(proposal.id)).quorum


async def test_haste_is_measured_to_the_click(world: World) -> None:
    """And not to when the gateway came to it: it may have been away for minutes."""
    proposal = await world.shown()
    now = world.database.clock()
    await world.database_change(
        "UPDATE proposals SET expires_at = :at WHERE id = :id",
        at=now + timedelta(seconds=1800),
        id=proposal.id,
    )
    world.database.clock.move(seconds=2)
    clicked = await world.request(await world.proposal(proposal.id))
    world.database.clock.move(seconds=90)
    await deciding.decide(world.gate, clicked)
    [vote] = await world.rows("SELECT after_seconds FROM approvals")
    [told] = await world.events(proposal.task_id, "task.click_received")

    assert (2.0, 2.0) == (vote["after_seconds"], told["seconds_shown"])


async def test_what_was_opened_is_known_of_the_vote(world: World) -> None:
    """Of each person their own; a card without evidence can't be opened."""
    proposal = await world.shown()
    async with world.database("web").transaction(world.scope, Step.store_click) as tx:
        await evidence_views.keep(tx, proposal.id, "operator")
    await world.click(proposal)
    other = await world.shown()
    await world.click(other, user=SECOND)
    rows = await world.rows(
        "SELECT person, evidence_opened FROM approvals ORDER BY person"
    )
    [told] = await world.events(proposal.task_id, "task.click_received")
    [not_told] = await world.events(other.task_id, "task.click_received")

    assert [("operator", True), ("second", False)] == [
        tuple(one.values()) for one in rows
    ]
    assert (True, False) == (told["evidence_opened"], not_told["evidence_opened"])


async def test_a_quorum_of_the_card_s_own_is_not_lowered(world: World) -> None:
    """It was asked anew with two; who votes unread first needs no fewer than others."""
    await alert(world, votes=5, opened=False)
    proposal = await world.shown(await world.start(kind="safety"))
    await world.database_change(
        "UPDATE proposals SET quorum = 2 WHERE id = :id", id=proposal.id
    )
    await world.click(proposal)
    await look(world, proposal)
    world.database.clock.move(seconds=20)
    answer = await world.click(proposal)

    assert "counted" == answer.code
    assert 2 == (await world.proposal(proposal.id)).quorum
