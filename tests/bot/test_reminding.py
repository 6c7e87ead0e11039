"""Whom a reminder speaks for, by the time that it is sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.reminding import as_it_stands
from policy.lifecycle import ProposalEvent
from policy.scope import Scope
from storage import moves, outbox, posts, proposals, tasks
from storage.outbox import Post
from storage.proposals import Proposal
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases
from tests.samples import add_proposal, add_task


async def prepared(
    database: Databases, scope: Scope, *, paged: str = ""
) -> tuple[Task, list[Proposal], Post]:
    """Have two that share a card, and the first's reminder wait."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    async with database("gateway").transaction(scope, Step.look) as tx:
        made = [
            await add_proposal(
                tx,
                task,
                estimate={"title": title},
                created_at=tx.now + timedelta(seconds=at),
            )
            for at, title in enumerate(("First", "Second"))
        ]
        for one in made:
            await tx.change(
                "UPDATE proposals SET folded_in = :leader WHERE id = :id",
                {"leader": made[0].id, "id": one.id},
            )
        folded = [await proposals.get(tx, one.id) for one in made]
        await posts.post_reminder(tx, task, folded[0], paged=paged)
        waiting = await outbox.list_waiting(tx, task.id)
    return task, folded, waiting[0]


async def standing(
    database: Databases, scope: Scope, waiting: Post
) -> tuple[str, str, bool]:
    """Give title and state that it would show, and whether somebody needs it."""
    async with database("courier").transaction(scope, Step.look) as tx:
        post, is_needed = await as_it_stands(tx, waiting)
    estimate = post.payload["estimate"]
    assert isinstance(estimate, dict)
    return estimate["title"], str(post.payload["state"]), is_needed


async def reject(
    database: Databases, scope: Scope, task: Task, proposal: Proposal
) -> None:
    async with database("gateway").transaction(scope, Step.look) as tx:
        held = await tasks.get(tx, task.id, lock=True)
        await moves.close(
            tx, held, proposal, ProposalEvent.rejected, by="ann", reason="no"
        )


async def test_it_speaks_for_the_first_that_waits(
    database: Databases, scope: Scope
) -> None:
    """The others that share its card are not forgotten with the one it was made of."""
    task, (first, second), waiting = await prepared(database, scope)
    found = [await standing(database, scope, waiting)]
    for one in (first, second):
        await reject(database, scope, task, one)
        found.append(await standing(database, scope, waiting))

    assert [
        ("First", "needs_approval", True),
        ("Second", "needs_approval", True),
        ("First", "rejected", False),
    ] == found


async def test_nobody_needs_one_of_a_muted_task(
    database: Databases, scope: Scope
) -> None:
    task, _, waiting = await prepared(database, scope)
    async with database("worker").transaction(scope, Step.look) as tx:
        await tasks.change(tx, task.id, {"muted_by": "ann"})

    assert not (await standing(database, scope, waiting))[2]


async def test_why_a_card_asks_once_more_is_told_all_the_same(
    database: Databases, scope: Scope
) -> None:
    """Muting ends reminders; it hides no reason."""
    task, _, waiting = await prepared(database, scope)
    async with database("worker").transaction(scope, Step.look) as tx:
        await tasks.change(tx, task.id, {"muted_by": "ann"})
    anew = replace(waiting, payload={**waiting.payload, "asked_anew": "a grant ended"})

    assert (await standing(database, scope, anew))[2]


@pytest.mark.parametrize("paged", ["", "The pager was called."])
async def test_a_call_is_told_all_the_same(
    database: Databases, scope: Scope, paged: str
) -> None:
    task, folded, waiting = await prepared(database, scope, paged=paged)
    for one in folded:
        await reject(database, scope, task, one)

    assert bool(paged) is (await standing(database, scope, waiting))[2]
