"""Search in the ledger: each way in, newest first, within the walls."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from policy.event import Event
from policy.scope import Scope
from storage import entries, ledger
from storage.database import Database
from storage.entries import Wanted
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.samples import add_task

BODIES: dict[str, tuple[Event, str, dict[str, object]]] = {
    "evidence": (
        Event.task_evidence_attached,
        "reliability",
        {"tool": "get_service_metrics", "evidence": "e1"},
    ),
    "proposal": (
        Event.task_proposed_action,
        "reliability",
        {
            "tool": "toggle_feature_flag",
            "params": {"flag_key": "new_ranker", "rollout": {"region": "eu-west"}},
            "rule": "prod-flags-l1",
            "summary": "new_ranker breaks discourse",
        },
    ),
    "approval": (Event.task_approved, "U0OPERATOR", {"comment": "go ahead, eu-west"}),
    "move": (Event.task_moved, "gateway", {"reason": "approved"}),
}


@pytest.fixture
async def said(database: Databases, scope: Scope) -> dict[str, UUID]:
    """Four entries of one task, a second after each other; their ids by name."""
    return await say(database, scope)


async def say(database: Databases, scope: Scope) -> dict[str, UUID]:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx)
    ids: dict[str, UUID] = {}
    for name, (event, actor, body) in BODIES.items():
        database.clock.move(seconds=1)
        async with database("worker").transaction(scope, Step.look) as tx:
            await ledger.append(tx, event, actor=actor, body=body, task_id=task.id)
            ids[name] = (await ledger.list_of_task(tx, task.id))[-1].id
    return ids


async def found(
    web: Database, scope: Scope, ids: dict[str, UUID], wanted: Wanted, *, most: int = 9
) -> list[str]:
    names = {one: name for name, one in ids.items()}
    async with web.transaction(scope, Step.look) as tx:
        return [names[one.id] for one in await entries.search(tx, wanted, most=most)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["move", "approval", "proposal", "evidence"]),
        (Wanted(actor="reliability"), ["proposal", "evidence"]),
        (Wanted(event="task.approved"), ["approval"]),
        (Wanted(tool="toggle_feature_flag"), ["proposal"]),
        (Wanted(rule="prod-flags-l1"), ["proposal"]),
        (Wanted(target="new_ranker"), ["proposal"]),
        (Wanted(target="eu-west"), ["proposal"]),
        (Wanted(target="new"), []),
        (Wanted(text="eu-west"), ["approval", "proposal"]),
        (Wanted(text="DISCOURSE breaks"), ["proposal"]),
        (Wanted(text="nothing of it"), []),
        (Wanted(actor="reliability", tool="get_service_metrics"), ["evidence"]),
        (Wanted(actor="U0OPERATOR", rule="prod-flags-l1"), []),
    ],
    ids=repr,
)
async def test_each_way_in_leads_to_its_entries(
    database: Databases,
    scope: Scope,
    said: dict[str, UUID],
    wanted: Wanted,
    expected: list[str],
) -> None:
    assert expected == await found(database("web"), scope, said, wanted)


async def test_times_bound_what_is_found(
    database: Databases, scope: Scope, said: dict[str, UUID]
) -> None:
    """``since`` is within, ``until`` is not."""
    last = database.clock.now
    wanted = Wanted(since=last - timedelta(seconds=2), until=last)

    assert ["approval", "proposal"] == await found(database("web"), scope, said, wanted)


async def test_pages_follow_each_other_without_gap(
    database: Databases, scope: Scope, said: dict[str, UUID]
) -> None:
    """The last entry of a page leads to the next one."""
    web, pages = database("web"), []
    wanted = Wanted()
    while page := await found(web, scope, said, wanted, most=2):
        pages.append(page)
        async with web.transaction(scope, Step.look) as tx:
            last = await entries.find(tx, said[page[-1]])
        assert last is not None
        wanted = Wanted(before=last.id, before_at=last.at)

    assert [["move", "approval"], ["proposal", "evidence"]] == pages


async def test_a_task_may_be_named(
    database: Databases, scope: Scope, said: dict[str, UUID]
) -> None:
    await say(database, scope)
    async with database("web").transaction(scope, Step.look) as tx:
        entry = await entries.find(tx, said["move"])
        assert entry is not None
        wanted = Wanted(task=entry.task_id)

    assert 4 == len(await found(database("web"), scope, said, wanted))


async def test_nothing_crosses_a_wall(
    database: Databases, scopes: Scopes, scope: Scope, said: dict[str, UUID]
) -> None:
    """The dispatcher sees all; what it gives is the caller's scope alone."""
    for other in (Scope("acme", "prod"), Scope("globex", "staging")):
        await scopes(other.tenant_id, other.environment)
        await say(database, other)
        theirs = Wanted(text="discourse")
        async with database("web").transaction(other, Step.look) as tx:
            [entry] = await entries.search(tx, theirs, most=9)

        assert other == Scope(entry.tenant_id, entry.environment)
    assert ["proposal"] == await found(
        database("web"), scope, said, Wanted(text="discourse")
    )


async def test_without_a_scope_nothing_is_found(
    database: Databases, said: dict[str, UUID]
) -> None:
    async with database("web").dispatch(Step.look) as tx:
        assert [] == await entries.search(tx, Wanted(), most=9)
    assert said


@pytest.mark.parametrize(
    "word", ["'); DROP TABLE ledger; --", "$q$ OR true", "%", "\\"]
)
async def test_words_are_never_statements(
    database: Databases, scope: Scope, said: dict[str, UUID], word: str
) -> None:
    for wanted in (Wanted(actor=word), Wanted(target=word), Wanted(tool=word)):
        assert [] == await found(database("web"), scope, said, wanted)


IN_TENANT = "l.tenant_id = 'acme' AND l.environment = ANY (ARRAY['prod'])"
INDEXED = {
    "at": f"{IN_TENANT} AND l.at < now()",
    "actor": f"{IN_TENANT} AND l.actor = 'x'",
    "tool": f"{IN_TENANT} AND l.event LIKE 'task.%'"
    " AND (l.body::jsonb) ->> 'tool' = 'x'",
    "rule": f"{IN_TENANT} AND l.event LIKE 'task.%'"
    " AND (l.body::jsonb) ->> 'rule' = 'x'",
    # Of any tenant: the empty table's costs would prefer another index.
    "words": "to_tsvector('simple'::regconfig, l.event || ' ' || l.actor || ' '"
    " || l.body) @@ plainto_tsquery('simple', 'x')",
}


ORDERS = {
    "tool": "(l.body::jsonb) ->> 'tool' DESC,",
    "rule": "(l.body::jsonb) ->> 'rule' DESC,",
}


@pytest.mark.parametrize("index", INDEXED)
def test_each_way_in_has_an_index(admin: psycopg.Connection, index: str) -> None:
    """The conditions are those of ``find_entries``; its index serves each, in order."""
    admin.execute("SET ROLE autopilot_dispatcher")
    admin.execute("SET enable_seqscan = off")
    admin.execute("SET enable_sort = off")
    asked = f"EXPLAIN SELECT l.id FROM ledger l WHERE {INDEXED[index]}"  # noqa: S608 - constants
    order = f"ORDER BY {ORDERS.get(index, '')} l.at DESC, l.id DESC LIMIT 9"
    plan = str(admin.execute(f"{asked} {order}".encode()).fetchall())

    assert f"ix_ledger_{index}" in plan
    # Words have no order of their own: what they find is sorted.
    assert (index == "words") == ("Sort" in plan)
