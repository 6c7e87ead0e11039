"""What is open: the worst first, all of it or what waits for one person."""

from uuid import UUID

import pytest

from policy.alert import Severity
from policy.lifecycle import TaskEvent
from policy.person import Person
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import decisions, moves
from storage.decisions import NewVote
from storage.open_tasks import Wanted, list_open
from storage.pending import list_pending
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_proposal, add_task

ME = Person("me", "Me", "U0ME", frozenset({"operator", "another"}))


async def test_open_tasks_come_worst_first(database: Databases, scope: Scope) -> None:
    """Ordered by severity; what is closed is left out."""
    async with database("worker").transaction(scope, Step.look) as tx:
        for severity in (Severity.info, Severity.critical, Severity.warning):
            await add_task(tx, severity=severity)
        [worst] = await list_open(tx, Wanted(), most=1)
        running = await moves.move(tx, worst, TaskEvent.claimed, actor="test")
        await moves.move(tx, running, TaskEvent.run_found_nothing, actor="test")
        listed = await list_open(tx, Wanted())

    assert Severity.critical is worst.severity
    assert [Severity.warning, Severity.info] == [one.severity for one in listed]


async def proposed(database: Databases, scope: Scope, **changes: object) -> Proposal:
    async with database("worker").transaction(scope, Step.look) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.look) as tx:
        return await add_proposal(tx, task, **changes)


async def vote(
    database: Databases, scope: Scope, proposal: Proposal, person: str
) -> None:
    given = NewVote(
        proposal.id, proposal.digest, person, "approve", "", "", proposal.id
    )
    async with database("gateway").transaction(scope, Step.look) as tx:
        await decisions.add_vote(tx, given)


async def waiting(database: Databases, scope: Scope, person: Person) -> list[UUID]:
    """Give the tasks that wait for a person, by both ways of asking."""
    async with database("web").transaction(scope, Step.look) as tx:
        listed = await list_open(tx, Wanted(decider=person))
        every = await list_pending(tx, person, Wanted(), most=len(listed))
        mine = await list_pending(tx, person, Wanted(decider=person), most=99)
    assert {one.id for one in listed} == {one.proposal.task_id for one in every}
    assert {one.id for one in listed} == {one.proposal.task_id for one in mine}
    assert all(one.mine for one in every)
    return [one.id for one in listed]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"state": ProposalState.drafted}, 1),
        ({"state": ProposalState.approved}, 0),
        ({"roles": ("legal",)}, 0),
        ({"roles": ("legal", "another")}, 1),
    ],
)
async def test_what_waits_is_what_my_roles_decide(
    database: Databases, scope: Scope, changes: dict[str, object], count: int
) -> None:
    """Of the cards that still stand open."""
    proposal = await proposed(database, scope, **changes)
    await proposed(database, scope, roles=("legal",))

    assert [proposal.task_id] * count == await waiting(database, scope, ME)


async def test_what_i_approved_waits_no_more(database: Databases, scope: Scope) -> None:
    """Until my vote is void; what another approved still waits for me."""
    mine = await proposed(database, scope, quorum=2)
    theirs = await proposed(database, scope, quorum=2)
    await vote(database, scope, mine, "me")
    await vote(database, scope, theirs, "you")
    given = await waiting(database, scope, ME)
    async with database("gateway").transaction(scope, Step.look) as tx:
        await decisions.void_approvals(tx, mine.id)
    void = await waiting(database, scope, ME)

    assert [theirs.task_id] == given
    assert {mine.task_id, theirs.task_id} == set(void)


async def test_nobody_decides_nothing(database: Databases, scope: Scope) -> None:
    """Somebody without a role waits for nothing."""
    await proposed(database, scope)
    nobody = Person("guest", "Guest", "U0GUEST", frozenset())

    assert [] == await waiting(database, scope, nobody)
