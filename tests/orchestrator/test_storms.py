"""Storm mode: three threads of thousands of alerts, one digest, an end by itself."""

import asyncio
from collections import Counter
from dataclasses import replace

from orchestrator.group_commit import GroupCommit
from orchestrator.intake import NewDelivery, Received
from orchestrator.routing import Route, StormRules
from orchestrator.storms import Watch
from policy.alert import Severity
from storage import storms as storage_storms
from storage.database import Row, Tx
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.orchestrator.inflow import TEAM, Inflow, reception
from tests.orchestrator.world import Rows


def rules(inflow: Inflow, alerts: int, threads: int, calm: int = 60) -> Inflow:
    storm = StormRules(alerts, threads, calm)
    return replace(inflow, routes=replace(inflow.routes, storm=storm))


def service(name: str) -> dict[str, str]:
    return {**TEAM, "service": name}


async def digests(inflow: Inflow) -> list[dict[str, object]]:
    found = await inflow.rows.rows(
        "SELECT payload FROM outbox WHERE kind = 'digest' ORDER BY version"
    )
    return [row["payload"] for row in found]


async def test_many_alerts_are_a_storm(inflow: Inflow) -> None:
    """Each group keeps its thread; the digest counts, and names the largest."""
    stormy = rules(inflow, alerts=100, threads=10)
    for batch in range(4):
        await stormy.take(
            *(
                stormy.alert(f"{batch}-{n}", labels=service(f"s{n % 3}"))
                for n in range(30)
            )
        )
    stormy.move(6)
    await stormy.look_at_storms()
    [storm] = await stormy.rows.rows("SELECT * FROM storms")
    [first, second] = await digests(stormy)

    assert 3 == await stormy.shown()
    assert ("C0RELIABILITY", 120, 0) == (
        storm["channel"],
        storm["alerts"],
        storm["folded"],
    )
    assert (120, 120) == (first["alerts"], second["alerts"])
    assert [40, 40, 40] == [one["alerts"] for one in groups(second)]


def groups(digest: dict[str, object]) -> list[dict[str, object]]:
    found = digest["groups"]
    assert isinstance(found, list)
    return found


async def test_new_groups_past_the_limit_wait(inflow: Inflow) -> None:
    """Two threads a minute; the third is kept, found, and seen by nobody yet."""
    stormy = rules(inflow, alerts=1000, threads=2)
    await stormy.take(
        *(stormy.alert(f"f{n}", labels=service(f"s{n}")) for n in range(5))
    )
    waiting = await stormy.rows.rows(
        "SELECT waits_for FROM tasks WHERE opens_at IS NOT NULL"
    )
    [storm] = await stormy.rows.rows("SELECT task_id, folded FROM storms")

    assert (2, 3) == (await stormy.shown(), storm["folded"])
    assert [f"storm:{storm['task_id']}"] * 3 == [one["waits_for"] for one in waiting]


async def test_what_is_critical_has_room_of_its_own(inflow: Inflow) -> None:
    """As much again as the others."""
    stormy = rules(inflow, alerts=1000, threads=2)
    for severity in (Severity.warning, Severity.critical):
        await stormy.take(
            *(
                stormy.alert(
                    f"{severity}{n}",
                    labels=service(f"{severity}{n}"),
                    severity=severity,
                )
                for n in range(4)
            )
        )

    assert 4 == await stormy.shown()


async def test_what_is_critical_and_folded_is_looked_at_soon(inflow: Inflow) -> None:
    """It opens as soon as its share has room, while the storm goes on."""
    stormy = rules(inflow, alerts=1000, threads=1)
    critical = {"severity": Severity.critical}
    await stormy.take(
        *(stormy.alert(f"c{n}", labels=service(f"c{n}"), **critical) for n in range(3))
    )
    stormy.move(61)
    mild = (stormy.alert(f"m{n}", labels=service(f"m{n}")) for n in range(3))
    await stormy.take(*mild)
    before = await stormy.shown()
    await stormy.open_due()
    waiting = await stormy.rows.rows(
        "SELECT severity FROM tasks WHERE opens_at IS NOT NULL"
    )

    assert (3, 4) == (before, await stormy.shown())
    assert {"error"} == {row["severity"] for row in waiting}


async def test_a_storm_ends_by_itself(inflow: Inflow) -> None:
    """Once it was calm for long enough; what waits opens, the severe first."""
    stormy = rules(inflow, alerts=1000, threads=2, calm=60)
    await stormy.take(
        *(
            stormy.alert(f"f{n}", labels=service(f"s{n}"), severity=severity)
            for n, severity in enumerate([Severity.info] * 5 + [Severity.error] * 2)
        )
    )
    stormy.move(59)
    await stormy.look_at_storms()
    during = await stormy.shown()
    stormy.move(6)
    await stormy.look_at_storms()
    paces = []
    for _ in range(3):
        await stormy.open_due()
        paces.append(await stormy.shown())
        stormy.move(60)
    last = (await digests(stormy))[-1]
    opened = await stormy.rows.rows(
        "SELECT t.severity FROM ledger l JOIN tasks t ON t.id = l.task_id"
        " WHERE l.event = 'task.opened' ORDER BY l.id"
    )

    assert (2, [4, 6, 7]) == (during, paces)
    assert (5, 7) == (last["released"], last["alerts"])
    assert last["until"] is not None
    assert ["error", "error"] == [row["severity"] for row in opened[:2]]


async def test_what_resolves_in_the_storm_stays_unseen(inflow: Inflow) -> None:
    """It closes in its quiet time, and opens never."""
    stormy = rules(inflow, alerts=1000, threads=1)
    await stormy.take(
        *(stormy.alert(f"f{n}", labels=service(f"s{n}")) for n in range(2))
    )
    await stormy.take(
        *(stormy.resolved(f"f{n}", labels=service(f"s{n}")) for n in range(2))
    )
    [row] = [one for one in await stormy.tasks() if one["opens_at"] is not None]

    assert row["quiet_at"] is not None
    assert 1 == await stormy.shown()


async def test_storms_of_two_channels_do_not_block_each_other(
    inflow: Inflow, database: Databases
) -> None:
    """Who holds a storm's row waits for nobody who may begin another channel's."""
    stormy = rules(inflow, alerts=3, threads=100)
    first, last = stormy.routes.routes
    ways = (replace(first, channel="C0A"), replace(last, channel="C0B"))
    await stormy_in(stormy, ways[0])
    [storm] = await stormy.rows.rows("SELECT task_id FROM storms")
    other = database.fresh("web")
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        async with other.transaction(inflow.rows.scope, Step.receive_alerts) as tx:
            await storage_storms.lock(tx, ["C0A", "C0B"])
            watching = group.create_task(stormy_in(stormy, *ways))
            while not await waits(tx):  # noqa: ASYNC110 - rows
                await asyncio.sleep(0.02)
            await storage_storms.count(
                tx, storm["task_id"], alerts=1, folded=0, over=True
            )
        await watching
    found = await stormy.rows.rows("SELECT alerts FROM storms ORDER BY channel")

    assert [3 + 1 + 3, 3] == [one["alerts"] for one in found]


async def stormy_in(inflow: Inflow, *ways: Route) -> None:
    """Count three alerts in each of the channels, and close."""
    scope = inflow.rows.scope
    async with inflow.web.transaction(scope, Step.receive_alerts) as tx:
        watch = await Watch.of(tx, ways)
        for route in ways * 3:
            watch.count(route)
        await watch.close(tx, inflow.routes.storm)


async def waits(tx: Tx) -> bool:
    """Tell whether anybody waits for a channel's lock."""
    return bool(
        await tx.rows(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
    )


async def test_another_channel_is_in_no_storm(inflow: Inflow) -> None:
    """A storm of one team's alerts folds nobody else's."""
    stormy = rules(inflow, alerts=1000, threads=1)
    first, last = stormy.routes.routes
    elsewhere = replace(last, channel="C0OTHER")
    stormy = replace(stormy, routes=replace(stormy.routes, routes=(first, elsewhere)))
    await stormy.take(
        *(stormy.alert(f"f{n}", labels=service(f"s{n}")) for n in range(3)),
        stormy.alert("other", labels={"service": "else"}),
    )

    assert 2 == await stormy.shown()


async def lost(inflow: Inflow) -> list[Row]:
    """Give the alerts that belong to no task: people would never hear of them."""
    return await inflow.rows.rows(
        "SELECT fingerprint FROM alerts a WHERE NOT EXISTS (SELECT FROM task_alerts l"
        " WHERE l.alert_id = a.id)"
    )


async def test_a_storm_of_what_nothing_groups(
    inflow: Inflow, database: Databases
) -> None:
    """Five hundred alerts without labels, by two processes: ten threads, one digest."""
    stormy = rules(inflow, alerts=10_000, threads=10)
    processes = [stormy, replace(stormy, web=database.fresh("web"))]
    await stormy.take(*(stormy.alert(f"first-{n}", labels={}) for n in range(10)))
    received = await asyncio.gather(
        *(
            processes[batch % 2].take(
                *(stormy.alert(f"{batch}-{n}", labels={}) for n in range(50))
            )
            for batch in range(10)
        )
    )
    [storm] = await stormy.rows.rows("SELECT folded FROM storms")
    found = await stormy.tasks()
    during = await stormy.shown()
    stormy.move(61)
    await stormy.look_at_storms()
    await stormy.open_due()

    assert (500, 510) == (sum(one.opened for one in received), len(found))
    assert (10, 500) == (during, storm["folded"])
    assert 20 == await stormy.shown()
    assert [] == await lost(stormy)


async def test_storms_of_two_tenants_at_once(inflow: Inflow, scopes: Scopes) -> None:
    """The same fingerprints and channel: each has its own digest and its own counts."""
    stormy = rules(inflow, alerts=100, threads=3)
    counts = {"acme": 40, "globex": 60}
    tenants = {
        name: replace(stormy, rows=Rows(inflow.rows.database, await scopes(name, "x")))
        for name in (*counts, "calm")
    }
    commits = GroupCommit(inflow.web, reception(stormy.routes))

    async def send(name: str, number: int) -> Received:
        one = tenants[name]
        alerts = [
            one.alert(f"{number}-{n}", title=name, labels=service(f"{number}-{n}"))
            for n in range(2)
        ]
        return await commits.receive(NewDelivery(one.rows.scope, alerts))

    await asyncio.gather(
        *(send(name, n) for name, most in counts.items() for n in range(most)),
        send("calm", 0),
    )
    for name, most in counts.items():
        [storm] = await tenants[name].rows.rows("SELECT alerts, folded FROM storms")
        [digest] = (await digests(tenants[name]))[-1:]
        found = await tenants[name].tasks()

        assert 2 * most == len(found) == storm["alerts"]
        assert (3, 2 * most - 3) == (await tenants[name].shown(), storm["folded"])
        assert {name} == {one["title"] for one in groups(digest)}
        assert [] == await lost(tenants[name])
    assert 2 == await tenants["calm"].shown()
    assert [] == await tenants["calm"].rows.rows("SELECT FROM storms")


async def test_a_storm_of_all_severities_on_a_route_that_waits_for_more(
    inflow: Inflow,
) -> None:
    """What is critical opens at once, and its group with it; the rest at the pace."""
    stormy = rules(inflow, alerts=1000, threads=2).with_waits(debounce=30, longest=60)
    kinds = [Severity.info, Severity.warning, Severity.error, Severity.critical]
    await stormy.take(
        *(
            stormy.alert(f"{kind}{n}", labels=service(f"{kind}{n}"), severity=kind)
            for n in range(3)
            for kind in kinds
        ),
        stormy.alert("worse", labels=service("info0"), severity=Severity.critical),
    )
    at_once = await titles(stormy)
    paces = []
    for _ in range(5):
        stormy.move(61)
        await stormy.look_at_storms()
        await stormy.open_due()
        paces.append(await stormy.shown())
    opened = await stormy.rows.rows(
        "SELECT t.severity FROM ledger l JOIN tasks t ON t.id = l.task_id"
        " WHERE l.event = 'task.opened' ORDER BY l.at, t.severity_rank"
    )

    assert {"critical0": 1, "critical1": 1, "critical2": 1, "info0": 1} == at_once
    assert [6, 8, 10, 12, 12] == paces
    assert ["critical", *["error"] * 3, *["warning"] * 3, *["info"] * 2] == [
        row["severity"] for row in opened
    ]
    assert [] == await lost(stormy)


async def titles(inflow: Inflow) -> dict[str, int]:
    """Give the services of the threads, and how many each has."""
    return Counter(
        row["service"]
        for row in await inflow.rows.rows(
            "SELECT DISTINCT t.id, a.labels->>'service' AS service FROM tasks t"
            " JOIN outbox o ON o.task_id = t.id AND o.kind = 'root' JOIN task_alerts l"
            " ON l.task_id = t.id JOIN alerts a ON a.id = l.alert_id"
        )
    )
