"""Folding in a thread: one card, one approval each, a card of its own once decided."""

from uuid import UUID

import pytest

from orchestrator import sweeper
from orchestrator.folding import MOST_ALIKE, group_alike
from orchestrator.runs import finish
from policy.lifecycle import ProposalEvent
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import moves, proposals, tasks
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.world import Rows
from tests.samples import a_proposal


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


def test_only_what_is_alike_and_waits_is_grouped() -> None:
    """A single one, a draft, and what is like no other stay alone."""
    found = [
        a_proposal(alike="a"),
        a_proposal(alike="b"),
        a_proposal(alike="a"),
        a_proposal(alike="a", state=ProposalState.drafted),
        a_proposal(alike=""),
        a_proposal(alike=""),
    ]

    assert [[found[0], found[2]]] == group_alike(found)


def test_a_group_has_ten_at_most() -> None:
    """As a group of checkboxes has; what is left alone is a card of its own."""
    found = [a_proposal(alike="a") for _ in range(MOST_ALIKE + 1)]

    assert [found[:MOST_ALIKE]] == group_alike(found)


async def folded(rows: Rows, count: int = 3) -> tuple[UUID, list[UUID]]:
    """Have a run end with so many alike proposals."""
    started = await rows.started()
    made = []
    for _ in range(count):
        rows.database.clock.move(seconds=1)
        made.append(await rows.propose(started.task, alike="a", run_id=started.run.id))
    await rows.report(started)
    await finish(rows.database("worker"), started.task, started.run, error="")
    return started.task.id, made


async def slots(rows: Rows) -> list[str]:
    found = await rows.rows(
        "SELECT DISTINCT slot FROM outbox WHERE kind IN ('card', 'fold', 'reminder')"
    )
    return sorted(row["slot"] for row in found)


async def test_a_run_posts_one_card_for_what_is_alike(rows: Rows) -> None:
    """With the facts of each."""
    _, made = await folded(rows)
    [row] = await rows.rows("SELECT payload FROM outbox WHERE kind = 'fold'")

    assert [f"fold:{made[0]}"] == await slots(rows)
    assert [str(one) for one in made] == [
        card["proposal_id"] for card in row["payload"]["cards"]
    ]


async def test_a_decided_one_has_a_card_of_its_own(rows: Rows) -> None:
    """And leaves the shared one, though it was the first."""
    task_id, made = await folded(rows)
    async with rows.database("gateway").transaction(rows.scope, Step.decide) as tx:
        task = await tasks.get(tx, task_id, lock=True)
        first = await proposals.get(tx, made[0])
        await moves.close(
            tx, task, first, ProposalEvent.rejected, by="ann", reason="no"
        )
    found = await rows.rows(
        "SELECT payload FROM outbox WHERE kind = 'fold' ORDER BY version DESC LIMIT 1"
    )

    assert [f"fold:{made[0]}", f"proposal:{made[0]}"] == await slots(rows)
    assert [str(one) for one in made[1:]] == [
        card["proposal_id"] for card in found[0]["payload"]["cards"]
    ]


async def test_the_first_speaks_for_the_others(rows: Rows) -> None:
    """One reminder and one page for a shared card."""
    _, made = await folded(rows)
    await rows.change(
        "UPDATE proposals SET expires_at = clock_timestamp() + interval '100 s',"
        " expires_in_seconds = 600"
    )
    await sweeper.sweep(rows.database("worker"))
    pages = await rows.rows("SELECT slot FROM outbox WHERE destination = 'page'")

    assert [f"page:{made[0]}"] == [row["slot"] for row in pages]
    assert f"reminder:{made[0]}" in await slots(rows)
    assert f"reminder:{made[1]}" not in await slots(rows)
