"""Verdicts with their facts, and one vote for each person."""

from dataclasses import replace
from uuid import UUID

import pytest

from policy.scope import Scope
from storage import decisions, tasks
from storage.database import Database
from storage.decisions import NewVote
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import DECISION, add_proposal, add_task


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


@pytest.fixture
async def proposal(database: Databases, scope: Scope) -> Proposal:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.propose) as tx:
        return await add_proposal(tx, task)


def vote(proposal: Proposal, person: str, verdict: str = "approve") -> NewVote:
    return NewVote(
        proposal_id=proposal.id,
        digest=proposal.digest,
        person=person,
        verdict=verdict,
        comment="",
        reason_code="",
        inbox_id=UUID(int=1),
    )


async def test_a_verdict_keeps_its_facts(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """What a decision was made from can be read again, to replay it."""
    facts = {"tool": "throttle", "at": [1, 2.5, None]}
    async with gateway.transaction(scope, Step.decide) as tx:
        kept = await decisions.keep(
            tx, DECISION, task_id=proposal.task_id, phase="approve", facts=facts
        )
        assert facts == await decisions.get_facts(tx, kept)


async def test_a_person_votes_once(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A second vote on the same proposal is not stored, whatever it says."""
    async with gateway.transaction(scope, Step.decide) as tx:
        first = await decisions.add_vote(tx, vote(proposal, "ann"))
        second = await decisions.add_vote(tx, vote(proposal, "ann", "reject"))
        standing = await decisions.list_approvals(tx, proposal.id)

    assert ([first], None) == ([one.id for one in standing], second)


async def test_who_has_a_void_vote_may_vote_again(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """The void one stays, and counts no more."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await decisions.add_vote(tx, vote(proposal, "ann"))
        await decisions.void_approvals(tx, proposal.id)
        again = await decisions.add_vote(tx, vote(proposal, "ann"))
        standing = await decisions.list_approvals(tx, proposal.id)

    assert [again] == [one.id for one in standing]


async def test_two_people_make_two_votes(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """A quorum counts people."""
    async with gateway.transaction(scope, Step.decide) as tx:
        for person in ("ann", "bob"):
            await decisions.add_vote(tx, vote(proposal, person))
        standing = await decisions.list_approvals(tx, proposal.id)

    assert {"ann", "bob"} == {one.person for one in standing}


async def test_a_rejection_is_no_approval(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Only approvals count towards the quorum."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await decisions.add_vote(tx, vote(proposal, "ann", "reject"))
        assert [] == await decisions.list_approvals(tx, proposal.id)


async def test_an_edit_voids_and_names_the_people(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Voided approvals no longer stand, and who gave them is told once."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await decisions.add_vote(tx, vote(proposal, "ann"))
        await decisions.add_vote(tx, vote(proposal, "bob", "reject"))
        voided = [await decisions.void_approvals(tx, proposal.id) for _ in range(2)]
        standing = await decisions.list_approvals(tx, proposal.id)

    assert ([["ann"], []], []) == (voided, standing)


async def test_a_vote_keeps_the_digest_that_was_seen(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """The approval names what the person saw, and not what is stored now."""
    async with gateway.transaction(scope, Step.decide) as tx:
        await decisions.add_vote(tx, replace(vote(proposal, "ann"), digest="seen"))
        (approval,) = await decisions.list_approvals(tx, proposal.id)

    assert "seen" == approval.digest


async def test_a_bundle_is_kept_once(gateway: Database, scope: Scope) -> None:
    """Publishing the same policy again changes nothing."""
    async with gateway.transaction(scope, Step.set_up) as tx:
        for text in ("first", "second"):
            await decisions.keep_bundle(tx, "b" * 64, {"guards.cedar": text})
        rows = await tx.rows("SELECT texts FROM policy_bundles")

    assert [{"texts": {"guards.cedar": "first"}}] == rows


async def test_one_click_is_one_vote_of_a_habit(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """As hasty as its first, and read if all of it was; the click at hand is out."""
    async with gateway.transaction(scope, Step.decide) as tx:
        task = await tasks.get(tx, proposal.task_id)
        for click, seconds, opened in (
            ("a", 2.0, True),
            ("a", 1.0, False),
            ("b", 9.0, True),
            ("now", 1.0, False),
            ("", 5.0, None),
            ("", 6.0, None),
        ):
            other = await add_proposal(tx, task)
            cast = replace(
                vote(other, "ann"),
                click=click,
                after_seconds=seconds,
                evidence_opened=opened,
            )
            await decisions.add_vote(tx, cast)
        habit = await decisions.list_habit(tx, "ann", most=10, but="now")
        newest = await decisions.list_habit(tx, "ann", most=2, but="now")

    told = [(one.after_seconds, one.evidence_opened) for one in habit]
    assert [(1.0, False), (5.0, None), (6.0, None), (9.0, True)] == sorted(
        told, key=lambda one: one[0] or 0
    )
    assert 2 == len(newest)


async def test_a_vote_that_counts_no_more_is_no_habit(
    gateway: Database, scope: Scope, proposal: Proposal
) -> None:
    """Its person looked, and gave it anew: that one alone says how they vote."""
    async with gateway.transaction(scope, Step.decide) as tx:
        hasty = replace(vote(proposal, "ann"), after_seconds=1.0, worn=True)
        first = await decisions.add_vote(tx, hasty)
        assert first is not None
        before = await decisions.list_worn(tx)
        await decisions.void_vote(tx, first)
        voided = await decisions.list_worn(tx)
        await decisions.add_vote(tx, replace(hasty, after_seconds=60.0, worn=False))
        habit = await decisions.list_habit(tx, "ann", most=10, but="")

    assert (["ann"], []) == (before, voided)
    assert [60.0] == [one.after_seconds for one in habit]
