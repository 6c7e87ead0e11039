"""
When a new group's task opens: at once, or after what it waits for.

Theory of operation. The task is there with its first alert, so that nothing is lost and
everything can be found; until ``opens_at`` it has no message and no run. It waits out a
silence or planned work, the end of a storm, its group's cool-down, and for more alerts
of its group (debounce). A critical alert waits for neither of the last two. What
resolves meanwhile closes without a word to anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from storage.ledger import Said
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


async def open_task(tx: Tx, opening: Opening, routes: Routes) -> Task:
    """Make one task that a person asked for."""
    [task] = await open_tasks(tx, [opening], routes, Watch())
    return task


async def open_tasks(
    tx: Tx, openings: Sequence[Opening], routes: Routes, watch: Watch
) -> list[Task]:
    """Make tasks and their threads, in their order; each is posted unless it waits."""
    plans = await _plan(tx, openings, routes, watch)
    made = await tasks.create_all(tx, [one.new_task() for one in plans])
    await threads.open_threads(tx, {task.id: task.channel for task in made})
    pairs = list(zip(plans, made, strict=True))
    await ledger.append_all(tx, [plan.entry(task) for plan, task in pairs])
    await posts.post_roots(tx, [(task, plan.next_step) for plan, task in pairs])
    return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """A task to be: what it waits for, and how often its group was fixed in vain."""

    opening: Opening
    wait: _Wait | None
    in_vain: int

    @property
    def tired(self) -> bool:
        return self.in_vain >= self.opening.route.most_fixes

    @property
    def next_step(self) -> str:
        if not self.tired:
            return LOOKING
        return (
            f"fixed {self.in_vain} times within {_span(self.opening.route.fix_window)} "
            "and back again: nothing more is tried, a person decides"
        )

    def new_task(self) -> NewTask:
        opening, route = self.opening, self.opening.route
        return NewTask(
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
            state=TaskState.escalated_to_human if self.tired else TaskState.queued,
            opens_at=self.wait.until if self.wait else None,
            waits_for=self.wait.why if self.wait else None,
            alerts=1 if opening.alert else 0,
            people=route.people,
        )

    def entry(self, task: Task) -> Said:
        opening, route = self.opening, self.opening.route
        body = {
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
        }
        return Said(Event.task_created, opening.opened_by, task.id, body)


async def _plan(
    tx: Tx, openings: Sequence[Opening], routes: Routes, watch: Watch
) -> list[_Plan]:
    """Say of each what it waits for; a person's own request waits for nothing."""
    by_alert = [one for one in openings if one.alert is not None]
    if not by_alert:
        return [_Plan(one, None, 0) for one in openings]
    active = await silences.list_active(tx)
    fixed = await tasks.count_fixed(
        tx, {one.group_key: tx.now - one.route.fix_window for one in by_alert}
    )
    ended = await tasks.find_last_ends(
        tx, [one.group_key for one in by_alert if one.route.waits.cool_down]
    )
    plans = []
    for one in openings:
        in_vain = fixed.get(one.group_key, 0)
        urgent = one.severity is Severity.critical or in_vain >= one.route.most_fixes
        found = _silenced(one, active) + _planned(tx, one, routes)
        if not urgent:
            found += _calm(tx.now, one, ended.get(one.group_key))
        wait = max(found, key=lambda each: each.until) if found else None
        if wait is None:
            wait = await _fold(tx, one, routes, watch)
        plans.append(_Plan(one, wait, in_vain))
    return plans


def _silenced(opening: Opening, active: Sequence[Silence]) -> list[_Wait]:
    labels = opening.alert.labels if opening.alert else {}
    return [
        _Wait(one.ends_at, f"silence:{one.id}") for one in active if covers(one, labels)
    ]


def _planned(tx: Tx, opening: Opening, routes: Routes) -> list[_Wait]:
    alert = opening.alert
    if alert is None or not routes.maintenance:
        return []
    found = routes.find_maintenance(
        alert.source,
        alert.labels,
        severity=alert.severity,
        tenant_id=tx.here.tenant_id,
        now=tx.now,
    )
    return [_Wait(found[1], f"maintenance:{found[0].id}")] if found else []


def _calm(now: datetime, opening: Opening, ended_at: datetime | None) -> list[_Wait]:
    """Give the waits for more of the group, and for its cool-down."""
    waits = opening.route.waits
    found = [_Wait(now + waits.debounce, DEBOUNCE)] if waits.debounce else []
    if ended_at is not None and ended_at + waits.cool_down > now:
        found.append(_Wait(ended_at + waits.cool_down, _COOL_DOWN))
    return found


async def _fold(tx: Tx, opening: Opening, routes: Routes, watch: Watch) -> _Wait | None:
    if opening.alert is None:
        return None
    critical = opening.severity is Severity.critical
    storm_id = await watch.admit(tx, opening.route, routes.storm, critical=critical)
    if storm_id is None:
        return None
    return _Wait(tx.now + timedelta(seconds=_STORM_SECONDS), f"storm:{storm_id}")


async def hasten(tx: Tx, task: Task, waits: Waits, *, critical: bool) -> Task:
    """Let one more alert count for a task that waits: opened now, or later."""
    if task.opens_at is None or task.waits_for not in {DEBOUNCE, _COOL_DOWN}:
        return task
    if critical:
        return await _open(tx, task, why="a critical alert came")
    if task.waits_for == DEBOUNCE:
        latest = task.created_at + waits.longest
        at = min(latest, tx.now + waits.debounce)
        await tasks.change(tx, task.id, {"opens_at": at})
        return replace(task, opens_at=at)
    return task


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
    why = f"waited for {(task.waits_for or '').split(':')[0]}"
    await posts.post_root(tx, await _open(tx, task, why=why), next_step=LOOKING)


async def _open(tx: Tx, task: Task, *, why: str) -> Task:
    """Let people and workers see it; the caller posts it."""
    await tasks.change(tx, task.id, {"opens_at": None, "waits_for": None})
    await ledger.append(
        tx, Event.task_opened, actor="autopilot", task_id=task.id, body={"why": why}
    )
    return replace(task, opens_at=None, waits_for=None)


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
