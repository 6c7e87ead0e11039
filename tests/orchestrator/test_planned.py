"""Planned work that is taken out of routes.yaml holds nothing any more."""

import asyncio
from dataclasses import replace
from types import ModuleType

import pytest

from orchestrator import planned
from orchestrator.planned import Review, review
from orchestrator.routing import LiveRoutes
from orchestrator.silencing import end_silence
from policy.scope import Scope
from storage import directory
from tests.conftest import Scopes
from tests.orchestrator.inflow import Inflow
from tests.orchestrator.test_hold import (
    at_work,
    labels,
    rested,
    silence,
    sweep,
    window,
)


async def test_work_that_was_called_off_lets_go(inflow: Inflow) -> None:
    """At once, at the next look of the sweeper."""
    planned = at_work(inflow)
    await planned.take(planned.alert("a"))
    inflow.move(3600)
    kept = await review(inflow.web, inflow.rows.scope, planned.routes)
    released = await review(inflow.web, inflow.rows.scope, inflow.routes)
    await sweep(inflow, 1)

    assert (0, 1, 1) == (kept, released, await inflow.shown())


async def test_work_that_was_shortened_lets_go_sooner(inflow: Inflow) -> None:
    """And work that was lengthened holds what it held, and not longer."""
    planned = at_work(inflow)
    await planned.take(planned.alert("a"))
    for hours in (2, 20):
        changed = replace(inflow.routes, maintenance=(window(inflow, hours=hours),))
        await review(inflow.web, inflow.rows.scope, changed)
    await sweep(inflow, 2 * 3600)

    assert 1 == await inflow.shown()


async def test_what_is_still_planned_for_another_alert_holds(inflow: Inflow) -> None:
    """Each firing alert is judged by itself."""
    planned = at_work(inflow, host="h1")
    await planned.take(planned.alert("a", labels=labels("s", host="h1")))

    assert 0 == await review(inflow.web, inflow.rows.scope, planned.routes)


async def test_a_silence_beside_it_goes_on_holding(inflow: Inflow) -> None:
    """Only the work is gone, so the end of the silence is the end of it."""
    planned = at_work(inflow)
    held = await silence(inflow, 1, team="reliability")
    await planned.take(planned.alert("a"))
    await review(inflow.web, inflow.rows.scope, inflow.routes)
    await sweep(inflow, 2)
    [task] = await inflow.tasks()

    assert f"silence:{held.id}" == task["waits_for"]
    assert (None, 0) == (task["held_until"], await inflow.shown())


async def test_it_is_reviewed_at_the_start_and_after_each_change(
    inflow: Inflow,
) -> None:
    """Until its process ends."""
    planned = at_work(inflow)
    await planned.take(planned.alert("a"))
    changed = asyncio.Event()
    live = LiveRoutes(lambda: inflow.routes, planned.routes)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = group.create_task(Review(inflow.web, live, changed).run())
        live.reload()
        changed.set()
        while (await inflow.tasks())[0]["held_until"]:  # noqa: ASYNC110 - rows
            await asyncio.sleep(0.02)
        running.cancel()

    assert inflow.routes is live.now


@pytest.mark.parametrize("where", [(planned, "review"), (directory, "list_scopes")])
async def test_a_fault_of_ours_ends_no_process(
    inflow: Inflow, monkeypatch: pytest.MonkeyPatch, where: tuple[ModuleType, str]
) -> None:
    """The next change is reviewed all the same."""
    reviewed = asyncio.Event()

    async def fail_once(*_asked: object) -> list[Scope]:
        if not reviewed.is_set():
            reviewed.set()
            raise LookupError("a bug")
        again.set()
        return []

    again, changed = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(*where, fail_once)
    live = LiveRoutes(lambda: inflow.routes, inflow.routes)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = group.create_task(Review(inflow.web, live, changed).run())
        await reviewed.wait()
        changed.set()
        await again.wait()
        running.cancel()

    assert again.is_set()


async def test_one_tenant_s_fault_puts_off_no_other_s(
    inflow: Inflow, scopes: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each environment is reviewed, whatever became of the one before it."""
    await scopes("zeta", "prod")
    seen: list[str] = []
    both = asyncio.Event()

    async def review_badly(_database: object, scope: Scope, _: object) -> int:
        seen.append(scope.tenant_id)
        if len(seen) > 1:
            both.set()
        raise LookupError("a bug")

    monkeypatch.setattr(planned, "review", review_badly)
    live = LiveRoutes(lambda: inflow.routes, inflow.routes)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = group.create_task(Review(inflow.web, live, asyncio.Event()).run())
        await both.wait()
        running.cancel()

    assert {inflow.rows.scope.tenant_id, "zeta"} == {*seen}


async def test_a_cool_down_outlives_a_review(inflow: Inflow) -> None:
    """No window set it, so the lack of one ends nothing."""
    inflow = await rested(inflow)
    held = await silence(inflow, 1, service="s")
    await inflow.take(inflow.alert("y", labels=labels("s")))
    await review(inflow.web, inflow.rows.scope, inflow.routes)
    await end_silence(inflow.web, inflow.rows.scope, held.short_id, by="ann")
    await sweep(inflow, 1)

    assert 1 == await inflow.shown()


@pytest.mark.parametrize("silenced", [False, True])
async def test_work_on_what_is_hidden_holds_on(
    inflow: Inflow, *, silenced: bool
) -> None:
    """The stored label is a pseudonym, which the window can't know: its id is kept."""
    planned = at_work(inflow, owner="alice@example.com")
    said = labels("s", owner="alice@example.com")
    if silenced:
        await silence(inflow, 1, service="s")
    await planned.take(planned.alert("a", labels=said))
    kept = await review(inflow.web, inflow.rows.scope, planned.routes)
    [held] = await inflow.tasks()
    await review(inflow.web, inflow.rows.scope, inflow.routes)
    [released] = await inflow.tasks()

    assert 0 == kept
    assert (True, None) == (bool(held["held_until"]), released["held_until"])


async def test_work_on_what_is_hidden_lets_go_sooner(inflow: Inflow) -> None:
    """When its window was shortened."""
    named = {"owner": "alice@example.com"}
    planned = at_work(inflow, **named)
    await planned.take(planned.alert("a", labels=labels("s", **named)))
    changed = replace(inflow.routes, maintenance=(window(inflow, hours=2, **named),))
    await review(inflow.web, inflow.rows.scope, changed)
    await sweep(inflow, 2 * 3600)

    assert 1 == await inflow.shown()


async def test_called_off_work_beside_other_work_lets_go(inflow: Inflow) -> None:
    """The group's window matches what is stored, so it is not taken for the other's."""
    h1, h2 = (window(inflow, host=name) for name in ("h1", "h2"))
    h2 = replace(h2, id="w2", lasts=2 * h2.lasts)
    both = replace(inflow, routes=replace(inflow.routes, maintenance=(h1, h2)))
    for name in ("h1", "h2"):
        await both.take(both.alert(name, labels=labels("s", host=name)))
    left = replace(inflow.routes, maintenance=(h1,))

    assert 1 == await review(inflow.web, inflow.rows.scope, left)
