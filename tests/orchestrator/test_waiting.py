"""Cards that wait: reminded of, passed on, and paged in that order; drafts too."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import pytest

from orchestrator import sweeper
from policy.acts import Act
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import outbox
from storage.database import Database, Tx
from storage.directory import Due
from storage.outbox import Post
from storage.rows import into
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.test_acting import do
from tests.orchestrator.test_sweeper import waiting
from tests.orchestrator.world import Rows


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
def worker(database: Databases) -> Database:
    return database("worker")


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


HALF_OVER = (
    "UPDATE proposals SET expires_at = clock_timestamp() + interval '1 s',"
    " expires_in_seconds = 600"
)


async def reminders(rows: Rows) -> list[str]:
    found = await rows.rows("SELECT slot FROM outbox WHERE kind = 'reminder'")
    return [row["slot"] for row in found]


async def test_a_card_that_waits_is_reminded_of_once(
    worker: Database, rows: Rows
) -> None:
    """When half of its time is over, in its thread, and in the ledger."""
    started, proposal = await waiting(rows)
    await sweeper.sweep(worker)
    early = await reminders(rows)
    await rows.change(HALF_OVER)
    for _ in range(3):
        await sweeper.sweep(worker)

    assert ([], [f"reminder:{proposal}"]) == (early, await reminders(rows))
    assert 1 == len(await rows.events(started.task.id, "task.reminded"))


async def test_what_was_paged_is_not_reminded_of(worker: Database, rows: Rows) -> None:
    """Its page says more in the same place."""
    await waiting(rows)
    await rows.change(
        "UPDATE proposals SET expires_in_seconds = 600,"
        " expires_at = clock_timestamp() + interval '100 s', reminded_at = now()"
    )
    await sweeper.sweep(worker)
    await rows.change("UPDATE proposals SET reminded_at = NULL")
    await sweeper.sweep(worker)

    assert [] == await reminders(rows)


async def test_nobody_is_reminded_of_what_was_muted_or_decided(
    worker: Database, rows: Rows
) -> None:
    """Though the look-up came before."""
    started, proposal = await waiting(rows)
    await rows.change(HALF_OVER)
    await rows.change("UPDATE tasks SET muted_by = 'ann'")
    await sweeper.sweep(worker)
    due = Due("reminder", rows.scope, UUID(str(proposal)))
    await sweeper.handle(worker, due)
    await rows.change("UPDATE tasks SET muted_by = NULL")
    await rows.change("UPDATE proposals SET state = 'rejected'")
    await sweeper.handle(worker, due)

    assert [] == await reminders(rows)
    assert [] == await rows.events(started.task.id, "task.reminded")


NEXT = {"next_roles": ("duty-manager",), "next_people": ("U0SECOND",)}


REMINDED = (
    "UPDATE proposals SET expires_in_seconds = 600, reminded_at = now(),"
    " expires_at = clock_timestamp() + make_interval(secs => :left)"
)


async def leave(rows: Rows, seconds: int) -> None:
    """Leave so much of ten minutes, reminded already."""
    await rows.change(REMINDED, left=seconds)


async def newest(rows: Rows) -> Mapping[str, Mapping[str, Any]]:
    """Give the newest facts of each slot, by the slot's first word."""
    found = await rows.rows("SELECT slot, payload FROM outbox ORDER BY version")
    return {row["slot"].split(":")[0]: row["payload"] for row in found}


async def test_what_nobody_answers_goes_to_the_next_roles_once(
    worker: Database, rows: Rows
) -> None:
    """With three eighths left: row, card, root, a message that pings, ledger."""
    started, _ = await waiting(rows, **NEXT)
    await leave(rows, 240)
    await sweeper.sweep(worker)
    early = await rows.events(started.task.id, "task.card_escalated")
    await leave(rows, 220)
    for _ in range(3):
        await sweeper.sweep(worker)
    [told] = await rows.events(started.task.id, "task.card_escalated")
    new = await newest(rows)

    assert [] == early
    assert ["operator", "duty-manager"] == new["proposal"]["roles"]
    assert "duty-manager may too" in new["root"]["next_step"]
    assert (["U0SECOND"], True) == (
        new["escalation"]["people"],
        new["escalation"]["escalated"],
    )
    assert (["operator"], ["duty-manager"]) == (told["from"], told["to"])
    assert "page" not in new


async def test_who_is_left_of_a_shared_card_speaks_for_the_rest(
    worker: Database, rows: Rows
) -> None:
    """Its first is decided: the next roles are told of the others all the same."""
    _, proposal = await waiting(rows, **NEXT)
    await leave(rows, 220)
    await rows.change(
        "UPDATE proposals SET folded_in = :leader",
        leader=UUID(int=1),
    )
    await sweeper.sweep(worker)

    assert f"escalation:{proposal}" in await reminders(rows)


async def test_one_reminder_speaks_for_all_that_share_a_card(
    worker: Database, rows: Rows
) -> None:
    """The first was decided after it: the thread is not told once more."""
    started, first = await waiting(rows)
    second = await rows.propose(started.task)
    await rows.change("UPDATE proposals SET folded_in = :leader", leader=first)
    await rows.change(HALF_OVER)
    await rows.change(
        "UPDATE proposals SET reminded_at = now(), state = 'rejected' WHERE id = :id",
        id=first,
    )
    for _ in range(2):
        await sweeper.sweep(worker)

    assert f"reminder:{second}" not in await reminders(rows)


async def test_the_next_roles_are_asked_before_the_pager(
    worker: Database, rows: Rows
) -> None:
    """Though the look-up found the page alone; the page names them."""
    started, proposal = await waiting(rows, **NEXT)
    await leave(rows, 100)
    await sweeper.handle(worker, Due("page", rows.scope, UUID(str(proposal))))

    assert ["operator", "duty-manager"] == (await newest(rows))["page"]["roles"]
    assert 1 == len(await rows.events(started.task.id, "task.card_escalated"))


async def test_without_next_roles_the_pager_alone_is_called(
    worker: Database, rows: Rows
) -> None:
    started, _ = await waiting(rows)
    await leave(rows, 100)
    await sweeper.sweep(worker)

    assert [] == await rows.events(started.task.id, "task.card_escalated")
    assert "page" in await newest(rows)


async def test_nobody_is_asked_next_of_what_was_muted_or_decided(
    worker: Database, rows: Rows
) -> None:
    """Though the look-up came before."""
    started, proposal = await waiting(rows, **NEXT)
    await leave(rows, 220)
    await rows.change("UPDATE tasks SET muted_by = 'ann'")
    due = Due("escalation", rows.scope, UUID(str(proposal)))
    await sweeper.sweep(worker)
    await sweeper.handle(worker, due)
    await rows.change("UPDATE tasks SET muted_by = NULL")
    await rows.change("UPDATE proposals SET state = 'rejected'")
    await sweeper.handle(worker, due)

    assert [] == await rows.events(started.task.id, "task.card_escalated")


async def test_a_draft_that_nobody_carries_out_goes_the_same_way(
    worker: Database, rows: Rows
) -> None:
    """Reminded of, passed on, paged; the page asks for a hand."""
    started, _ = await waiting(rows, state=ProposalState.drafted, **NEXT)
    await rows.change(HALF_OVER)
    await sweeper.sweep(worker)
    new = await newest(rows)

    assert {"reminder", "escalation", "page"} <= new.keys()
    assert (True, "nobody has carried it out") == (
        new["page"]["drafted"],
        new["page"]["cause"],
    )
    assert 1 == len(await rows.events(started.task.id, "task.reminded"))


async def places(rows: Rows) -> list[str]:
    """Give what reminds and pages, in the order in which it was posted."""
    found = await rows.rows(
        "SELECT slot FROM outbox WHERE kind IN ('reminder', 'page') ORDER BY slot"
    )
    return [row["slot"] for row in found]


async def supersede(tx: Tx, page: Post) -> None:
    await outbox.mark_superseded(tx, page.id)


@pytest.mark.parametrize("end", [supersede, outbox.mark_sent])
async def test_what_was_unmuted_is_reminded_of_and_paged_once_more(
    worker: Database,
    web: Database,
    rows: Rows,
    end: Callable[[Tx, Post], Awaitable[None]],
) -> None:
    """As if newly unanswered, whether its page called nobody or is over by now."""
    started, card = await waiting(rows)
    await rows.change(HALF_OVER)
    await sweeper.sweep(worker)
    await do(web, started.task, Act.mute)
    async with rows.database("gateway").transaction(rows.scope, Step.look) as tx:
        [page] = await tx.rows("SELECT * FROM outbox WHERE kind = 'page'")
        await end(tx, into(Post, page))
    await sweeper.sweep(worker)
    before = await places(rows)
    for _ in range(2):
        await do(web, started.task, Act.unmute)
    for _ in range(3):
        await sweeper.sweep(worker)

    again = [f"page:{card}:again1", f"reminder:{card}:again1"]
    assert [f"page:{card}", f"reminder:{card}"] == before
    assert sorted([*before, *again]) == await places(rows)
    assert 2 == len(await rows.events(started.task.id, "task.reminded"))


async def test_whom_it_went_to_next_an_unmuted_card_reminds_too(
    worker: Database, web: Database, rows: Rows
) -> None:
    """Once each time, and nobody of the next roles before they were asked."""
    started, card = await waiting(rows, **NEXT)
    await rows.change(HALF_OVER)
    await sweeper.sweep(worker)
    for _ in range(2):
        await do(web, started.task, Act.mute)
        await do(web, started.task, Act.unmute)
        for _ in range(2):
            await sweeper.sweep(worker)
    found = await rows.rows(
        "SELECT slot, payload FROM outbox WHERE kind = 'reminder' ORDER BY slot"
    )
    people = {row["slot"]: row["payload"]["people"] for row in found}
    told = await rows.events(started.task.id, "task.reminded")

    assert {
        f"escalation:{card}": True,
        f"reminder:{card}": False,
        f"reminder:{card}:again1": True,
        f"reminder:{card}:again2": True,
    } == {slot: "U0SECOND" in named for slot, named in people.items()}
    assert [False, True, True] == ["U0SECOND" in str(one["people"]) for one in told]
    assert len(found) == len(people)
