"""
When a new group's task opens: at once, or after what it waits for.

Theory of operation. The task is there with its first alert, so that nothing is lost and
everything can be found; until ``opens_at`` it has no message and no run. It waits out a
silence or planned work, the end of a storm, its group's cool-down, and for more alerts
of its group (debounce). A critical alert waits for neither of the last two. What
resolves meanwhile closes without a word to anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orchestrator.routing import Route, Routes, Waits
from orchestrator.silencing import covers
from orchestrator.storms import Watch
from policy.alert import Alert, Severity
from policy.event import Event
from policy.task import TaskState
from storage import alerts, ledger, posts, silences, tasks, threads
from storage.database import Tx
from storage.silences import Silence
from storage.storms import find as find_storm
from storage.tasks import NewTask, Task

LOOKING = "looking at the evidence"
DEBOUNCE = "debounce"
_COOL_DOWN = "cool_down"
# How often what a storm folds is looked at again, should its end be missed.
_STORM_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a task is opened, by whom, and the alert that it begins with."""

    route: Route
    title: str
    severity: Severity
    service: str | None
    opened_by: str
    group_key: str
    alert: Alert | None = None

    @staticmethod
    def by_alert(alert: Alert, route: Route, group_key: str) -> "Opening":
        return Opening(
            route=route,
            title=alert.title,
            severity=alert.severity,
            service=alert.service,
            opened_by=f"alert {alert.source}",
            group_key=group_key,
            alert=alert,
        )


@dataclass(frozen=True, slots=True)
class _Wait:
    until: datetime
    why: str


async def open_task(
    tx: Tx, opening: Opening, routes: Routes, watch: Watch | None = None
) -> UUID:
    """Make the task and its thread; it is posted unless it waits."""
    in_vain = 0
    wait: _Wait | None = None
    if opening.alert is not None:
        since = tx.now - opening.route.fix_window
        in_vain = await tasks.count_fixed(tx, opening.group_key, since=since)
    tired = in_vain >= opening.route.most_fixes
    if opening.alert is not None:
        urgent = tired or opening.severity is Severity.critical
        wait = await _wait(tx, opening, opening.alert, routes, urgent=urgent)
        if wait is None and watch is not None:
            wait = await _fold(tx, opening, routes, watch)
    task = await _create(tx, opening, wait, tired=tired)
    step = LOOKING
    if tired:
        step = (
            f"fixed {in_vain} times within {_span(opening.route.fix_window)} and back "
            "again: nothing more is tried, a person decides"
        )
    await posts.post_root(tx, task, next_step=step)
    return task.id


async def hasten(tx: Tx, task_id: UUID, waits: Waits, *, critical: bool) -> None:
    """Let one more alert count for a task that waits: opened now, or later."""
    task = await tasks.get(tx, task_id)
    if task.opens_at is None or task.waits_for not in {DEBOUNCE, _COOL_DOWN}:
        return
    if critical:
        await open_now(tx, task, why="a critical alert came")
    elif task.waits_for == DEBOUNCE:
        latest = task.created_at + waits.longest
        at = min(latest, tx.now + waits.debounce)
        await tasks.change(tx, task_id, {"opens_at": at})


async def open_due(tx: Tx, task_id: UUID) -> None:
    """Open a task whose wait is over, unless there is more to wait for."""
    task = await tasks.get(tx, task_id, lock=True)
    if task.opens_at is None or task.closed_at is not None or task.opens_at > tx.now:
        return
    storm = await find_storm(tx, task.channel)
    if storm is not None and task.waits_for == f"storm:{storm.task_id}":
        later = tx.now + timedelta(seconds=_STORM_SECONDS)
        await tasks.change(tx, task_id, {"opens_at": later})
        return
    silence = await _find_silence(tx, task_id)
    if silence is not None:
        values = {"opens_at": silence.ends_at, "waits_for": f"silence:{silence.id}"}
        await tasks.change(tx, task_id, values)
        return
    await open_now(tx, task, why=f"waited for {(task.waits_for or '').split(':')[0]}")


async def open_now(tx: Tx, task: Task, *, why: str) -> None:
    """Let people and workers see it."""
    await tasks.change(tx, task.id, {"opens_at": None, "waits_for": None})
    await ledger.append(
        tx, Event.task_opened, actor="autopilot", task_id=task.id, body={"why": why}
    )
    await posts.post_root(tx, await tasks.get(tx, task.id), next_step=LOOKING)


async def _wait(
    tx: Tx, opening: Opening, alert: Alert, routes: Routes, *, urgent: bool
) -> _Wait | None:
    """Give what holds this longest; None if it opens at once."""
    found = [
        _Wait(one.ends_at, f"silence:{one.id}")
        for one in await silences.list_active(tx)
        if covers(one, alert.labels)
    ]
    planned = routes.find_maintenance(
        alert.source,
        alert.labels,
        severity=alert.severity,
        tenant_id=tx.here.tenant_id,
        now=tx.now,
    )
    if planned is not None:
        found.append(_Wait(planned[1], f"maintenance:{planned[0].id}"))
    waits = opening.route.waits
    if waits.debounce and not urgent:
        found.append(_Wait(tx.now + waits.debounce, DEBOUNCE))
    if waits.cool_down and not urgent:
        ended_at = await tasks.find_last_end(tx, opening.group_key)
        if ended_at is not None and ended_at + waits.cool_down > tx.now:
            found.append(_Wait(ended_at + waits.cool_down, _COOL_DOWN))
    return max(found, key=lambda one: one.until) if found else None


async def _fold(tx: Tx, opening: Opening, routes: Routes, watch: Watch) -> _Wait | None:
    critical = opening.severity is Severity.critical
    storm_id = await watch.admit(tx, opening.route, routes.storm, critical=critical)
    if storm_id is None:
        return None
    return _Wait(tx.now + timedelta(seconds=_STORM_SECONDS), f"storm:{storm_id}")


async def _create(tx: Tx, opening: Opening, wait: _Wait | None, *, tired: bool) -> Task:
    route = opening.route
    task = await tasks.create(
        tx,
        NewTask(
            kind=route.kind,
            title=opening.title[:300],
            severity=opening.severity,
            service=opening.service,
            agent=route.agent.name,
            agent_version=route.agent.version,
            agent_digest=route.agent.digest,
            channel=route.channel,
            opened_by=opening.opened_by,
            level="",
            group_key=opening.group_key,
            state=TaskState.escalated_to_human if tired else TaskState.queued,
            opens_at=wait.until if wait else None,
            waits_for=wait.why if wait else None,
            people=route.people,
        ),
    )
    await threads.open_thread(tx, task.id, route.channel)
    await ledger.append(
        tx,
        Event.task_created,
        actor=opening.opened_by,
        task_id=task.id,
        body={
            "kind": task.kind,
            "title": task.title,
            "severity": task.severity,
            "service": opening.service,
            "route": route.id,
            "agent": f"{route.agent.name} {route.agent.version}",
            "agent_digest": route.agent.digest,
            "alert": opening.alert.fingerprint if opening.alert else None,
            "correlation_id": task.correlation_id,
            "waits_for": task.waits_for,
            "born": task.state,
        },
    )
    return task


async def _find_silence(tx: Tx, task_id: UUID) -> Silence | None:
    """Give a silence that holds every alert of the task that still fires."""
    active = await silences.list_active(tx)
    if not active:
        return None
    firing = await alerts.list_firing_labels(tx, task_id)
    if not firing:
        return None
    return next(
        (one for one in active if all(covers(one, labels) for labels in firing)), None
    )


def _span(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"
