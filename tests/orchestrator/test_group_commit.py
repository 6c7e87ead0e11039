"""Group commit: together under load, alone for a neighbour's fault, none unanswered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from orchestrator import group_commit
from orchestrator.group_commit import GroupCommit, TooMany
from orchestrator.intake import NewDelivery, Received, Reception
from storage.database import Database
from storage.errors import DatabaseUnreachable
from tests.conftest import Scopes
from tests.orchestrator.inflow import Inflow, reception

POISON = "poison"


class Commits:
    """Stands where transactions are; keeps the batches, and waits while told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None

    async def receive(
        self, _database: Database, deliveries: Sequence[NewDelivery], _: Reception
    ) -> list[Received]:
        names = [one.alerts[0].fingerprint for one in deliveries]
        self.batches.append(names)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        if POISON in names:
            raise ValueError("a row that no table takes")
        return [Received(1, 0, 0, 0, 0, (), ()) for _ in names]


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    made = Commits()
    monkeypatch.setattr(group_commit, "receive", made.receive)
    return made


def group(inflow: Inflow) -> GroupCommit:
    return GroupCommit(inflow.web, reception(inflow.routes))


def delivery(inflow: Inflow, name: str) -> NewDelivery:
    return NewDelivery(inflow.rows.scope, (inflow.alert(name),))


async def test_one_alone_goes_at_once(inflow: Inflow, commits: Commits) -> None:
    """Nothing is waited for."""
    received = await group(inflow).receive(delivery(inflow, "a"))

    assert 1 == received.opened
    assert [["a"]] == commits.batches


async def test_what_comes_meanwhile_goes_together(
    inflow: Inflow, commits: Commits
) -> None:
    """The first alone, the others in one batch, in their order."""
    commits.go.clear()
    intake = group(inflow)
    async with asyncio.TaskGroup() as tasks:
        for name in "abcd":
            tasks.create_task(intake.receive(delivery(inflow, name)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        commits.go.set()

    assert [["a"], ["b", "c", "d"]] == commits.batches


async def test_a_neighbours_fault_is_nobody_elses(
    inflow: Inflow, commits: Commits
) -> None:
    """The batch is tried one by one; the one that can't be stored fails alone."""
    commits.go.clear()
    intake = group(inflow)
    results: dict[str, object] = {}

    async def send(name: str) -> None:
        try:
            results[name] = await intake.receive(delivery(inflow, name))
        except ValueError as exc:
            results[name] = exc

    async with asyncio.TaskGroup() as tasks:
        for name in ("a", "b", POISON, "c"):
            tasks.create_task(send(name))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        commits.go.set()

    assert {"a": True, "b": True, "c": True, POISON: False} == {
        name: isinstance(one, Received) for name, one in results.items()
    }


async def test_a_database_that_is_away_is_said_to_all(
    inflow: Inflow, commits: Commits
) -> None:
    """Nobody is tried alone: the next one leads anew."""
    commits.error = DatabaseUnreachable("gone")
    commits.go.clear()
    intake = group(inflow)
    found: list[str] = []

    async def send(name: str) -> None:
        with pytest.raises(DatabaseUnreachable):
            await intake.receive(delivery(inflow, name))
        found.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(send(name))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        commits.go.set()
    commits.error = None
    after = await intake.receive(delivery(inflow, "d"))

    assert {"a", "b", "c"} == set(found)
    assert [["a"], ["b", "c"], ["d"]] == commits.batches
    assert 1 == after.opened


async def test_too_much_is_sent_away(
    inflow: Inflow, commits: Commits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is bounded; what was sent away is not stored."""
    monkeypatch.setattr(group_commit, "_MOST_WAITING", 2)
    commits.go.clear()
    intake = group(inflow)
    async with asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(intake.receive(delivery(inflow, name)))
        await asyncio.sleep(0)
        with pytest.raises(TooMany, match="2 alerts wait"):
            await intake.receive(delivery(inflow, "d"))
        commits.go.set()

    assert [["a"], ["b", "c"]] == commits.batches


async def test_another_s_flood_sends_nobody_away(
    inflow: Inflow,
    commits: Commits,
    scopes: Scopes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whose own line is empty is taken in, however much waits elsewhere."""
    monkeypatch.setattr(group_commit, "_MOST_WAITING", 4)
    monkeypatch.setattr(group_commit, "_MOST_IN_LINE", 2)
    other = replace(delivery(inflow, "o"), endpoint=await scopes("globex", "prod"))
    commits.go.clear()
    intake = group(inflow)
    async with asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(intake.receive(delivery(inflow, name)))
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            await intake.receive(delivery(inflow, "d"))
        taken = tasks.create_task(intake.receive(other))
        await asyncio.sleep(0)
        commits.go.set()

    assert 1 == taken.result().opened


@pytest.mark.parametrize("gone", ["a", "b", "c"])
async def test_who_hangs_up_leaves_the_others_served(
    inflow: Inflow, commits: Commits, gone: str
) -> None:
    """The leader, the next leader, or one of its batch."""
    commits.go.clear()
    intake = group(inflow)
    senders = {}
    async with asyncio.TaskGroup() as tasks:
        for name in "abcd":
            senders[name] = tasks.create_task(outcome(intake, delivery(inflow, name)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        senders[gone].cancel()
        await asyncio.sleep(0)
        commits.go.set()
    answered = {
        name: sender.result() for name, sender in senders.items() if name != gone
    }
    after = await intake.receive(delivery(inflow, "e"))

    assert {"stored"} == set(answered.values())
    assert 1 == after.opened


async def outcome(intake: GroupCommit, sent: NewDelivery) -> str:
    await intake.receive(sent)
    return "stored"


async def test_a_real_flood_is_stored_once_each(inflow: Inflow) -> None:
    """Forty senders at once, some twice: each answered by its own commit."""
    intake = group(inflow)
    names = [f"f{n % 30}" for n in range(40)]
    received = await asyncio.gather(
        *(intake.receive(delivery(inflow, name)) for name in names)
    )
    [row] = await inflow.rows.rows("SELECT count(*) AS n FROM alerts")

    assert (1, 29, 10) == (
        sum(one.opened for one in received),
        sum(one.added for one in received),
        sum(one.repeated for one in received),
    )
    assert 30 == row["n"]
