"""When a task opens: at once, after its waits, or never where it resolves before."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator import silencing
from orchestrator.maintenance import WindowRow, make_window
from orchestrator.matching import MatchRow
from orchestrator.routing import StormRules
from policy.alert import Severity
from policy.proposal import ProposalState
from storage import executions
from storage.directory import find_due
from storage.executions import Ending, NewExecution
from storage.steps import Step
from tests.conftest import Databases, Scopes
from tests.orchestrator.inflow import TEAM, Inflow
from tests.orchestrator.world import Rows
from tests.samples import add_proposal


async def test_a_group_waits_for_more(inflow: Inflow) -> None:
    """Each alert begins the debounce anew, up to the longest wait; it opens once."""
    calm = inflow.with_waits(debounce=10, longest=25)
    await calm.take(calm.alert("f1"))
    [begun] = await calm.tasks()
    waits: list[float] = []
    for number in range(3):
        calm.move(8)
        await calm.take(calm.alert(f"g{number}"))
        [task] = await calm.tasks()
        waits.append((task["opens_at"] - begun["created_at"]).total_seconds())
    hidden = await calm.shown()
    calm.move(2)
    await calm.open_due()
    [task] = await calm.tasks()

    assert [18.0, 25.0, 25.0] == waits
    assert (0, 1) == (hidden, await calm.shown())
    assert (None, None) == (task["opens_at"], task["waits_for"])


async def test_what_waits_is_claimed_by_nobody(inflow: Inflow) -> None:
    """Until it is opened; the sweep finds it at its time."""
    calm = inflow.with_waits(debounce=10, longest=10)
    await calm.take(calm.alert())
    with pytest.raises(AssertionError):
        await calm.rows.claim()
    await calm.rows.change("UPDATE tasks SET opens_at = clock_timestamp()")
    async with calm.worker.dispatch(Step.look) as tx:
        due = await find_due(tx, most=10)
    calm.move(11)
    await calm.open_due()

    assert ["opening"] == [one.kind for one in due]
    assert (await calm.rows.claim()).task.title == "5xx on /feed"


@pytest.mark.parametrize("wait", ["debounce", "cool_down"])
async def test_a_critical_alert_waits_for_nothing(inflow: Inflow, wait: str) -> None:
    """Neither as the first of its group, nor as one more."""
    calm = inflow.with_waits(debounce=600, longest=600)
    critical = {"severity": Severity.critical}
    await calm.take(calm.alert("f1", labels={**TEAM, "service": "a"}, **critical))
    at_once = await calm.shown()
    await calm.take(calm.alert("f2", labels={**TEAM, "service": "b"}))
    await calm.rows.change(
        "UPDATE tasks SET waits_for = :w WHERE opens_at > now()", w=wait
    )
    hidden = await calm.shown()
    await calm.take(calm.alert("f3", labels={**TEAM, "service": "b"}, **critical))

    assert (1, 1, 2) == (at_once, hidden, await calm.shown())


async def test_what_resolves_while_it_waits_is_seen_by_nobody(inflow: Inflow) -> None:
    """Its wait is over before its quiet time: it opens for nobody, and closes."""
    calm = inflow.with_waits(debounce=10, longest=10)
    await calm.take(calm.alert())
    calm.move(5)
    await calm.take(calm.resolved(starts_at=calm.alert().starts_at))
    for _ in range(3):
        calm.move(11)
        await calm.open_due()
    [task] = await calm.tasks()

    assert task["quiet_at"] is not None
    assert task["opens_at"] > task["quiet_at"]
    assert 0 == await calm.shown()


async def test_what_fires_again_while_it_waits_opens(inflow: Inflow) -> None:
    """Its quiet time ended with the new firing."""
    calm = inflow.with_waits(debounce=10, longest=10)
    await calm.take(calm.alert())
    await calm.take(calm.resolved())
    calm.move(20)
    await calm.open_due()
    await calm.take(calm.alert())
    calm.move(100)
    await calm.open_due()

    assert 1 == await calm.shown()


async def test_a_group_cools_down(inflow: Inflow) -> None:
    """Back soon after its task closed: it waits out the rest, then opens its own."""
    calm = inflow.with_waits(cool_down=100)
    await calm.take(calm.alert())
    await calm.rows.change(
        "UPDATE tasks SET closed_at = :now", now=calm.rows.database.clock()
    )
    calm.move(40)
    await calm.take(calm.alert())
    [closed, waits] = await calm.tasks()
    calm.move(61)
    await calm.open_due()

    assert "cool_down" == waits["waits_for"]
    assert timedelta(seconds=100) == waits["opens_at"] - closed["closed_at"]
    assert 2 == await calm.shown()


@pytest.mark.parametrize(
    ("labels", "holds"),
    [
        ({"service": "feed"}, True),
        ({"service": "/fe.*/", "team": "reliability"}, True),
        ({"service": "fe"}, False),
        ({"service": "feed", "zone": "a"}, False),
    ],
)
async def test_a_silence_holds_what_it_names(
    inflow: Inflow, labels: dict[str, str], *, holds: bool
) -> None:
    """Even what is critical: a person asked for it. It opens at the silence's end."""
    made = await silencing.silence(
        inflow.web,
        inflow.rows.scope,
        labels,
        lasts=timedelta(minutes=10),
        reason="deploy",
        by="ann",
    )
    await inflow.take(inflow.alert(severity=Severity.critical))
    [task] = await inflow.tasks()
    held = await inflow.shown() == 0
    inflow.move(601)
    await inflow.open_due()

    assert holds == held
    assert (made.ends_at if holds else None) == task["opens_at"]
    assert 1 == await inflow.shown()


async def test_the_end_of_a_silence_opens_what_waits(inflow: Inflow) -> None:
    """At once, not at the time that it would have ended."""
    scope = inflow.rows.scope
    made = await silencing.silence(
        inflow.web,
        scope,
        {"service": "feed"},
        lasts=timedelta(days=1),
        reason="x",
        by="a",
    )
    await inflow.take(inflow.alert())
    await silencing.end_silence(inflow.web, scope, made.short_id, by="bob")
    await inflow.open_due()

    assert 1 == await inflow.shown()


async def test_a_later_silence_holds_what_was_about_to_open(inflow: Inflow) -> None:
    """While all of the task's alerts are silenced; one that is not opens it."""
    calm = inflow.with_waits(debounce=10, longest=10)
    await calm.take(calm.alert())
    made = await silencing.silence(
        calm.web,
        calm.rows.scope,
        {"service": "feed"},
        lasts=timedelta(hours=1),
        reason="x",
        by="ann",
    )
    calm.move(11)
    await calm.open_due()
    [held] = await calm.tasks()

    assert made.ends_at == held["opens_at"]
    assert 0 == await calm.shown()


async def test_planned_work_holds_until_its_end(inflow: Inflow) -> None:
    """The window of routes.yaml that the alert belongs to."""
    now = inflow.rows.database.clock()
    row = WindowRow(
        id="upgrade",
        match=MatchRow(labels={"service": "feed"}),
        minutes=30,
        starts_at=now - timedelta(minutes=10),
    )
    window = make_window(row, path="routes.yaml", line=1)
    planned = replace(inflow, routes=replace(inflow.routes, maintenance=(window,)))
    await planned.take(planned.alert())
    planned.move(1)
    await planned.take(planned.alert("f2", labels={**TEAM, "service": "search"}))
    [held, free] = await planned.tasks()

    assert ("maintenance:upgrade", now + timedelta(minutes=20)) == (
        held["waits_for"],
        held["opens_at"],
    )
    assert free["opens_at"] is None


@pytest.mark.parametrize("severity", [Severity.critical, Severity.warning])
async def test_what_nothing_holds_opens_its_silenced_group(
    inflow: Inflow, severity: Severity
) -> None:
    """A silence of one host hides no other, though they share a task."""
    await silencing.silence(
        inflow.web,
        inflow.rows.scope,
        {"host": "a"},
        lasts=timedelta(days=7),
        reason="repair",
        by="ann",
    )
    await inflow.take(inflow.alert("f1", labels={**TEAM, "host": "a"}))
    hidden = await inflow.shown()
    await inflow.take(
        inflow.alert("f2", labels={**TEAM, "host": "b"}, severity=severity)
    )
    [root] = await inflow.rows.rows("SELECT payload FROM outbox")

    assert (0, 1) == (hidden, await inflow.shown())
    assert "looking at the evidence" == root["payload"]["next_step"]


async def test_a_silence_names_what_is_hidden_when_stored(inflow: Inflow) -> None:
    """People write labels as they see them; the stored ones have pseudonyms."""
    await silencing.silence(
        inflow.web,
        inflow.rows.scope,
        {"owner": "ann@example.org"},
        lasts=timedelta(hours=1),
        reason="x",
        by="ann",
    )
    await inflow.take(inflow.alert(labels={**TEAM, "owner": "ann@example.org"}))
    [task] = await inflow.tasks()

    assert task["waits_for"].startswith("silence:")
    assert "example.org" not in str(await inflow.rows.rows("SELECT * FROM alerts"))


async def test_a_silence_that_ends_leaves_planned_work_in_force(
    inflow: Inflow,
) -> None:
    """What else holds the task holds it on."""
    now = inflow.rows.database.clock()
    row = WindowRow(id="w", match=MatchRow(), minutes=60, starts_at=now)
    window = make_window(row, path="routes.yaml", line=1)
    planned = replace(inflow, routes=replace(inflow.routes, maintenance=(window,)))
    scope = inflow.rows.scope
    made = await silencing.silence(
        inflow.web,
        scope,
        {"service": "feed"},
        lasts=timedelta(days=1),
        reason="x",
        by="a",
    )
    await planned.take(planned.alert())
    await silencing.end_silence(inflow.web, scope, made.short_id, by="bob")
    await planned.open_due()
    held = await planned.shown()
    planned.move(3601)
    await planned.open_due()

    assert (0, 1) == (held, await planned.shown())


async def test_what_waited_opens_at_the_channels_pace(inflow: Inflow) -> None:
    """Twelve groups whose debounce is over at once: two threads a minute."""
    calm = inflow.with_waits(debounce=5, longest=5)
    calm = replace(calm, routes=replace(calm.routes, storm=StormRules(1000, 2, 60)))
    await calm.take(
        *(calm.alert(f"f{n}", labels={**TEAM, "service": f"s{n}"}) for n in range(6))
    )
    paces = []
    for _ in range(3):
        calm.move(61)
        await calm.open_due()
        paces.append(await calm.shown())

    assert [2, 4, 6] == paces


async def test_a_fix_that_does_not_hold_ends_with_a_person(inflow: Inflow) -> None:
    """Fixed three times within the window and back: nothing more is tried."""
    for _ in range(3):
        await inflow.take(inflow.alert())
        await fix(inflow)
        inflow.move(60)
    await inflow.take(inflow.alert())
    last = (await inflow.tasks())[-1]
    [root] = await inflow.rows.rows(
        "SELECT payload FROM outbox WHERE task_id = :id", id=last["id"]
    )

    assert "escalated_to_human" == last["state"]
    assert "fixed 3 times within 24 h and back again" in root["payload"]["next_step"]


async def test_the_next_alert_keeps_what_was_said(inflow: Inflow) -> None:
    """An edit of the count is no reason to forget the next step."""
    await inflow.take(inflow.alert("f1"))
    await inflow.take(inflow.alert("f2"))
    roots = await inflow.rows.rows("SELECT payload FROM outbox ORDER BY version")

    assert ["looking at the evidence"] * 2 == [
        one["payload"]["next_step"] for one in roots
    ]
    assert [1, 2] == [one["payload"]["alerts"] for one in roots]


async def test_old_fixes_speak_against_nothing(inflow: Inflow) -> None:
    """Out of the window, or undone ones alone."""
    for _ in range(3):
        await inflow.take(inflow.alert())
        await fix(inflow)
        inflow.move(60)
    inflow.move(24 * 3600)
    await inflow.take(inflow.alert())

    assert "queued" == (await inflow.tasks())[-1]["state"]


async def test_what_people_carried_out_counts_as_a_fix(inflow: Inflow) -> None:
    """A draft that somebody did by hand, three times, helped no more than a machine."""
    for _ in range(3):
        await inflow.take(inflow.alert())
        await fix(inflow)
        async with inflow.rows.database("gateway").transaction(
            inflow.rows.scope, Step.set_up
        ) as tx:
            await tx.change("UPDATE executions SET outcome = 'lost'")
            await tx.change("UPDATE proposals SET state = 'carried_out'")
        inflow.move(60)
    await inflow.take(inflow.alert())

    assert "escalated_to_human" == (await inflow.tasks())[-1]["state"]


async def fix(inflow: Inflow) -> None:
    """Have the newest task closed by an action that was applied."""
    rows = inflow.rows
    task = await rows.task((await inflow.tasks())[-1]["id"])
    async with rows.database("gateway").transaction(
        rows.scope, Step.execution_intent
    ) as tx:
        proposal = await add_proposal(tx, task, state=ProposalState.succeeded)
        new = NewExecution(task.id, proposal.id, "apply", 1, {}, tx.now)
        execution = await executions.begin(tx, new)
        await executions.settle(tx, execution.id, Ending("applied"))
    await rows.change(
        "UPDATE tasks SET state = 'completed', closed_at = :now WHERE id = :id",
        now=rows.database.clock(),
        id=task.id,
    )


async def test_no_backlog_starves_another_channel(
    inflow: Inflow, database: Databases, scopes: Scopes
) -> None:
    """A few of each channel are due at a time, however many wait in one."""
    other = Rows(database, await scopes("globex", "prod"))
    quiet = replace(inflow, rows=other)
    critical = {"severity": Severity.critical}
    for name in map(str, range(60)):
        crowd = {**TEAM, "service": f"s{name}"}
        await inflow.take(inflow.alert(name, labels=crowd, **critical))
    await quiet.take(quiet.alert("w"))
    for rows in (inflow.rows, other):
        await rows.change("UPDATE tasks SET opens_at = now() - interval '5 s'")
    async with inflow.worker.dispatch(Step.look) as tx:
        due = await find_due(tx, most=50)

    # the storm that sixty critical ones begin is looked at by the clock on the wall
    opening = [one for one in due if one.kind == "opening"]
    assert {"acme": 5, "globex": 1} == Counter(one.scope.tenant_id for one in opening)
