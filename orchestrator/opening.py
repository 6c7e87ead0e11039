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

from orchestrator.durations import say_duration
from orchestrator.hold import (
    DEBOUNCE,
    MAINTENANCE,
    SILENCE,
    Wait,
    calm,
    find_silence,
    holds_beside,
    is_silence_over,
    longest,
    planned,
    silenced,
)
from orchestrator.routing import Route, Routes
from orchestrator.storms import CRITICAL_SHARE, PACE, Ask, Watch
from policy.alert import Alert, Severity
from policy.event import Event
from policy.task import TaskState
from storage import ledger, posts, rates, silences, tasks, threads
from storage.alerts import closes_when_resolved
from storage.database import Tx
from storage.ledger import Said
from storage.rates import Counted
from storage.silences import Silence
from storage.storms import find as find_storm
from storage.tasks import NewTask, Task

LOOKING = "looking at the evidence"
_STORM = "storm"
# A storm's folded groups are looked at again after so long, its critical ones sooner.
_STORM_SECONDS = 300
_STORM_CRITICAL_SECONDS = 20
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
    wait: Wait | None
    in_vain: int
    held_until: datetime | None = None

    @property
    def tired(self) -> bool:
        return self.in_vain >= self.opening.route.most_fixes

    @property
    def next_step(self) -> str:
        if not self.tired:
            return LOOKING
        window = say_duration(self.opening.route.fix_window)
        times = f"fixed {self.in_vain} times within {window}"
        return f"{times} and back again; {PERSON}"

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
        beside = planned(tx, one.alert, one.said, routes)
        if not urgent:
            beside += calm(tx.now, one.route.waits, ended.get(one.group_key))
        held = longest(beside)
        wait = longest(silenced(one.said, active) + beside)
        tired = in_vain >= one.route.most_fixes
        if wait is None and not tired:
            wait = await _fold(tx, one, routes, watch)
        plans.append(
            _Plan(
                one,
                wait.beside(held) if wait else None,
                in_vain,
                held.until if held else None,
            )
        )
    return plans


async def _fold(
    tx: Tx,
    opening: Opening,
    routes: Routes,
    watch: Watch,
    *,
    critical: bool = False,
    again: bool = False,
) -> Wait | None:
    """Say what the channel has it wait for; ``again``: it is counted as folded."""
    if opening.alert is None:
        return None
    ask = Ask(critical or opening.severity is Severity.critical, again)
    why = await watch.admit(tx, opening.route, routes.storm, ask)
    if why is None:
        return None
    # What waits for the pace is due at once: the sweeper takes the most severe first.
    seconds = 0 if why == PACE else _storm_seconds(critical=ask.critical)
    return Wait(tx.now + timedelta(seconds=seconds), why)


def _storm_seconds(*, critical: bool) -> int:
    return _STORM_CRITICAL_SECONDS if critical else _STORM_SECONDS


async def hasten(
    tx: Tx,
    task: Task,
    came: Sequence[Opening],
    routes: Routes,
    *,
    watch: Watch,
    active: Sequence[Silence],
) -> Task:
    """
    Let more alerts count for a task that waits: opened now, sooner, or later.

    ``active`` are the silences that hold now.

    What none of its waits would hold is not hidden by the group that it joins.
    """
    if task.opens_at is None:
        return task
    kind = _kind(task)
    if kind in {SILENCE, MAINTENANCE}:
        return await _unhold(tx, task, came, routes, watch=watch, active=active)
    urgent = [one for one in came if one.severity is Severity.critical]
    if urgent:
        return await _unhold(tx, task, urgent, routes, watch=watch, active=active)
    if kind == DEBOUNCE:
        waits = came[0].route.waits
        at = min(task.created_at + waits.longest, tx.now + waits.debounce)
        return await _wait(tx, task, Wait(at, DEBOUNCE))
    return task


def _kind(task: Task) -> str:
    return (task.waits_for or "").partition(":")[0]


async def _unhold(
    tx: Tx,
    task: Task,
    came: Sequence[Opening],
    routes: Routes,
    *,
    watch: Watch,
    active: Sequence[Silence],
) -> Task:
    """Judge each alert by itself: the one that is held shortest opens its group."""
    works = [planned(tx, one.alert, one.said, routes) for one in came]
    holds = [
        (longest(silenced(one.said, active) + work), one, work)
        for one, work in zip(came, works, strict=True)
    ]
    free = [one for held, one, _ in holds if held is None]
    if free:
        return await _release(tx, task, free, routes, watch)
    shortest, first, work = min(
        ((held, one, work) for held, one, work in holds if held),
        key=lambda one: one[0].until,
    )
    if task.opens_at is not None and shortest.until >= task.opens_at:
        return task
    beside = longest(work + await _quiet(tx, task, [first]))
    task = await _hold_until(tx, task, beside.until if beside else None)
    return await _wait(tx, task, shortest.beside(beside))


async def _release(
    tx: Tx, task: Task, free: Sequence[Opening], routes: Routes, watch: Watch
) -> Task:
    """
    Let a group go that got alerts which nothing holds: what held it does no more.

    Its own cool-down goes on, unless one is critical.
    """
    kind = _kind(task)
    task = await _hold_until(tx, task, None)
    urgent = any(one.severity is Severity.critical for one in free)
    wait = longest(await _quiet(tx, task, free)) or await _fold(
        tx, free[0], routes, watch, critical=urgent, again=kind == _STORM
    )
    if wait is None:
        return await _open(tx, task, why="an alert came that nothing holds")
    # What waits for its channel keeps its place.
    return task if kind in {_STORM, PACE} else await _wait(tx, task, wait)


async def _quiet(tx: Tx, task: Task, came: Sequence[Opening]) -> list[Wait]:
    """Give what calm the group of these waits for: none, if one of them is urgent."""
    tired = task.state is TaskState.escalated_to_human
    if tired or any(one.severity is Severity.critical for one in came):
        return []
    ended = await tasks.find_last_ends(tx, [task.group_key])
    return calm(tx.now, came[0].route.waits, ended.get(task.group_key))


async def _hold_until(tx: Tx, task: Task, until: datetime | None) -> Task:
    """Say until when it is held beside a silence."""
    if until == task.held_until:
        return task
    await tasks.change(tx, task.id, {"held_until": until})
    return replace(task, held_until=until)


async def _wait(tx: Tx, task: Task, wait: Wait) -> Task:
    values = {"opens_at": wait.until, "waits_for": wait.why}
    await tasks.change(tx, task.id, values)
    return replace(task, opens_at=wait.until, waits_for=wait.why)


async def open_due(tx: Tx, task_id: UUID) -> None:
    """Open a task whose wait is over, unless there is more to wait for."""
    task = await tasks.get(tx, task_id, lock=True)
    if task.opens_at is None or task.closed_at is not None:
        return
    if task.opens_at > tx.now and not await is_silence_over(tx, task):
        return
    more = await _more(tx, task)
    if more is not None:
        await _wait(tx, task, more)
        return
    why = f"waited for {_kind(task)}"
    opened = await _open(tx, task, why=why)
    await posts.post_root(tx, opened, next_step=first_step(opened))
    rate = await rates.read(tx, task.channel)
    await rates.count(tx, task.channel, Counted(paced=1), most=rate.most)


def first_step(task: Task) -> str:
    """Say what comes next for a task that was opened just now."""
    return PERSON if task.state is TaskState.escalated_to_human else LOOKING


async def _more(tx: Tx, task: Task) -> Wait | None:
    """Give what still speaks against opening: calm, a silence, work, the pace."""
    now_waits_for = task.waits_for or ""
    if task.quiet_at is not None and closes_when_resolved(task.state):
        return Wait(max(task.quiet_at, tx.now) + _AFTER_QUIET, now_waits_for)
    held = None
    if task.held_until is not None and task.held_until > tx.now:
        held = Wait(task.held_until, holds_beside(task) or now_waits_for)
    silence = await find_silence(tx, task.id)
    if silence is not None:
        return Wait(silence.ends_at, f"{SILENCE}:{silence.id}").beside(held)
    if held is not None:
        return held
    rate = await rates.read(tx, task.channel)
    critical = task.severity is Severity.critical
    share = CRITICAL_SHARE if critical else 1
    if rate.opened + rate.paced < rate.most * share:
        return None
    storm = await find_storm(tx, task.channel)
    folded = storm is not None and now_waits_for == f"storm:{storm.task_id}"
    if folded:
        seconds = _storm_seconds(critical=critical)
        return Wait(tx.now + timedelta(seconds=seconds), now_waits_for)
    # All sleep until the same instant: no mild one is due while a severe one sleeps.
    free_at = await rates.find_free(tx, task.channel, most=rate.most * share)
    return Wait(free_at, now_waits_for)


async def _open(tx: Tx, task: Task, *, why: str) -> Task:
    """Let people and workers see it; the caller posts it."""
    await tasks.change(tx, task.id, {"opens_at": None, "waits_for": None})
    await ledger.append(
        tx, Event.task_opened, actor="autopilot", task_id=task.id, body={"why": why}
    )
    return replace(task, opens_at=None, waits_for=None)
