"""
When a new group's task opens: at once, or after what it waits for.

Theory of operation. The task is there with its first alert, so that nothing is lost and
everything can be found; until ``opens_at`` it has no message and no run. It waits out a
silence or planned work, the end of a storm, its group's cool-down, and for more alerts
of its group (debounce). A critical alert waits for neither of the last two. What
resolves meanwhile closes without a word to anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from orchestrator.routing import Route, Routes
from orchestrator.silencing import covers
from orchestrator.storms import CRITICAL_SHARE, Watch
from policy.alert import Alert, Severity
from policy.event import Event
from policy.task import TaskState
from storage import alerts, ledger, posts, rates, silences, tasks, threads
from storage.alerts import closes_when_resolved
from storage.database import Tx
from storage.ledger import Said
from storage.silences import Silence
from storage.storms import find as find_storm
from storage.tasks import NewTask, Task

LOOKING = "looking at the evidence"
DEBOUNCE = "debounce"
_COOL_DOWN = "cool_down"
_SILENCE, _MAINTENANCE = "silence", "maintenance"
# A storm's folded groups are looked at again after the first, what else waits for the
# channel's pace after the second.
_STORM_SECONDS = 300
_PACE_SECONDS = 15
# What resolved while it waited closes with its quiet time, and opens for nobody.
_AFTER_QUIET = timedelta(seconds=60)
PERSON = "nothing more is tried: a person decides"


@dataclass(frozen=True, slots=True)
class Opening:
    """
    Why a task is opened, by whom, and the alert that it begins with.

    ``said`` are the alert's labels as its sender wrote them: silences and planned work
    name those. They are stored nowhere.
    """

    route: Route
    title: str
    severity: Severity
    service: str | None
    opened_by: str
    group_key: str
    alert: Alert | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def by_alert(
        alert: Alert, route: Route, group_key: str, said: Mapping[str, str]
    ) -> "Opening":
        return Opening(
            route=route,
            title=alert.title,
            severity=alert.severity,
            service=alert.service,
            opened_by=f"alert {alert.source}",
            group_key=group_key,
            alert=alert,
            said=said,
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
    """
    A task to be: what it waits for, and how often its group was fixed in vain.

    ``held_until`` is the end of what holds it beside a silence.
    """

    opening: Opening
    wait: _Wait | None
    in_vain: int
    held_until: datetime | None = None

    @property
    def tired(self) -> bool:
        return self.in_vain >= self.opening.route.most_fixes

    @property
    def next_step(self) -> str:
        if not self.tired:
            return LOOKING
        return (
            f"fixed {self.in_vain} times within {_span(self.opening.route.fix_window)} "
            f"and back again; {PERSON}"
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
            held_until=self.held_until,
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
        beside = _planned(tx, one, routes)
        if not urgent:
            beside += _calm(tx.now, one, ended.get(one.group_key))
        held = max((each.until for each in beside), default=None)
        wait = _longest(_silenced(one, active) + beside)
        tired = in_vain >= one.route.most_fixes
        if wait is None and not tired:
            wait = await _fold(tx, one, routes, watch)
        plans.append(_Plan(one, wait, in_vain, held))
    return plans


def _longest(found: Sequence[_Wait]) -> _Wait | None:
    return max(found, key=lambda one: one.until) if found else None


def _silenced(opening: Opening, active: Sequence[Silence]) -> list[_Wait]:
    return [
        _Wait(one.ends_at, f"{_SILENCE}:{one.id}")
        for one in active
        if covers(one, opening.said)
    ]


def _planned(tx: Tx, opening: Opening, routes: Routes) -> list[_Wait]:
    alert = opening.alert
    if alert is None or not routes.maintenance:
        return []
    found = routes.find_maintenance(
        alert.source,
        opening.said,
        severity=alert.severity,
        tenant_id=tx.here.tenant_id,
        now=tx.now,
    )
    return [_Wait(found[1], f"{_MAINTENANCE}:{found[0].id}")] if found else []


def _calm(now: datetime, opening: Opening, ended_at: datetime | None) -> list[_Wait]:
    """Give the waits for more of the group, and for its cool-down."""
    waits = opening.route.waits
    found = [_Wait(now + waits.debounce, DEBOUNCE)] if waits.debounce else []
    if ended_at is not None and ended_at + waits.cool_down > now:
        found.append(_Wait(ended_at + waits.cool_down, _COOL_DOWN))
    return found


async def _fold(
    tx: Tx, opening: Opening, routes: Routes, watch: Watch, *, critical: bool = False
) -> _Wait | None:
    if opening.alert is None:
        return None
    critical = critical or opening.severity is Severity.critical
    storm_id = await watch.admit(tx, opening.route, routes.storm, critical=critical)
    if storm_id is None:
        return None
    return _Wait(tx.now + timedelta(seconds=_STORM_SECONDS), f"storm:{storm_id}")


async def hasten(
    tx: Tx, task: Task, came: Sequence[Opening], routes: Routes, watch: Watch
) -> Task:
    """
    Let more alerts count for a task that waits: opened now, sooner, or later.

    What none of its waits would hold is not hidden by the group that it joins.
    """
    if task.opens_at is None:
        return task
    urgent = any(one.severity is Severity.critical for one in came)
    kind = (task.waits_for or "").partition(":")[0]
    if kind in {_SILENCE, _MAINTENANCE}:
        return await _unhold(tx, task, came, routes, watch)
    if urgent and kind in {DEBOUNCE, _COOL_DOWN}:
        return await _open(tx, task, why="a critical alert came")
    if urgent:
        folded = await _fold(tx, came[0], routes, watch, critical=True)
        if folded is None:
            return await _open(tx, task, why="a critical alert came")
    elif kind == DEBOUNCE:
        waits = came[0].route.waits
        at = min(task.created_at + waits.longest, tx.now + waits.debounce)
        return await _wait(tx, task, _Wait(at, DEBOUNCE))
    return task


async def _unhold(
    tx: Tx, task: Task, came: Sequence[Opening], routes: Routes, watch: Watch
) -> Task:
    """Judge each alert by itself: the one that is held shortest opens its group."""
    active = await silences.list_active(tx)
    holds = [
        _longest(_silenced(one, active) + _planned(tx, one, routes)) for one in came
    ]
    free = [one for one, held in zip(came, holds, strict=True) if held is None]
    if not free:
        shortest = min((one for one in holds if one), key=lambda one: one.until)
        sooner = task.opens_at is None or shortest.until < task.opens_at
        return await _wait(tx, task, shortest) if sooner else task
    urgent = any(one.severity is Severity.critical for one in free)
    calm = [] if urgent else _calm(tx.now, free[0], None)
    wait = _longest(calm) or await _fold(tx, free[0], routes, watch, critical=urgent)
    if wait is not None:
        return await _wait(tx, task, wait)
    return await _open(tx, task, why="an alert came that nothing holds")


async def _wait(tx: Tx, task: Task, wait: _Wait) -> Task:
    values = {"opens_at": wait.until, "waits_for": wait.why}
    await tasks.change(tx, task.id, values)
    return replace(task, opens_at=wait.until, waits_for=wait.why)


async def open_due(tx: Tx, task_id: UUID) -> None:
    """Open a task whose wait is over, unless there is more to wait for."""
    task = await tasks.get(tx, task_id, lock=True)
    if task.opens_at is None or task.closed_at is not None or task.opens_at > tx.now:
        return
    more = await _more(tx, task)
    if more is not None:
        await _wait(tx, task, more)
        return
    why = f"waited for {(task.waits_for or '').partition(':')[0]}"
    opened = await _open(tx, task, why=why)
    await posts.post_root(tx, opened, next_step=first_step(opened))
    rate = await rates.read(tx, task.channel)
    await rates.count(tx, task.channel, alerts=0, opened=1, most=rate.most)


def first_step(task: Task) -> str:
    """Say what comes next for a task that was opened just now."""
    return PERSON if task.state is TaskState.escalated_to_human else LOOKING


async def _more(tx: Tx, task: Task) -> _Wait | None:
    """Give what still speaks against opening: calm, a silence, work, the pace."""
    now_waits_for = task.waits_for or ""
    if task.quiet_at is not None and closes_when_resolved(task.state):
        return _Wait(max(task.quiet_at, tx.now) + _AFTER_QUIET, now_waits_for)
    silence = await _find_silence(tx, task.id)
    if silence is not None:
        return _Wait(silence.ends_at, f"{_SILENCE}:{silence.id}")
    if task.held_until is not None and task.held_until > tx.now:
        return _Wait(task.held_until, _MAINTENANCE)
    rate = await rates.read(tx, task.channel)
    share = CRITICAL_SHARE if task.severity is Severity.critical else 1
    if rate.opened < rate.most * share:
        return None
    storm = await find_storm(tx, task.channel)
    folded = storm is not None and now_waits_for == f"storm:{storm.task_id}"
    seconds = _STORM_SECONDS if folded else _PACE_SECONDS
    return _Wait(tx.now + timedelta(seconds=seconds), now_waits_for)


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
