"""What holds a group back, and what lets it go: silences, planned work, calm."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator import silencing, sweeper
from orchestrator.grouping import Arrival, take
from orchestrator.maintenance import Window, WindowRow, make_window
from orchestrator.matching import MatchRow
from orchestrator.routing import StormRules
from policy.alert import Severity
from storage.silences import Silence
from storage.steps import Step
from tests.conftest import Databases
from tests.orchestrator.inflow import TEAM, Inflow

CRITICAL = {"severity": Severity.critical}
NARROW = StormRules(600, 1, 60)


def labels(service: str, **more: str) -> Mapping[str, str]:
    return {**TEAM, "service": service, **more}


def window(inflow: Inflow, hours: int = 10, **named: str) -> Window:
    """Make planned work that began a minute ago, on what these labels name."""
    began = inflow.rows.database.clock() - timedelta(minutes=1)
    match = MatchRow(labels=named)
    row = WindowRow(id="w", match=match, minutes=hours * 60, starts_at=began)
    return make_window(row, path="routes.yaml", line=1)


def at_work(inflow: Inflow, **named: str) -> Inflow:
    routes = replace(inflow.routes, maintenance=(window(inflow, 10, **named),))
    return replace(inflow, routes=routes)


def narrow(inflow: Inflow) -> Inflow:
    """Give a channel that takes one thread a minute, two of critical ones."""
    return replace(inflow, routes=replace(inflow.routes, storm=NARROW))


async def silence(inflow: Inflow, days: int, **named: str) -> Silence:
    return await silencing.silence(
        inflow.web,
        inflow.rows.scope,
        named,
        lasts=timedelta(days=days),
        reason="x",
        by="ann",
    )


async def sweep(inflow: Inflow, seconds: float) -> None:
    inflow.move(seconds)
    await inflow.look_at_storms()
    await inflow.open_due()


async def test_what_nothing_holds_frees_its_group_for_good(inflow: Inflow) -> None:
    """The work on its neighbour does not take it back once the debounce is over."""
    inflow = at_work(inflow.with_waits(debounce=30, longest=60), host="h1")
    await inflow.take(inflow.alert("a", labels=labels("s", host="h1")))
    inflow.move(10)
    await inflow.take(inflow.alert("b", labels=labels("s", host="h2")))
    await sweep(inflow, 60)

    assert 1 == await inflow.shown()


async def test_a_critical_alert_that_nothing_holds_waits_for_the_storm_alone(
    inflow: Inflow,
) -> None:
    """Not for its neighbour's work as well."""
    inflow = at_work(narrow(inflow), host="h1")
    await inflow.take(inflow.alert("a", labels=labels("s", host="h1")))
    for name in ("x", "y"):
        await inflow.take(inflow.alert(name, labels=labels(name), **CRITICAL))
    await inflow.take(inflow.alert("b", labels=labels("s", host="h2"), **CRITICAL))
    before = await inflow.shown()
    await sweep(inflow, 301)

    assert (2, 3) == (before, await inflow.shown())


async def test_a_silence_that_ends_beside_a_delivery_hides_nothing(
    inflow: Inflow, database: Databases
) -> None:
    """The delivery saw it hold, and commits only after its end."""
    held = await silence(inflow, 20, host="h1")
    alert = inflow.alert("a", labels=labels("s", host="h1"))
    route = inflow.routes.find("alertmanager", alert.labels)
    web = database.fresh("web")
    async with web.transaction(inflow.rows.scope, Step.receive_alerts) as tx:
        await take(tx, [Arrival(alert, route, alert.labels)], inflow.routes)
        await silencing.end_silence(
            inflow.web, inflow.rows.scope, held.short_id, by="ann"
        )
    [task] = await inflow.tasks()
    await sweep(inflow, 2)

    assert f"silence:{held.id}" == task["waits_for"]
    assert 1 == await inflow.shown()


async def test_the_end_of_one_of_two_silences_is_judged(inflow: Inflow) -> None:
    """The task names the shorter one; the alert that fires was the longer one's."""
    longer = await silence(inflow, 20, host="h1")
    await silence(inflow, 2, host="h2")
    await inflow.take(inflow.alert("a", labels=labels("s", host="h1")))
    await inflow.take(inflow.alert("b", labels=labels("s", host="h2")))
    await silencing.end_silence(
        inflow.web, inflow.rows.scope, longer.short_id, by="ann"
    )
    await sweep(inflow, 2)

    assert 1 == await inflow.shown()


async def test_two_silences_hold_what_one_alone_does_not(inflow: Inflow) -> None:
    """Made while the group waited for more; the first that ends lets it go."""
    inflow = inflow.with_waits(debounce=30, longest=60)
    await inflow.take(
        inflow.alert("a", labels=labels("z", host="h1")),
        inflow.alert("b", labels=labels("z", host="h2")),
    )
    for days, host in ((2, "h1"), (1, "h2")):
        await silence(inflow, days, host=host)
    await sweep(inflow, 40)
    hidden = await inflow.shown()
    await sweep(inflow, timedelta(days=1, seconds=1).total_seconds())

    assert (0, 1) == (hidden, await inflow.shown())


@pytest.mark.parametrize("cool_down", [False, True])
async def test_what_resolved_while_it_waited_and_fires_again_is_judged_again(
    inflow: Inflow, *, cool_down: bool
) -> None:
    """Its quiet time, which may be an hour, holds it up no longer."""
    inflow = inflow.with_waits(cool_down=100) if cool_down else narrow(inflow)
    inflow = inflow.with_route(quiet_seconds=3600)
    await inflow.take(inflow.alert("first", labels=labels("b" if cool_down else "a")))
    if cool_down:
        closed = inflow.rows.database.clock()
        await inflow.rows.change("UPDATE tasks SET closed_at = :now", now=closed)
        inflow.move(20)
    await inflow.take(inflow.alert("b", labels=labels("b")))
    inflow.move(10)
    await inflow.take(inflow.resolved("b", labels=labels("b")))
    await sweep(inflow, 310)
    quiet = await inflow.shown()
    await inflow.take(inflow.alert("b", labels=labels("b")))
    await sweep(inflow, 20)

    assert (1, 2) == (quiet, await inflow.shown())


async def test_critical_alerts_keep_the_channel_s_pace(inflow: Inflow) -> None:
    """Thirty groups that wait for more get one each, and two threads open."""
    inflow = narrow(inflow.with_waits(debounce=600, longest=600))
    names = [f"s{number}" for number in range(30)]
    for name in names:
        await inflow.take(inflow.alert(f"w{name}", labels=labels(name)))
    for name in names:
        await inflow.take(inflow.alert(f"c{name}", labels=labels(name), **CRITICAL))
    [opened] = await inflow.rows.rows("SELECT sum(opened) AS n FROM alert_rates")
    [storm] = await inflow.rows.rows("SELECT folded FROM storms")

    assert (2, 2) == (await inflow.shown(), opened["n"])
    assert 28 == storm["folded"]


async def cooled(inflow: Inflow, seconds: float) -> Inflow:
    """Have group ``s`` wait out its cool-down, with an hour of it behind."""
    inflow = inflow.with_waits(cool_down=seconds)
    await inflow.take(inflow.alert("old", labels=labels("s")))
    closed = inflow.rows.database.clock()
    await inflow.rows.change("UPDATE tasks SET closed_at = :now", now=closed)
    inflow.move(3600)
    await inflow.take(inflow.alert("w", labels=labels("s", host="h1")))
    return inflow


async def test_a_critical_alert_waits_for_the_storm_and_no_cool_down(
    inflow: Inflow,
) -> None:
    """The storm's end is the end of its wait."""
    inflow = narrow(await cooled(inflow, 24 * 3600))
    for name in ("x", "y", "s"):
        await inflow.take(inflow.alert(name, labels=labels(name), **CRITICAL))
    during = await inflow.shown()
    await sweep(inflow, 301)

    assert (3, 4) == (during, await inflow.shown())


@pytest.mark.parametrize("work", [False, True])
async def test_a_critical_alert_that_is_held_opens_no_cool_down(
    inflow: Inflow, *, work: bool
) -> None:
    """A silence or planned work holds it all the same, and its end opens the group."""
    inflow = await cooled(inflow, 30 * 24 * 3600)
    if work:
        inflow = at_work(inflow, host="h1")
    else:
        await silence(inflow, 1, host="h1")
    alert = inflow.alert("c", labels=labels("s", host="h1"), **CRITICAL)
    await inflow.take(alert)
    held = await inflow.shown()
    await sweep(inflow, timedelta(days=1, seconds=1).total_seconds())

    assert (1, 2) == (held, await inflow.shown())


async def test_a_folded_group_is_counted_once(inflow: Inflow) -> None:
    """However many critical alerts it gets."""
    inflow = narrow(inflow)
    for number in range(3):
        await inflow.take(
            inflow.alert(f"w{number}", labels=labels(f"s{number}"), **CRITICAL)
        )
    for number in range(10):
        await inflow.take(inflow.alert(f"x{number}", labels=labels("s2"), **CRITICAL))
    [storm] = await inflow.rows.rows("SELECT folded FROM storms")

    assert 1 == storm["folded"]


async def test_what_waited_begins_no_storm_when_it_opens(inflow: Inflow) -> None:
    """A new group beside it keeps the pace, without a second digest."""
    inflow = narrow(inflow)
    await inflow.take(
        *[
            inflow.alert(f"w{number}", labels=labels(f"s{number}"))
            for number in range(9)
        ]
    )
    await sweep(inflow, 70)
    inflow.move(5)
    await inflow.take(inflow.alert("new", labels=labels("new")))
    storms = await inflow.rows.rows("SELECT ended_at FROM storms")
    newest = (await inflow.tasks())[-1]

    assert [True] == [one["ended_at"] is not None for one in storms]
    assert "pace" == newest["waits_for"]


async def test_what_fires_again_with_its_old_start_is_news(inflow: Inflow) -> None:
    """A sender that was cut off takes up where it was, an hour after the end."""
    first = inflow.alert("a")
    await inflow.take(first)
    inflow.move(300)
    await inflow.take(inflow.resolved("a", starts_at=first.starts_at))
    late = await inflow.take(inflow.alert("a", starts_at=first.starts_at))
    closed = inflow.rows.database.clock()
    await inflow.rows.change("UPDATE tasks SET closed_at = :now", now=closed)
    inflow.move(3600)
    again = await inflow.take(inflow.alert("a", starts_at=first.starts_at))
    [alert] = await inflow.rows.rows("SELECT status FROM alerts")

    assert (1, 1) == (late.repeated, again.opened)
    assert "firing" == alert["status"]


async def test_an_old_firing_moves_no_start_back(inflow: Inflow) -> None:
    """So that the end of an episode before the present one stays late."""
    now = inflow.rows.database.clock()
    await inflow.take(inflow.alert("d", starts_at=now + timedelta(seconds=30)))
    inflow.move(40)
    await inflow.take(inflow.alert("d", starts_at=now))
    end = now + timedelta(seconds=10)
    ended = await inflow.take(inflow.resolved("d", starts_at=end, ends_at=end))
    [alert] = await inflow.rows.rows("SELECT status FROM alerts")

    assert (1, "firing") == (ended.late, alert["status"])


async def test_ends_that_are_told_again_put_the_close_off_no_further(
    inflow: Inflow,
) -> None:
    """A sender that says OK each minute."""
    inflow = inflow.with_route(quiet_seconds=300)
    await inflow.take(inflow.alert())
    for _ in range(4):
        inflow.move(60)
        await inflow.take(inflow.resolved(starts_at=inflow.rows.database.clock()))
    [task] = await inflow.tasks()

    assert 120.0 == (task["quiet_at"] - inflow.rows.database.clock()).total_seconds()


async def test_crossed_deliveries_lock_tasks_in_one_order(
    inflow: Inflow, database: Databases
) -> None:
    """Alerts whose group changed, each beside one of the other's old group."""
    for name, service in (("a", "s1"), ("b", "s2")):
        await inflow.take(inflow.alert(name, labels=labels(service)))
    other = replace(inflow, web=database.fresh("web"))
    for turn in range(10):
        inflow.move(5)
        await asyncio.gather(
            inflow.take(
                inflow.alert("a", labels=labels(f"x{turn}"), **CRITICAL),
                inflow.alert(f"c{turn}", labels=labels("s2")),
            ),
            other.take(
                inflow.alert("b", labels=labels(f"y{turn}"), **CRITICAL),
                inflow.alert(f"d{turn}", labels=labels("s1")),
            ),
        )

    assert 2 == len(await inflow.tasks())


async def close(inflow: Inflow) -> None:
    """Have each open task end now."""
    await inflow.rows.change(
        "UPDATE tasks SET state = 'completed', closed_at = :now"
        " WHERE closed_at IS NULL",
        now=inflow.rows.database.clock(),
    )


async def rested(inflow: Inflow) -> Inflow:
    """Give a group whose task closed just now, and that is then left alone for 10 h."""
    inflow = inflow.with_waits(cool_down=36_000)
    await inflow.take(inflow.alert("x", labels=labels("s")))
    await close(inflow)
    inflow.move(1)
    return inflow


@pytest.mark.parametrize(("host", "held"), [("h2", "cool_down"), ("h1", "silence")])
async def test_a_neighbour_ends_no_cool_down(
    inflow: Inflow, host: str, held: str
) -> None:
    """Nor does one that a shorter silence holds."""
    inflow = await rested(inflow)
    both = [await silence(inflow, 3 - n, host=f"h{n}") for n in (0, 1)]
    await inflow.take(inflow.alert("y", labels=labels("s", host="h0")))
    inflow.move(60)
    await inflow.take(inflow.alert("z", labels=labels("s", host=host)))
    task = (await inflow.tasks())[-1]
    for one in both:
        await silencing.end_silence(
            inflow.web, inflow.rows.scope, one.short_id, by="ann"
        )
    await sweep(inflow, 1)

    assert held == task["waits_for"].partition(":")[0]
    assert 1 == await inflow.shown()


async def test_a_critical_neighbour_ends_the_cool_down(inflow: Inflow) -> None:
    """It waits for no calm."""
    inflow = await rested(inflow)
    await silence(inflow, 1, host="h1")
    await inflow.take(inflow.alert("y", labels=labels("s", host="h1")))
    await inflow.take(inflow.alert("z", labels=labels("s", host="h2"), **CRITICAL))

    assert 2 == await inflow.shown()


async def test_what_is_left_of_a_cool_down_is_called_so(inflow: Inflow) -> None:
    """When the silence before it has ended; it opens once that is over, too."""
    inflow = await rested(inflow)
    held = await silence(inflow, 1, service="s")
    await inflow.take(inflow.alert("y", labels=labels("s")))
    await silencing.end_silence(inflow.web, inflow.rows.scope, held.short_id, by="ann")
    await sweep(inflow, 1)
    task = (await inflow.tasks())[-1]
    await sweep(inflow, 36_000)

    assert ("cool_down", 2) == (task["waits_for"], await inflow.shown())


async def test_the_sweeper_knows_a_silence_that_is_over(inflow: Inflow) -> None:
    """And what holds beside it."""
    planned = at_work(inflow)
    await silence(inflow, 1, service="s")
    await silence(inflow, 1, service="t")
    for name in ("s", "t"):
        await planned.take(planned.alert(name, labels=labels(name)))
    async with inflow.web.transaction(inflow.rows.scope, Step.set_up) as tx:
        # As time does: nothing tells the tasks.
        await tx.change("UPDATE silences SET ends_at = :now", {"now": tx.now})
    await sweeper.sweep(inflow.worker)

    assert ["maintenance:w"] * 2 == [one["waits_for"] for one in await inflow.tasks()]
