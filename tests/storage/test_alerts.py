"""Alerts: one row a fingerprint, and the open task that they belong to."""

import asyncio

import pytest

from policy.alert import AlertStatus, Severity
from policy.lifecycle import TASK, TaskEvent
from policy.scope import Scope
from policy.task import TaskState
from storage import alerts, moves
from storage.database import Database
from storage.steps import Step
from tests.conftest import Databases
from tests.samples import add_task, alert


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


async def test_a_fingerprint_is_one_row(web: Database, scope: Scope) -> None:
    """A repeated alert is counted, and its newest words are kept."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        first = await alerts.upsert(tx, alert("f1", tx))
        second = await alerts.upsert(
            tx, alert("f1", tx, severity=Severity.critical, labels={"pod": "a"})
        )

    assert (first.id, 1, 2) == (second.id, first.count, second.count)
    assert (Severity.critical, {"pod": "a"}) == (second.severity, second.labels)


async def test_a_resolved_alert_keeps_its_row(web: Database, scope: Scope) -> None:
    """Firing and resolved are two states of one alert."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        firing = await alerts.upsert(tx, alert("f1", tx))
        resolved = await alerts.upsert(
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
            await alerts.upsert(tx, alert("f1", tx))

    await asyncio.gather(*(deliver() for _ in range(5)))
    async with web.transaction(scope, Step.look) as tx:
        rows = await tx.rows("SELECT count FROM alerts")

    assert [{"count": 5}] == rows


async def test_an_alert_leads_to_its_open_task(web: Database, scope: Scope) -> None:
    """The open task is found until it is closed, and then there is none."""
    async with web.transaction(scope, Step.receive_alerts) as tx:
        stored = await alerts.upsert(tx, alert("f1", tx))
        task = await add_task(tx)
        await alerts.link(tx, task.id, stored.id)
        found = await alerts.find_open_task(tx, stored.id)
        listed = await alerts.list_of_task(tx, task.id)
        start = await alerts.find_start(tx, task.id)
        await moves.move(tx, task, TaskEvent.alerts_resolved, actor="test")
        after = await alerts.find_open_task(tx, stored.id)

    assert (task.id, [stored], None) == (found, list(listed), after)
    assert stored.starts_at == start


@pytest.mark.parametrize("state", TaskState)
def test_what_a_resolution_closes_is_what_the_lifecycle_says(state: TaskState) -> None:
    """The shortcut agrees with the table of policy."""
    closes = TASK.get((state, TaskEvent.alerts_resolved)) is TaskState.completed

    assert closes == alerts.closes_when_resolved(state)
