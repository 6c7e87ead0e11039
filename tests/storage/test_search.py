"""Search: by words, newest or likest first, and never over a wall."""

from datetime import timedelta

import psycopg
import pytest

from policy.event import Event
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from storage import ledger, moves, search
from storage.database import Database
from storage.steps import Step
from storage.tasks import Task
from tests.conftest import Databases, Scopes
from tests.samples import add_proposal, add_task


@pytest.fixture
def gateway(database: Databases) -> Database:
    return database("gateway")


async def settled(database: Databases, scope: Scope, title: str) -> Task:
    """Add a task with a proposal, and close it."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, title=title, group_key=title)
        task = await moves.move(tx, task, TaskEvent.claimed, actor="test")
    async with database("gateway").transaction(scope, Step.propose) as tx:
        await add_proposal(tx, task)
    async with database("worker").transaction(scope, Step.set_up) as tx:
        return await moves.move(tx, task, TaskEvent.run_found_nothing, actor="test")


async def titles(
    gateway: Database, scope: Scope, query: str, most: int = 9
) -> list[str]:
    async with gateway.transaction(scope, Step.look) as tx:
        return [one.title for one in await search.search_tasks(tx, query, most=most)]


async def test_the_likest_task_is_first(
    database: Databases, gateway: Database, scope: Scope
) -> None:
    """One word is enough, more are better; at most so many are given."""
    for title in ("5xx on /feed", "5xx on /threads after deploy", "Push is slow"):
        await settled(database, scope, title)
    found = await titles(gateway, scope, "DEPLOY: 5xx!")

    assert ["5xx on /threads after deploy", "5xx on /feed"] == found
    assert 1 == len(await titles(gateway, scope, "5xx", most=1))
    assert [] == await titles(gateway, scope, "rain")


async def test_a_found_task_tells_what_was_done(
    database: Databases, gateway: Database, scope: Scope
) -> None:
    """Each proposal with what became of it."""
    await settled(database, scope, "5xx on /feed")
    async with gateway.transaction(scope, Step.look) as tx:
        [found] = await search.search_tasks(tx, "feed", most=9)

    assert ("throttle_endpoint: withdrawn",) == found.actions
    assert found.rank > 0


async def test_an_open_task_is_not_found(
    database: Databases, gateway: Database, scope: Scope
) -> None:
    """What is not settled teaches nothing yet."""
    async with database("worker").transaction(scope, Step.set_up) as tx:
        await add_task(tx, title="5xx on /feed")

    assert [] == await titles(gateway, scope, "5xx")


@pytest.mark.parametrize(
    "query", ["", "!", "&|", "a & | b", "'); DROP TABLE tasks; --", "\\", "a:*", "%"]
)
async def test_any_words_are_a_query(
    database: Databases, gateway: Database, scope: Scope, query: str
) -> None:
    """Operators and quotes are no syntax here."""
    await settled(database, scope, "5xx on /feed")

    assert [] == await titles(gateway, scope, query)


async def test_another_tenants_rows_are_not_found(
    database: Databases, gateway: Database, scope: Scope, scopes: Scopes
) -> None:
    """Nor those of another environment of the same tenant."""
    for other in (await scopes("globex", "staging"), await scopes("acme", "prod")):
        await settled(database, other, "5xx on /feed")
    async with gateway.transaction(scope, Step.look) as tx:
        found = await search.search_ledger(
            tx, "task", since=tx.now - timedelta(hours=1), most=9
        )

    assert [] == await titles(gateway, scope, "5xx")
    assert [] == list(found)


async def test_an_entry_holds_every_word(gateway: Database, scope: Scope) -> None:
    """Of event, actor and body, whatever stands between them; newest first."""
    async with gateway.transaction(scope, Step.set_up) as tx:
        for actor in ("operator", "second"):
            await ledger.append(
                tx,
                Event.writes_frozen,
                actor=actor,
                body={"reason": "release day", "flag": "new_ranker"},
                task_id=None,
            )
        now = tx.now
    counts = {}
    async with gateway.transaction(scope, Step.look) as tx:
        for query in ("frozen", "writes.frozen second", "ranker release", "nobody"):
            found = await search.search_ledger(
                tx, query, since=now - timedelta(hours=1), most=9
            )
            counts[query] = len(found)
        late = await search.search_ledger(
            tx, "frozen", since=now + timedelta(hours=1), most=9
        )

    assert [2, 1, 2, 0] == list(counts.values())
    assert [] == list(late)


async def test_what_is_not_searched_is_told(gateway: Database, scope: Scope) -> None:
    """Of three entries, the newest two are looked at: the third one's instant."""
    instants = []
    for _ in range(3):
        async with gateway.transaction(scope, Step.set_up) as tx:
            await ledger.append(
                tx, Event.writes_frozen, actor="x", body={}, task_id=None
            )
            instants.append(tx.now)
    since = instants[0] - timedelta(hours=1)
    async with gateway.transaction(scope, Step.look) as tx:
        some = await search.find_unread(tx, since=since, most=2)
        all_of_them = await search.find_unread(tx, since=since, most=3)

    assert (instants[0], None) == (some, all_of_them)


async def test_a_misspelt_word_finds_by_likeness(
    database: Databases, gateway: Database, scope: Scope
) -> None:
    """After what holds the words; unrelated tasks are not found."""
    for title in ("Password reset fails", "Warehouse lags", "pasword of an admin"):
        await settled(database, scope, title)
    found = await titles(gateway, scope, "pasword resett")

    assert ["pasword of an admin", "Password reset fails"] == found


async def test_without_pgvector_the_words_alone_find(
    database: Databases, gateway: Database, scope: Scope, admin: psycopg.Connection
) -> None:
    """The extension is a help, and no need."""
    admin.execute("DROP EXTENSION vector")
    await settled(database, scope, "Password reset fails")

    assert [] == await titles(gateway, scope, "pasword resett")
    assert ["Password reset fails"] == await titles(gateway, scope, "reset")
