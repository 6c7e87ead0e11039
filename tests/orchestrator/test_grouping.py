"""Many alerts in one transaction: each placed, each task touched once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from orchestrator.grouping import Arrival, take
from orchestrator.intake import Received
from orchestrator.routing import StormRules
from policy.alert import Alert, AlertStatus, Severity
from storage.steps import Step
from tests.conftest import Scopes
from tests.orchestrator.inflow import TEAM, Inflow
from tests.orchestrator.world import Rows


def counts(received: Received) -> tuple[int, int, int, int, int]:
    return (
        received.opened,
        received.added,
        received.resolved,
        received.repeated,
        received.late,
    )


async def test_a_storm_of_one_group_is_one_task(inflow: Inflow) -> None:
    """Two hundred alerts: one task, one more entry, one more edit, none lost."""
    await inflow.take(inflow.alert("first"))
    received = await inflow.take(*(inflow.alert(f"f{n}") for n in range(200)))
    [task] = await inflow.tasks()
    [entry] = await inflow.rows.events(task["id"], "task.alert_added")
    [roots] = await inflow.rows.rows("SELECT count(*) AS n FROM outbox")
    [kept] = await inflow.rows.rows(
        "SELECT count(*) AS n FROM task_alerts WHERE task_id = :id", id=task["id"]
    )

    assert (0, 200, 0, 0, 0) == counts(received)
    assert 200 == entry["count"]
    assert 20 == str(entry["alerts"]).count("f")
    assert (2, 201) == (roots["n"], kept["n"])


async def count_statements(inflow: Inflow, found: Sequence[Alert]) -> int:
    """Take alerts in, and count the statements that it took."""
    said: list[object] = []
    arrivals = [
        Arrival(one, inflow.routes.find(one.source, one.labels), one.labels)
        for one in found
    ]
    async with inflow.web.transaction(inflow.rows.scope, Step.receive_alerts) as tx:
        event.listen(
            tx.connection.sync_connection,
            "before_cursor_execute",
            lambda *asked: said.append(asked[2]),
        )
        await take(tx, arrivals, inflow.routes)
    return len(said)


async def test_many_groups_cost_as_few_statements_as_two(
    inflow: Inflow, scopes: Scopes
) -> None:
    """Whether they fire, are repeated, fire anew or end: others wait for all of it."""
    calm = StormRules(alerts_per_minute=10_000, threads_per_minute=1000, calm_seconds=9)
    inflow = replace(inflow, routes=replace(inflow.routes, storm=calm))
    begins = inflow.rows.database.clock()
    costs: list[list[int]] = []
    for size in (2, 40):
        scope = await scopes("acme", f"of-{size}")
        place = replace(inflow, rows=Rows(inflow.rows.database, scope))
        first = [
            place.alert(f"f{n}", labels={**TEAM, "service": f"s{n}"}, starts_at=begins)
            for n in range(size)
        ]
        anew = [replace(one, starts_at=begins + timedelta(seconds=1)) for one in first]
        over = [replace(one, status=AlertStatus.resolved) for one in anew]
        costs.append(
            [await count_statements(place, told) for told in (first, first, anew, over)]
        )

    assert costs[0] == costs[1]


async def test_alerts_of_one_delivery_keep_their_order(inflow: Inflow) -> None:
    """Fired, ended, fired anew and sent twice, all at once: as one after the other."""
    begun = inflow.alert()
    inflow.move(10)
    ended = inflow.resolved(starts_at=begun.starts_at)
    inflow.move(10)
    anew = inflow.alert()
    received = await inflow.take(begun, ended, anew, begun)
    [row] = await inflow.rows.rows("SELECT status, count, starts_at FROM alerts")
    [task] = await inflow.tasks()

    assert (1, 1, 1, 1, 0) == counts(received)
    assert ("firing", 3, anew.starts_at) == (
        row["status"],
        row["count"],
        row["starts_at"],
    )
    assert task["quiet_at"] is None


async def test_what_fires_after_its_end_opens_nothing(inflow: Inflow) -> None:
    """The network turned two deliveries around; the answer says so."""
    begun = inflow.alert()
    inflow.move(10)
    ended = inflow.resolved(starts_at=begun.starts_at)
    first = await inflow.take(ended)
    second = await inflow.take(begun)

    assert (0, 0, 1, 0, 0) == counts(first)
    assert (0, 0, 0, 0, 1) == counts(second)
    assert [] == await inflow.tasks()


async def test_what_is_reopened_ends_again(inflow: Inflow) -> None:
    """Vendors tell an incident's first start each time; its ends are two."""
    begun = inflow.alert()
    await inflow.take(begun)
    for _ in range(2):
        inflow.move(60)
        await inflow.take(inflow.resolved(starts_at=begun.starts_at))
        [task] = await inflow.tasks()
        assert task["quiet_at"] is not None
        inflow.move(60)
        await inflow.take(inflow.alert())
        [task] = await inflow.tasks()
        assert task["quiet_at"] is None


async def test_what_still_fires_after_its_task_closed_opens_another(
    inflow: Inflow,
) -> None:
    """Its sender repeats it with its old start; a copy that comes at once does not."""
    begun = inflow.alert()
    await inflow.take(begun)
    await inflow.rows.change(
        "UPDATE tasks SET closed_at = :now", now=inflow.rows.database.clock()
    )
    inflow.move(60)
    copy = await inflow.take(begun)
    inflow.move(4 * 3600)
    repeat = await inflow.take(begun)
    inflow.move(4 * 3600)
    again = await inflow.take(begun)

    assert (0, 0, 0, 1, 0) == counts(copy)
    assert (1, 0, 0, 0, 0) == counts(repeat)
    assert (0, 0, 0, 1, 0) == counts(again)


@pytest.mark.parametrize("critical", [False, True])
async def test_a_cool_down_puts_off_its_own_alerts_alone(
    inflow: Inflow, *, critical: bool
) -> None:
    """Neither what is repeated beside them, nor what is critical, waits for it."""
    inflow = inflow.with_waits(cool_down=24 * 3600)
    severity = Severity.critical if critical else Severity.error
    cooled = inflow.alert("cooled", severity=severity)
    other = inflow.alert("other", labels={"service": "else"})
    await inflow.take(cooled, other)
    closed = inflow.rows.database.clock()
    await inflow.rows.change("UPDATE tasks SET closed_at = :now", now=closed)
    inflow.move(3600)
    received = await inflow.take(cooled, other)

    assert (1 + critical, 0, 0, 1 - critical, 0) == counts(received)


async def test_a_rise_in_severity_is_news(inflow: Inflow) -> None:
    """Of the same alert, with the same start."""
    await inflow.take(inflow.alert(severity=Severity.warning))
    received = await inflow.take(inflow.alert(severity=Severity.critical))
    [task] = await inflow.tasks()

    assert (0, 1, 0, 0, 0) == counts(received)
    assert "critical" == task["severity"]


@pytest.mark.parametrize(
    ("first", "then", "now"),
    [
        (Severity.warning, Severity.critical, "critical"),
        (Severity.error, Severity.info, "error"),
    ],
)
async def test_a_worse_alert_makes_the_task_worse(
    inflow: Inflow, first: Severity, then: Severity, now: str
) -> None:
    """And a milder one no better: the first in line is the most severe."""
    await inflow.take(inflow.alert("f1", severity=first))
    await inflow.take(
        inflow.alert("f2", severity=then), inflow.alert("f3", severity=Severity.info)
    )
    [task] = await inflow.tasks()

    assert (now, Severity(now).rank) == (task["severity"], task["severity_rank"])
    assert 3 == task["alerts"]


async def test_repeats_alone_touch_nothing(inflow: Inflow) -> None:
    """A sender's retry is answered, and no task is read."""
    once = inflow.alert()
    await inflow.take(once)
    received = await inflow.take(once, once)

    assert (0, 0, 0, 2, 0) == counts(received)
    assert 1 == await inflow.shown()


async def test_the_last_one_resolved_closes_in_the_quiet_time(inflow: Inflow) -> None:
    """Not before: one of three that still fires keeps the task."""
    await inflow.take(*(inflow.alert(f"f{n}") for n in range(3)))
    await inflow.take(inflow.resolved("f0"), inflow.resolved("f1"))
    [still] = await inflow.tasks()
    await inflow.take(inflow.resolved("f2"))
    [quiet] = await inflow.tasks()

    assert still["quiet_at"] is None
    assert quiet["quiet_at"] is not None


@pytest.mark.parametrize("severity", [Severity.critical, Severity.info])
async def test_each_group_has_its_own_task(inflow: Inflow, severity: Severity) -> None:
    """One delivery with three services opens three."""
    found = [
        inflow.alert(
            f"f{n}", severity=severity, labels={**TEAM, "service": f"s{n % 3}"}
        )
        for n in range(9)
    ]
    received = await inflow.take(*found)

    assert (3, 6, 0, 0, 0) == counts(received)
    assert 3 == len(await inflow.tasks())


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d"]), st.sampled_from([0, 1, 2]), st.booleans()
    ),
    min_size=1,
    max_size=14,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=12,
    deadline=None,
)
@given(EVENTS, st.lists(st.integers(1, 5), min_size=14, max_size=14))
async def test_together_is_as_one_by_one(
    inflow: Inflow, scopes: Scopes, events: list[tuple[str, int, bool]], cuts: list[int]
) -> None:
    """
    However deliveries are cut and committed, the same alerts and tasks come of them.

    Each event is an alert, the episode that it tells of, and whether it has ended.
    """
    begins = inflow.rows.database.clock()
    found = [told(inflow, begins, *event) for event in events]
    outcomes = []
    for sizes in ([1] * len(found), [len(found)], cuts):
        scope = await scopes("acme", f"e{uuid4().hex[:12]}")
        place = replace(inflow, rows=Rows(inflow.rows.database, scope))
        left = list(found)
        for size in sizes:
            if left:
                await place.take(*left[:size])
            left = left[size:]
        outcomes.append((await alerts_of(place), await tasks_of(place)))

    assert outcomes[0] == outcomes[1] == outcomes[2]


def told(
    inflow: Inflow, begins: datetime, name: str, episode: int, ended: object
) -> Alert:
    starts_at = begins + timedelta(minutes=10 * episode)
    labels = {**TEAM, "service": "one" if name in "ab" else "other"}
    if not ended:
        return inflow.alert(name, starts_at=starts_at, labels=labels)
    ends_at = starts_at + timedelta(minutes=5)
    return inflow.resolved(name, starts_at=starts_at, ends_at=ends_at, labels=labels)


async def alerts_of(inflow: Inflow) -> list[tuple[object, ...]]:
    rows = await inflow.rows.rows("SELECT * FROM alerts ORDER BY fingerprint")
    names = ("fingerprint", "status", "count", "starts_at")
    return [tuple(row[name] for name in names) for row in rows]


async def tasks_of(inflow: Inflow) -> list[tuple[object, ...]]:
    rows = await inflow.rows.rows(
        "SELECT t.group_key, t.alerts, t.quiet_at IS NULL AS fires, array_agg("
        "a.fingerprint ORDER BY a.fingerprint) AS names FROM tasks t JOIN task_alerts l"
        " ON l.task_id = t.id JOIN alerts a ON a.id = l.alert_id"
        " GROUP BY t.id, t.group_key, t.alerts, t.quiet_at ORDER BY t.group_key"
    )
    return [(r["group_key"], r["alerts"], r["fires"], r["names"]) for r in rows]


async def flares(inflow: Inflow) -> list[str]:
    rows = await inflow.rows.rows(
        "SELECT payload->>'why' AS why FROM outbox WHERE kind = 'flare'"
        " ORDER BY created_at, id"
    )
    return [row["why"] for row in rows]


async def test_a_task_that_becomes_critical_pings_once(inflow: Inflow) -> None:
    """An edit of its root pings nobody; the second critical alert is no news."""
    await inflow.take(inflow.alert("f1"))
    await inflow.take(inflow.alert("f2", severity=Severity.critical))
    await inflow.take(inflow.alert("f3", severity=Severity.critical))

    assert ["critical"] == await flares(inflow)


async def test_what_fires_after_its_quiet_time_pings(inflow: Inflow) -> None:
    """A person has the task, and looked away; what flaps within it pings nobody."""
    await inflow.take(inflow.alert("f1"))
    await inflow.rows.change("UPDATE tasks SET state = 'escalated_to_human'")
    for seconds in (10, 3600):
        await inflow.take(inflow.resolved("f1"))
        inflow.move(seconds)
        again = inflow.rows.database.clock()
        await inflow.take(inflow.alert("f1", starts_at=again))

    assert ["again"] == await flares(inflow)


async def test_what_waits_to_open_pings_nobody(inflow: Inflow) -> None:
    """Its root, when it opens, is the news."""
    slow = inflow.with_waits(debounce=600, longest=600)
    await slow.take(slow.alert("f1"))
    await slow.take(slow.alert("f2", severity=Severity.critical))

    assert [] == await flares(slow)


async def test_what_flaps_pings_now_and_then(inflow: Inflow) -> None:
    """However short its route's quiet time: once in half an hour."""
    quick = inflow.with_route(quiet_seconds=0)
    await quick.take(quick.alert("f1"))
    await quick.rows.change("UPDATE tasks SET state = 'escalated_to_human'")
    for _ in range(6):
        quick.move(20)
        await quick.take(quick.resolved("f1"))
        quick.move(20)
        again = quick.rows.database.clock()
        await quick.take(quick.alert("f1", starts_at=again))

    assert len(await flares(quick)) in {1, 2}
