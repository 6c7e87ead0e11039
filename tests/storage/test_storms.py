"""Storms as rows: one a channel, counted, ended once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from policy.alert import Severity
from policy.scope import Scope
from storage import storms, tasks
from storage.database import Tx
from storage.errors import NotFound
from storage.steps import Step
from storage.storms import Storm
from storage.tasks import Fired
from tests.conftest import Databases
from tests.samples import add_task


async def begin(tx: Tx, channel: str = "C1", *, pace: int = 2) -> Storm:
    task = await add_task(tx, channel=channel)
    await storms.begin(
        tx, task.id, channel, alerts=7, calm_seconds=60, threads_per_minute=pace
    )
    return await storms.get(tx, task.id)


async def test_a_channel_has_one_storm_at_a_time(
    database: Databases, scope: Scope
) -> None:
    """The database itself holds it; after its end there may be another."""
    web = database("web")
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await storms.lock(tx, ["C2", "C1"])
        first = await begin(tx)
        elsewhere = await begin(tx, "C2")
    with pytest.raises(IntegrityError):
        async with web.transaction(scope, Step.receive_alerts) as tx:
            await begin(tx)
    async with web.transaction(scope, Step.receive_alerts) as tx:
        found = await storms.find(tx, "C1")
        await storms.end(tx, first, [])
        none = await storms.find(tx, "C1")
        second = await begin(tx)

    assert (first, None) == (found, none)
    assert 3 == len({first.task_id, elsewhere.task_id, second.task_id})


async def test_a_storm_counts_until_its_end(database: Databases, scope: Scope) -> None:
    """Only what still storms moves the instant that calm is measured from."""
    async with database("web").transaction(scope, Step.receive_alerts) as tx:
        storm = await begin(tx)
    database.clock.move(seconds=5)
    for over in (True, False):
        async with database("web").transaction(scope, Step.receive_alerts) as tx:
            await storms.count(tx, storm.task_id, alerts=3, folded=1, over=over)
        database.clock.move(seconds=5)
    async with database("worker").transaction(scope, Step.sweep) as tx:
        await storms.look_again(tx, storm.task_id, tx.now)
        now = await storms.get(tx, storm.task_id)
        await storms.end(tx, now, [])
        await storms.count(tx, storm.task_id, alerts=3, folded=1, over=True)
        after = await storms.get(tx, storm.task_id)

    assert (13, 2) == (now.alerts, now.folded) == (after.alerts, after.folded)
    assert timedelta(seconds=5) == now.last_over_at - storm.started_at
    assert (tx.now, tx.now) == (now.look_at, after.ended_at)


async def test_what_waits_and_fires_is_let_go(
    database: Databases, scope: Scope
) -> None:
    """What waits for something else, is quiet or closed, stays as it is."""
    async with database("web").transaction(scope, Step.receive_alerts) as tx:
        storm = await begin(tx)
        why = f"storm:{storm.task_id}"
        later = tx.now + timedelta(hours=1)
        found = [
            await add_task(tx, waits_for=name, opens_at=later)
            for name in (why, why, "debounce", why, why)
        ]
        await tasks.change(tx, found[3].id, {"closed_at": tx.now})
        await tasks.change(tx, found[4].id, {"quiet_at": tx.now})
    async with database("worker").transaction(scope, Step.sweep) as tx:
        waiting = await storms.lock_waiting(tx, storm.task_id)
        await storms.end(tx, storm, waiting)
        opens = [(await tasks.get(tx, one.id)).opens_at for one in found]

    assert {one.id for one in found[:2]} == set(waiting)
    assert [tx.now, tx.now, later, later, later] == opens


async def test_the_largest_groups_come_first(database: Databases, scope: Scope) -> None:
    """Of its channel, that it touched; not its own task, nor what was over before."""
    web = database("web")
    async with web.transaction(scope, Step.receive_alerts) as tx:
        old, big, small = [
            await add_task(tx, channel="C1", title=name)
            for name in ("old", "big", "small")
        ]
        await add_task(tx, channel="C2", title="elsewhere")
    database.clock.move(seconds=120)
    async with web.transaction(scope, Step.receive_alerts) as tx:
        storm = await begin(tx)
        news = {big.id: Fired(3, Severity.info), small.id: Fired(1, Severity.info)}
        await tasks.wake_all(tx, news)
        await tasks.change(tx, small.id, {"opens_at": tx.now})
        found = await storms.list_groups(tx, storm)

    assert [("big", 3, False), ("small", 1, True)] == [
        (one.title, one.alerts, one.waits) for one in found
    ]
    assert [big.short_id, small.short_id] == [one.short_id for one in found]
    assert old.short_id not in {one.short_id for one in found}


async def test_what_is_critical_and_waits_is_named(
    database: Databases, scope: Scope
) -> None:
    """Before any group with thousands of alerts: people see what they are kept from."""
    web = database("web")
    async with web.transaction(scope, Step.receive_alerts) as tx:
        storm = await begin(tx)
        held, seen, big = [
            await add_task(tx, channel="C1", title=name, severity=severity)
            for name, severity in (
                ("held", Severity.critical),
                ("seen", Severity.critical),
                ("big", Severity.info),
            )
        ]
        await tasks.change(tx, held.id, {"opens_at": tx.now})
        await tasks.change(tx, seen.id, {"alerts": 5})
        await tasks.change(tx, big.id, {"alerts": 900})
        found = await storms.list_groups(tx, storm, most=2)

    assert ["held", "big"] == [one.title for one in found]


async def test_a_storm_that_is_not_there_is_said(
    database: Databases, scope: Scope
) -> None:
    async with database("web").transaction(scope, Step.look) as tx:
        with pytest.raises(NotFound, match="not in this scope"):
            await storms.get(tx, uuid4())
