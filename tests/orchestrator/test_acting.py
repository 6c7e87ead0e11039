"""A person's act is one transaction, done once, in the ledger and on the message."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from orchestrator.acting import Wish, act
from policy.acts import Act
from policy.person import Person
from policy.task import TaskState
from storage.database import Database
from storage.tasks import Task
from tests.conftest import Databases
from tests.orchestrator.inflow import Inflow
from tests.orchestrator.world import Rows

ANN = Person("ann", "Ann", "U0ANN", frozenset({"reliability-oncall"}))
BOB = Person("bob", "Bob", "U0BOB", frozenset({"reliability-oncall"}))


@pytest.fixture
def rows(inflow: Inflow) -> Rows:
    return inflow.rows


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


async def do(
    web: Database, task: Task, what: Act, by: Person = ANN, note: str = ""
) -> str:
    return (await act(web, task, Wish(what, by, str(uuid4()), note))).text


async def root(rows: Rows, task: Task) -> dict[str, object]:
    """Give the newest facts of the root message."""
    [row] = await rows.rows(
        "SELECT payload FROM outbox WHERE task_id = :id AND slot = 'root'"
        " ORDER BY version DESC LIMIT 1",
        id=task.id,
    )
    payload: dict[str, object] = row["payload"]
    return payload


async def test_a_task_is_taken_handed_back_and_closed(
    web: Database, rows: Rows
) -> None:
    """Each is said on the root; handing back is another plan, and another run."""
    task = await rows.queued()
    taken = await do(web, task, Act.take)
    owned, mine = await root(rows, task), await rows.task(task.id)
    back = await do(web, task, Act.hand_back, note="it was the cache")
    again = await rows.task(task.id)
    closed = await do(web, task, Act.close, BOB, "nothing to do")
    now = await rows.task(task.id)
    owners = await rows.events(task.id, "task.owner_changed")

    assert "yours now" in taken
    assert "looks at it anew" in back
    assert "Closed." == closed
    assert ("ann", "Ann took over") == (owned["owner"], owned["next_step"])
    assert (TaskState.queued, 2, None) == (again.state, again.plan, again.takeover_by)
    assert ("U0ANN", None) == (mine.owner_slack, again.owner_slack)
    assert (TaskState.completed, f"{task.title}: closed by Bob: nothing to do") == (
        now.state,
        now.headline,
    )
    assert [("ann", None), (None, "ann")] == [
        (one["to"], one["from"]) for one in owners
    ]


async def test_taking_stops_the_run_and_withdraws_what_is_open(
    web: Database, rows: Rows
) -> None:
    """The runner's fence holds no longer, and no button is left."""
    started = await rows.started()
    proposal = await rows.propose(started.task)
    await do(web, started.task, Act.take)
    now = await rows.task(started.task.id)

    assert TaskState.escalated_to_human == now.state
    assert now.fence > started.task.fence
    assert "withdrawn" == await rows.proposal_state(proposal)


async def test_an_effect_under_way_keeps_the_task_until_it_ends(
    web: Database, rows: Rows
) -> None:
    """The owner is stored and shown; the state waits."""
    task = await rows.queued(state=TaskState.executing)
    proposal = await rows.propose(task)
    await rows.change(
        "UPDATE proposals SET state = 'executing' WHERE id = :id", id=proposal
    )
    said = await do(web, task, Act.take)
    now = await rows.task(task.id)

    assert "as soon as it has ended" in said
    assert (TaskState.executing, "ann") == (now.state, now.takeover_by)
    assert "ann" == (await root(rows, task))["owner"]


async def test_one_click_acts_once(web: Database, rows: Rows) -> None:
    """However often it is delivered, and by whomever it is handled."""
    task = await rows.queued()
    wish = Wish(Act.take, ANN, "click-1")
    said = await asyncio.gather(*(act(web, task, wish) for _ in range(5)))

    assert 1 == len({one.text for one in said})
    assert 1 == [one.is_done for one in said].count(True)
    assert 1 == len(await rows.events(task.id, "task.moved"))


async def test_two_people_take_one_after_the_other(web: Database, rows: Rows) -> None:
    """The later has it, and is told who had it before."""
    task = await rows.queued()
    await do(web, task, Act.take)
    said = await do(web, task, Act.take, BOB)

    assert "who had it: ann" in said
    assert "bob" == (await rows.task(task.id)).takeover_by


async def test_a_muted_task_says_by_whom_and_reminds_nobody(
    web: Database, rows: Rows
) -> None:
    """Until it is unmuted; its state and its owner stay."""
    task = await rows.queued()
    muted = await do(web, task, Act.mute)
    shown = await root(rows, task)
    unmuted = await do(web, task, Act.unmute)
    now = await rows.task(task.id)

    assert "Nobody is reminded of it." == muted
    assert "It reminds again, and calls somebody if nobody answers." == unmuted
    assert "ann" == shown["muted_by"]
    assert (TaskState.queued, None, None) == (now.state, now.takeover_by, now.muted_by)
    assert 1 == len(await rows.events(task.id, "task.muted"))
    assert 1 == len(await rows.events(task.id, "task.unmuted"))


async def test_unmuting_reminds_once_more(web: Database, rows: Rows) -> None:
    """Of cards that wait, though somebody was reminded before."""
    task = await rows.queued()
    await rows.propose(task, reminded_at=rows.database.clock())
    await do(web, task, Act.mute)
    await do(web, task, Act.unmute)

    assert [None] == [
        row["reminded_at"] for row in await rows.rows("SELECT * FROM proposals")
    ]


async def test_what_waits_for_its_thread_is_left_alone(
    web: Database, rows: Rows
) -> None:
    """It has no message on which to say so."""
    opens = rows.database.clock() + timedelta(hours=1)
    task = await rows.queued(opens_at=opens)

    assert "no thread yet" in await do(web, task, Act.take)
    assert TaskState.queued == (await rows.task(task.id)).state
