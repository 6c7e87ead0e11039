"""Alerts become tasks: opened, grouped, counted, resolved; each delivery once."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from orchestrator import intake
from orchestrator.intake import BrokenAlert, NewDelivery, Received
from orchestrator.routing import Routes
from policy.alert import Alert, AlertStatus
from policy.lifecycle import TaskEvent
from policy.scope import Scope
from storage import moves, tasks
from storage.database import Database
from storage.inbox import Delivery
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.orchestrator.inflow import TEAM, alert, reception
from tests.orchestrator.world import Rows

SECRET = "xoxb-canary-0123456789abcdef"  # noqa: S105 - a canary


@pytest.fixture
def rows(database: Databases, scope: Scope) -> Rows:
    return Rows(database, scope)


@pytest.fixture
def web(database: Databases) -> Database:
    return database("web")


def counts(received: Received) -> tuple[int, int, int, int]:
    return received.opened, received.added, received.resolved, received.repeated


async def take(web: Database, rows: Rows, routes: Routes, *alerts: Alert) -> Received:
    delivery = NewDelivery(rows.scope, alerts)
    [received] = await intake.receive(web, [delivery], reception(routes))
    return received


async def test_an_alert_opens_a_task(web: Database, rows: Rows, routes: Routes) -> None:
    """Task, thread, alert, receipt, ledger entry and root message come together."""
    received = await take(web, rows, routes, alert(rows))
    [task_id] = received.task_ids
    task = await rows.task(task_id)
    [created] = await rows.events(task_id, "task.created")
    [root] = await rows.rows("SELECT kind, payload FROM outbox")

    assert (1, 0, 0, 0) == counts(received)
    assert ("queued", "reliability-triage", "C0RELIABILITY") == (
        task.state,
        task.agent,
        task.channel,
    )
    assert ("f1", "reliability") == (created["alert"], created["route"])
    assert ("root", task.short_id) == (root["kind"], root["payload"]["short_id"])


async def test_removed_secrets_are_counted_in_the_log(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """How many of a delivery; one that held none is no line."""
    holds = alert(rows, annotations={"summary": f"login with {SECRET}"})
    with capture_logs() as logs:
        await take(web, rows, routes, holds)
        await take(web, rows, routes, alert(rows, "f2"))

    counted = [one for one in logs if one["event"] == "secrets.removed"]
    assert [(1, 1)] == [(one["alerts"], one["secrets"]) for one in counted]
    assert SECRET not in str(logs)


async def test_a_group_shares_a_task(web: Database, rows: Rows, routes: Routes) -> None:
    """Another alert of the service adds to its task; another service has its own."""
    other = alert(rows, "f3", labels={**TEAM, "service": "search"})
    first = await take(web, rows, routes, alert(rows))
    second = await take(web, rows, routes, alert(rows, "f2"), other)

    assert (1, 1, 0, 0) == counts(second)
    assert first.task_ids[0] in second.task_ids
    assert 1 == len(await rows.events(first.task_ids[0], "task.alert_added"))


async def test_a_repeat_changes_nothing(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """The same fingerprint, start and status: at most once in."""
    await take(web, rows, routes, alert(rows))
    again = await take(web, rows, routes, alert(rows))
    [row] = await rows.rows("SELECT count FROM alerts")

    assert (0, 0, 0, 1) == counts(again)
    assert 1 == row["count"]


async def test_firing_anew_is_counted(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """A later start of the same alert adds to its open task."""
    await take(web, rows, routes, alert(rows))
    later = rows.database.clock() + timedelta(minutes=5)
    again = await take(web, rows, routes, alert(rows, starts_at=later))
    [row] = await rows.rows("SELECT count FROM alerts")

    assert (0, 1, 0, 0) == counts(again)
    assert 2 == row["count"]


async def test_the_last_one_resolved_starts_the_quiet_time(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """While one alert of the task fires, nothing ends; then the route's time runs."""
    received = await take(web, rows, routes, alert(rows), alert(rows, "f2"))
    task_id = received.task_ids[0]
    await take(web, rows, routes, alert(rows, status=AlertStatus.resolved))
    between = (await rows.task(task_id)).quiet_at
    await take(web, rows, routes, alert(rows, "f2", status=AlertStatus.resolved))

    assert between is None
    assert (
        rows.database.clock() + timedelta(seconds=60)
        == (await rows.task(task_id)).quiet_at
    )


async def test_firing_again_ends_the_quiet_time(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """An alert that comes back keeps its task open."""
    received = await take(web, rows, routes, alert(rows))
    await take(web, rows, routes, alert(rows, status=AlertStatus.resolved))
    later = rows.database.clock() + timedelta(seconds=30)
    await take(web, rows, routes, alert(rows, starts_at=later))

    assert (await rows.task(received.task_ids[0])).quiet_at is None


async def test_a_resolved_stranger_opens_nothing(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """What never fired here is noted, and no task is made of it."""
    received = await take(web, rows, routes, alert(rows, status=AlertStatus.resolved))

    assert (0, 0, 1, 0) == counts(received)
    assert [] == await rows.rows("SELECT id FROM tasks")


async def test_after_its_task_closed_an_alert_opens_another(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """A closed task takes no more alerts."""
    first = await take(web, rows, routes, alert(rows))
    async with rows.database("worker").transaction(rows.scope, Step.sweep) as tx:
        task = await tasks.get(tx, first.task_ids[0])
        await moves.move(tx, task, TaskEvent.alerts_resolved, actor="test")
    later = rows.database.clock() + timedelta(minutes=5)
    again = await take(web, rows, routes, alert(rows, starts_at=later))

    assert (1, 0, 0, 0) == counts(again)
    assert first.task_ids != again.task_ids


async def test_an_escalated_task_takes_its_alerts(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """A task that a person has is open: no second thread beside it."""
    first = await take(web, rows, routes, alert(rows))
    async with rows.database("worker").transaction(rows.scope, Step.sweep) as tx:
        task = await tasks.get(tx, first.task_ids[0])
        await moves.move(tx, task, TaskEvent.taken_over, actor="test")

    assert (0, 1, 0, 0) == counts(await take(web, rows, routes, alert(rows, "f2")))


@pytest.mark.parametrize("same", [True, False])
async def test_deliveries_at_once_open_one_task(
    web: Database, rows: Rows, routes: Routes, *, same: bool
) -> None:
    """Ten deliveries of one group in the same instant: one task, one thread."""
    received = await asyncio.gather(
        *(
            take(web, rows, routes, alert(rows, "f" if same else f"f{number}"))
            for number in range(10)
        )
    )

    assert 1 == sum(one.opened for one in received)
    assert 1 == len(await rows.rows("SELECT task_id FROM threads"))
    assert 9 == sum(one.repeated if same else one.added for one in received)


async def test_deliveries_in_other_orders_do_not_block_each_other(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Groups are locked alike, whatever the order in a delivery."""
    alerts = [
        alert(rows, f"f{number}", labels={**TEAM, "service": f"s{number}"})
        for number in range(6)
    ]
    received = await asyncio.gather(
        *(
            take(web, rows, routes, *(alerts if number % 2 else alerts[::-1]))
            for number in range(6)
        )
    )

    assert 6 == sum(one.opened for one in received)
    assert 30 == sum(one.repeated for one in received)


async def test_a_route_may_name_another_environment(
    web: Database, rows: Rows, routes: Routes, scopes: Scopes
) -> None:
    """The task lies where the route says, in the endpoint's tenant."""
    dev = await scopes(rows.scope.tenant_id, "dev")
    moved = replace(routes, routes=(replace(routes.routes[-1], environment="dev"),))
    received = await take(web, rows, moved, alert(rows))

    assert 1 == received.opened
    assert [] == await rows.rows("SELECT id FROM tasks")
    assert 1 == len(await Rows(rows.database, dev).rows("SELECT id FROM tasks"))


async def test_a_broken_alert_is_kept_beside_the_good(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Its excerpt and the reason, without secrets, wait in the inbox, once."""
    broken = BrokenAlert(1, f"no startsAt, token={SECRET}", f"token={SECRET}")
    for _ in range(2):
        delivery = NewDelivery(rows.scope, [alert(rows)], [broken])
        await intake.receive(web, [delivery], reception(routes))
    kept = await rows.rows("SELECT payload, error FROM inbox WHERE state = 'failed'")

    assert ["no startsAt, token=⟨secret⟩"] == [one["error"] for one in kept]
    assert SECRET not in str(kept)
    assert 1 == len(await rows.rows("SELECT id FROM tasks"))


async def test_an_unreadable_delivery_is_kept(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """With its error and a ledger entry; the same bytes again are one row."""
    for _ in range(2):
        await intake.refuse_delivery(
            web,
            rows.scope,
            reception(routes),
            source="alertmanager",
            reason=f"not JSON: token={SECRET}",
            excerpt=f"{{password={SECRET}",
        )
    kept = await rows.rows("SELECT payload, error, state FROM inbox")
    entries = await rows.rows(
        "SELECT body FROM ledger WHERE event = 'delivery.refused'"
    )

    assert ["failed"] == [one["state"] for one in kept]
    assert 1 == len(entries)
    assert SECRET not in str((kept, entries))


async def test_secrets_in_alerts_are_stored_nowhere(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Title, labels and annotations lose secrets and addresses before any row."""
    mail = "ann.canary@example.org"
    hostile = alert(
        rows,
        title=f"{mail} token={SECRET}",
        labels={**TEAM, "note": SECRET},
        annotations={"summary": f"ask {mail}", "key": f"api_key={SECRET}"},
    )
    await take(web, rows, routes, hostile)
    tables = ("alerts", "tasks", "inbox", "outbox", "ledger", "threads")
    stored = [str(await rows.rows(f"SELECT * FROM {one}")) for one in tables]  # noqa: S608

    assert not [text for text in stored if SECRET in text or mail in text]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("c6eadffa33fcdf37", True),
        ("pagerduty:incident:Q3B15VLMF3ASBD", True),
        ("01990000-0000-7000-8000-000000000000", True),
        ("user:ann@example.org", False),
    ],
)
async def test_a_fingerprint_names_nobody(
    web: Database, rows: Rows, routes: Routes, said: str, *, kept: bool
) -> None:
    """It stays itself, or becomes another that is as stable."""
    first = await take(web, rows, routes, alert(rows, said))
    later = rows.database.clock() + timedelta(minutes=5)
    again = await take(web, rows, routes, alert(rows, said, starts_at=later))
    [row] = await rows.rows("SELECT fingerprint, count FROM alerts")

    assert kept == (said == row["fingerprint"])
    assert "example.org" not in str(await rows.rows("SELECT * FROM inbox"))
    assert (1, 1, 2) == (first.opened, again.added, row["count"])


async def test_a_person_keeps_one_name_in_all_alerts(
    web: Database, rows: Rows, routes: Routes, scopes: Scopes
) -> None:
    """However the address is written; another tenant has other names."""
    globex = await scopes("globex", rows.scope.environment)
    mails = ("Ann@example.org", "ann@example.org", "bob@example.org")
    for number, mail in enumerate(mails):
        await take(web, rows, routes, alert(rows, f"f{number}", title=f"ask {mail}"))
    await take(web, Rows(rows.database, globex), routes, alert(rows, title=mails[0]))
    kept = await rows.rows("SELECT title FROM alerts ORDER BY fingerprint")
    [theirs] = await Rows(rows.database, globex).rows("SELECT title FROM alerts")
    first, second, third = [one["title"] for one in kept]

    assert first == second
    assert first != third
    assert re.fullmatch(r"ask ⟨email:[b-z]{8}⟩", first)
    assert theirs["title"] not in first


async def test_the_same_words_of_another_service_are_another_task(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """Who chose the wrong one in the form sends it again with the right one."""
    opened = [
        await intake.open_by_person(
            web,
            rows.scope,
            delivery=Delivery("slack", f"form:{service}", "open", {"user": "U1"}),
            title="replies are slow",
            service=service,
            reception=reception(routes),
        )
        for service in ("feed", "search", None)
    ]

    assert [False] * 3 == [one.again for one in opened]
    assert ["feed", "search", None] == [one.task.service for one in opened]


async def test_a_person_opens_a_task_once(
    web: Database, rows: Rows, routes: Routes
) -> None:
    """The same request delivered twice opens one task."""
    opened = [
        await intake.open_by_person(
            web,
            rows.scope,
            delivery=Delivery("slack", "command:1", "open", {"user": "U1"}),
            title=f"replies are slow, token={SECRET}",
            service="feed",
            reception=reception(routes),
        )
        for _ in range(2)
    ]
    task, _ = [one.task for one in opened]

    assert [False, True] == [one.again for one in opened]
    assert task.id == opened[1].task.id
    assert ("U1", "feed", "warning") == (task.opened_by, task.service, task.severity)
    assert SECRET not in task.title
