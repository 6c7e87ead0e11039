"""
Alerts of one scope become tasks, many in one transaction.

Theory of operation. The groups are locked in one order, receipts and alerts are stored
by one statement each, and what is new is put to the open task of its alert, else of its
group, else opens one. A task is touched once, however many of its alerts came: one
ledger entry, one edit of its root message. A storm costs what its groups cost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from orchestrator.opening import Opening, hasten, open_task
from orchestrator.routing import Route, Routes
from orchestrator.storms import Watch
from policy.alert import Alert, AlertStatus, Severity
from policy.event import Event
from storage import alerts, inbox, ledger, posts, tasks
from storage.alerts import StoredAlert, closes_when_resolved
from storage.database import Tx
from storage.inbox import Delivery

# A ledger entry names so many alerts, and counts the rest.
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert as it may be stored, with the route that it takes."""

    alert: Alert
    route: Route

    @property
    def group_key(self) -> str:
        return self.route.group_key(self.alert.labels, self.alert.fingerprint)

    @property
    def receipt(self) -> Delivery:
        """The same fingerprint, start and status come in once."""
        alert = self.alert
        return Delivery(
            source=alert.source,
            delivery_id=(
                f"{alert.fingerprint}:{alert.starts_at.timestamp():.0f}:{alert.status}"
            ),
            kind="alert",
            payload={"fingerprint": alert.fingerprint, "status": alert.status},
            state="done",
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What became of an arrival, and the task that it belongs to.

    ``word``: opened, added, resolved, repeated (it came before), or late (news of an
    episode that is over).
    """

    word: str
    task_id: UUID | None = None


@dataclass(slots=True)
class _Touched:
    """What one transaction brings to a task."""

    route: Route
    fired: list[StoredAlert] = field(default_factory=list)
    resolved: list[StoredAlert] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """Where the alerts of one transaction go: known tasks by alert and by group."""

    tx: Tx
    routes: Routes
    watch: Watch
    of_alert: dict[UUID, UUID]
    of_group: dict[str, UUID]
    touched: dict[UUID, _Touched] = field(default_factory=dict)

    async def place(self, one: Arrival, alert: StoredAlert) -> Taken:
        """Put one alert to its task, or open one."""
        self.watch.count(one.route)
        task_id = self.of_alert.get(alert.id)
        if alert.status is AlertStatus.resolved:
            if task_id is not None:
                self._touch(task_id, one.route).resolved.append(alert)
            return Taken("resolved", task_id)
        task_id = task_id or self.of_group.get(one.group_key)
        word = "added"
        if task_id is None:
            opening = Opening.by_alert(one.alert, one.route, one.group_key)
            task_id = await open_task(self.tx, opening, self.routes, self.watch)
            word = "opened"
        else:
            self._touch(task_id, one.route).fired.append(alert)
        self.of_alert[alert.id] = self.of_group[one.group_key] = task_id
        return Taken(word, task_id)

    def _touch(self, task_id: UUID, route: Route) -> _Touched:
        return self.touched.setdefault(task_id, _Touched(route))


async def take(tx: Tx, arrivals: Sequence[Arrival], routes: Routes) -> list[Taken]:
    """Take alerts in, in the order given; gives what became of each."""
    await alerts.lock_groups(tx, [one.group_key for one in arrivals])
    taken = [Taken("repeated")] * len(arrivals)
    fresh = await _receive(tx, arrivals)
    if not fresh:
        return taken
    stored = await _store(tx, [arrivals[place] for place in fresh])
    known = [one.id for one in stored if one is not None]
    keys = [arrivals[place].group_key for place in fresh]
    batch = _Batch(
        tx,
        routes,
        await Watch.of(tx, [arrivals[place].route for place in fresh]),
        dict(await alerts.find_open_tasks(tx, known)),
        dict(await alerts.find_group_tasks(tx, keys)),
    )
    for place, alert in zip(fresh, stored, strict=True):
        taken[place] = (
            Taken("late")
            if alert is None
            else await batch.place(arrivals[place], alert)
        )
    await alerts.link(tx, [(task, alert) for alert, task in batch.of_alert.items()])
    for task_id, brought in batch.touched.items():
        await _bring(tx, task_id, brought)
    await batch.watch.close(tx, routes.storm)
    return taken


async def _receive(tx: Tx, arrivals: Sequence[Arrival]) -> list[int]:
    """Store the receipts; give the places of those that came for the first time."""
    receipts = [one.receipt for one in arrivals]
    first = {
        (one.source, one.delivery_id): place for place, one in _from_last(receipts)
    }
    new = await inbox.receive_all(tx, [receipts[place] for place in first.values()])
    return sorted(first[key] for key in new)


def _from_last(receipts: Sequence[Delivery]) -> Iterator[tuple[int, Delivery]]:
    """Go backwards, so that the first of several alike is the one that stays."""
    for place in range(len(receipts) - 1, -1, -1):
        yield place, receipts[place]


async def _store(tx: Tx, arrivals: Sequence[Arrival]) -> list[StoredAlert | None]:
    """Store alerts in their order; None for each that is late."""
    found: list[StoredAlert | None] = [None] * len(arrivals)
    left = list(range(len(arrivals)))
    while left:
        # A statement may touch a row once: what comes twice goes in turns.
        turn = {arrivals[place].alert.fingerprint: place for place in reversed(left)}
        kept = await alerts.upsert(
            tx, [arrivals[place].alert for place in turn.values()]
        )
        for fingerprint, place in turn.items():
            found[place] = kept.get(fingerprint)
        left = [place for place in left if place not in turn.values()]
    return found


async def _bring(tx: Tx, task_id: UUID, brought: _Touched) -> None:
    """Tell a task of its alerts: row, ledger and root message, once."""
    next_step = ""
    if brought.fired:
        await tasks.change(tx, task_id, {"quiet_at": None})
        await ledger.append(
            tx,
            Event.task_alert_added,
            actor=f"alert {brought.fired[0].source}",
            task_id=task_id,
            body=_named(brought.fired),
        )
        critical = any(one.severity is Severity.critical for one in brought.fired)
        await hasten(tx, task_id, brought.route.waits, critical=critical)
    if brought.resolved:
        next_step = await _resolve(tx, task_id, brought)
    await posts.post_root(tx, await tasks.get(tx, task_id), next_step=next_step)


async def _resolve(tx: Tx, task_id: UUID, brought: _Touched) -> str:
    """Start the quiet time once the last firing alert has resolved."""
    quiet = not await alerts.is_firing(tx, task_id)
    seconds = brought.route.quiet_seconds
    later = tx.now + timedelta(seconds=seconds)
    await tasks.change(tx, task_id, {"quiet_at": later if quiet else None})
    await ledger.append(
        tx,
        Event.task_alert_resolved,
        actor=f"alert {brought.resolved[0].source}",
        task_id=task_id,
        body={**_named(brought.resolved), "all_resolved": quiet},
    )
    task = await tasks.get(tx, task_id)
    waits = quiet and closes_when_resolved(task.state)
    return f"all alerts resolved; closes in {seconds} s" if waits else ""


def _named(found: Sequence[StoredAlert]) -> dict[str, object]:
    names = list(dict.fromkeys(one.fingerprint for one in found))
    return {"alerts": names[:_MOST_NAMED], "count": len(found)}
