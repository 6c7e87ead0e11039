"""Alerts: one row a fingerprint, and the open task that they belong to."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event

from policy.alert import AlertStatus, Severity
from policy.lifecycle import TASK, TaskEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import alerts, moves
from storage.database import Database
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_alert, add_task, alert


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


async def test_a_fingerprint_is_one_row(web: Database, scope: Scope) -> None:
    """A repeated alert is counted, and its newest words are kept."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        first = await add_alert(tx, alert("f1", tx))
        second = await add_alert(
            tx,
            alert(
                "f1",
                tx,
                severity=Severity.critical,
                service="new",
                labels={"pod": "a"},
            ),
        )
        stored = await tx.row("SELECT service FROM alerts")

    assert (first.id, 1, 2) == (second.id, first.count, second.count)
    assert (Severity.critical, {"pod": "a"}) == (second.severity, second.labels)
    assert ("new", {"service": "new"}) == (second.service, stored)


async def test_a_resolved_alert_keeps_its_row(web: Database, scope: Scope) -> None:
    """Firing and resolved are two states of one alert."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        firing = await add_alert(tx, alert("f1", tx))
        resolved = await add_alert(
            tx, alert("f1", tx, status=AlertStatus.resolved, ends_at=tx.now)
        )

    assert (firing.id, AlertStatus.resolved, tx.now) == (
        resolved.id,
        resolved.status,
        resolved.ends_at,
    )


async def test_concurrent_deliveries_are_all_counted(
    web: Database, scope: Scope
) -> None:
    """Five at once make one row that counts five."""

    async def deliver() -> None:
        async with web.transaction(scope, Step.receive_alerts) as tx:
            await add_alert(tx, alert("f1", tx))

    await asyncio.gather(*(deliver() for _ in range(5)))
    async with web.transaction(scope, Step.look) as tx:
        rows = await tx.rows("SELECT count FROM alerts")

    assert [{"count": 5}] == rows


async def test_an_alert_leads_to_its_open_task(web: Database, scope: Scope) -> None:
    """The open task is found until it is closed, and then there is none."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        stored = await add_alert(tx, alert("f1", tx))
        task = await add_task(tx)
        await alerts.link(tx, [(task.id, stored.id)] * 2)
        found = (await alerts.lock_homes(tx, [stored.id], [])).of_alert
        listed = await alerts.list_of_task(tx, task.id)
        start = await alerts.find_start(tx, task.id)
        await moves.move(tx, task, TaskEvent.alerts_resolved, actor="test")
        after = (await alerts.lock_homes(tx, [stored.id], [])).of_alert

    assert ({stored.id: task.id}, [stored], {}) == (found, list(listed), after)
    assert stored.starts_at == start


HOUR = timedelta(hours=1)


async def test_an_alert_is_found_by_what_it_says(web: Database, scope: Scope) -> None:
    """By fingerprint, title or label, in any case; with its newest task, if any."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        task = await add_task(tx)
        await add_alert(tx, alert("abc123", tx, title="5xx on /Feed"), task.id)
        await add_alert(tx, alert("f2", tx, title="lag", labels={"pod": "Feed-7"}))
        found = {sign: await alerts.find(tx, sign) for sign in ("feed", "BC12", "%")}

    assert {"abc123": task.id, "f2": None} == {
        one.fingerprint: one.task_id for one in found["feed"]
    }
    assert ["abc123"] == [one.fingerprint for one in found["BC12"]]
    assert [] == list(found["%"])


@pytest.mark.parametrize(
    ("begins", "taken"),
    [
        # After the end of an episode: its own firing, an older one, a newer one.
        (0 * HOUR, False),
        (-HOUR, False),
        (HOUR, True),
    ],
)
async def test_a_firing_that_comes_after_its_end_is_late(
    web: Database, scope: Scope, begins: timedelta, *, taken: bool
) -> None:
    """Networks turn the order around: what has ended is not fired anew."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        ended = alert("f1", tx, status=AlertStatus.resolved, ends_at=tx.now + HOUR / 2)
        await add_alert(tx, ended)
        begins_at = tx.now + begins
        [kept] = await alerts.upsert(tx, [alert("f1", tx, starts_at=begins_at)])
        [row] = await tx.rows("SELECT status, count FROM alerts")

    assert taken == (kept is not None)
    assert ("firing" if taken else "resolved", 1 + taken) == (
        row["status"],
        row["count"],
    )


@pytest.mark.parametrize(
    ("began", "ended", "taken"),
    [
        (-HOUR, -HOUR / 2, False),
        # Of this episode, whatever its sender's clock says; or without a time.
        (0 * HOUR, -HOUR / 2, True),
        (-HOUR, HOUR, True),
        (-HOUR, None, True),
    ],
)
async def test_the_end_of_an_older_episode_is_late(
    web: Database,
    scope: Scope,
    began: timedelta,
    ended: timedelta | None,
    *,
    taken: bool,
) -> None:
    """What fires anew since is not resolved by it."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await add_alert(tx, alert("f1", tx))
        end = alert(
            "f1",
            tx,
            status=AlertStatus.resolved,
            starts_at=tx.now + began,
            ends_at=tx.now + ended if ended is not None else None,
        )
        [kept] = await alerts.upsert(tx, [end])

    assert taken == (kept is not None)


async def test_an_end_is_not_late_for_a_clock_that_is_ahead(
    web: Database, scope: Scope
) -> None:
    """Its firing began in an hour, by its sender's clock; the end says no time."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await add_alert(tx, alert("f1", tx, starts_at=tx.now + HOUR))
        end = alert("f1", tx, status=AlertStatus.resolved, ends_at=tx.now)
        [kept] = await alerts.upsert(tx, [end])

    assert kept is not None
    assert AlertStatus.resolved is kept.status


async def test_many_are_one_statement_each(web: Database, scope: Scope) -> None:
    """Each keeps its own words, whatever stands in them."""
    strange = {"q": "'; DROP TABLE alerts; --", "u": "näïve \u2603", "e": ""}
    async with web.transaction(scope, Step.receive_alerts) as tx:
        found = [alert(f"f{n}", tx, title=f"t{n}", labels=strange) for n in range(50)]
        kept = await alerts.upsert(tx, found)

    assert [f"t{n}" for n in range(50)] == [one.title for one in kept if one]
    assert all(one and strange == one.labels for one in kept)


async def test_thousands_of_one_fingerprint_are_two_statements(
    web: Database, scope: Scope
) -> None:
    """Each is taken as the row is then: the end of what is over is late."""
    said: list[str] = []
    async with web.transaction(scope, Step.receive_alerts) as tx:
        event.listen(
            tx.connection.sync_connection,
            "before_cursor_execute",
            lambda *asked: said.append(asked[2]),
        )
        began = [tx.now + timedelta(seconds=n) for n in range(1000)]
        episodes = [
            one
            for begins in began
            for one in (
                alert("f1", tx, starts_at=begins),
                alert("f1", tx, starts_at=begins, status=AlertStatus.resolved),
            )
        ]
        kept = await alerts.upsert(tx, [*episodes, episodes[0]])
        [row] = await tx.rows("SELECT status, count, starts_at FROM alerts")

    assert ("resolved", 2000, began[-1]) == tuple(row.values())
    assert [*range(1, 2001), None] == [one.count if one else None for one in kept]
    assert 3 == len(said)


async def test_the_groups_of_a_storm_take_few_locks(
    web: Database, scope: Scope
) -> None:
    """The server has some thousands, for all tenants together."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await alerts.lock_groups(tx, [f"group-{n}" for n in range(5000)])
        [row] = await tx.rows(
            "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory'"
        )

    assert 256 == row["n"]


async def test_groups_lock_each_other_out(web: Database, scope: Scope) -> None:
    """Whoever holds one of them is waited for; another group goes on."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await alerts.lock_groups(tx, ["a", "b", "a"])
        async with web.transaction(scope, Step.receive_alerts) as other:
            await alerts.lock_groups(other, ["c"])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lock(web, scope, "b"), 0.05)
    await lock(web, scope, "b")


async def lock(web: Database, scope: Scope, *keys: str) -> None:
    async with web.transaction(scope, Step.receive_alerts) as tx:
        await alerts.lock_groups(tx, keys)


@pytest.mark.parametrize("state", TaskState)
def test_what_a_resolution_closes_is_what_the_lifecycle_says(state: TaskState) -> None:
    """The shortcut agrees with the table of policy."""
    closes = TASK.get((state, TaskEvent.alerts_resolved)) is TaskState.completed

    assert closes == alerts.closes_when_resolved(state)
