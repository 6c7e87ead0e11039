"""
Alerts of one scope become tasks, many in one transaction.

Theory of operation. The groups are locked in one order, receipts and alerts are stored
by one statement each, and what is new is put to the open task of its alert, else of its
group, else opens one. A task is touched once, however many of its alerts came: one
ledger entry, one edit of its root message. A storm costs what its groups cost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from orchestrator.opening import Opening, first_step, hasten, open_tasks
from orchestrator.routing import Route, Routes
from orchestrator.storms import Watch
from policy.alert import Alert, AlertStatus, Severity
from policy.event import Event
from storage import alerts, inbox, ledger, posts, silences, tasks
from storage.alerts import AGAIN_AFTER, StoredAlert, closes_when_resolved
from storage.database import Tx
from storage.flares import Why, post_flare
from storage.inbox import Delivery
from storage.ledger import Said
from storage.tasks import Fired, Task

# A ledger entry names so many alerts, and counts the rest.
_MOST_NAMED = 20
# What flaps pings once in so long, however short its route's quiet time is.
_FLARE_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    An alert as it may be stored, with the route that it takes.

    ``said`` are its labels as the sender wrote them; they are stored nowhere.
    ``came_by`` is the environment of its endpoint where that is another one.
    """

    alert: Alert
    route: Route
    said: Mapping[str, str]
    came_by: str = ""

    @property
    def group_key(self) -> str:
        return self.route.group_key(self.alert.labels, self.alert.fingerprint)

    @property
    def calm(self) -> timedelta:
        """How long its group is left alone once closed; not at all if critical."""
        is_critical = self.alert.severity is Severity.critical
        return timedelta(0) if is_critical else self.route.waits.cool_down

    @property
    def opening(self) -> Opening:
        return Opening.by_alert(self.alert, self.route, self.group_key, self.said)

    @property
    def receipt(self) -> Delivery:
        """The same fingerprint, start, status, severity and end come in once."""
        alert = self.alert
        parts = [alert.fingerprint, f"{alert.starts_at.timestamp():.0f}", alert.status]
        if alert.status is AlertStatus.firing:
            parts.append(alert.severity)
        if alert.ends_at is not None:
            # What was opened again and ends again began when it first did.
            parts.append(f"{alert.ends_at.timestamp():.0f}")
        return Delivery(
            source=alert.source,
            delivery_id=":".join(parts),
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
    """What one transaction brings to a task, be it there or to be opened."""

    route: Route
    task_id: UUID | None = None
    opening: Opening | None = None
    fired: list[StoredAlert] = field(default_factory=list)
    came: list[Opening] = field(default_factory=list)
    resolved: list[StoredAlert] = field(default_factory=list)

    @property
    def summed(self) -> Fired:
        worst = min((one.severity for one in self.fired), key=lambda one: one.rank)
        return Fired(len(self.fired), worst)


@dataclass(slots=True)
class _Batch:
    """Where the alerts of one transaction go: known tasks by alert and by group."""

    of_alert: dict[UUID, UUID]
    of_group: dict[str, UUID]
    touched: dict[UUID | str, _Touched] = field(default_factory=dict)
    # By alert: the group whose task is only opened by this transaction.
    opened_for: dict[UUID, str] = field(default_factory=dict)

    def place(self, one: Arrival, alert: StoredAlert) -> tuple[str, _Touched | None]:
        """Put one alert to its task, or to one that is to be opened."""
        key = one.group_key
        home = self.of_alert.get(alert.id) or self.opened_for.get(alert.id)
        if alert.status is AlertStatus.resolved:
            if home is None:
                return "resolved", None
            touched = self._touch(home, one.route)
            touched.resolved.append(alert)
            return "resolved", touched
        home = home or self.of_group.get(key) or key
        if isinstance(home, UUID):
            self.of_alert[alert.id] = home
        else:
            self.opened_for[alert.id] = home
        touched = self._touch(home, one.route)
        if touched.task_id is None and touched.opening is None:
            touched.opening = one.opening
            return "opened", touched
        touched.fired.append(alert)
        touched.came.append(one.opening)
        return "added", touched

    def _touch(self, home: UUID | str, route: Route) -> _Touched:
        if home not in self.touched:
            known = home if isinstance(home, UUID) else None
            self.touched[home] = _Touched(route, known)
        return self.touched[home]


async def take(tx: Tx, arrivals: Sequence[Arrival], routes: Routes) -> list[Taken]:
    """Take alerts in, in the order given; gives what became of each."""
    await alerts.lock_groups(tx, [one.group_key for one in arrivals])
    fresh = await _receive(tx, arrivals)
    fresh = sorted({*fresh, *await _find_forsaken(tx, arrivals, set(fresh))})
    if not fresh:
        return [Taken("repeated")] * len(arrivals)
    stored = await alerts.upsert(
        tx,
        [arrivals[place].alert for place in fresh],
        [arrivals[place].came_by for place in fresh],
    )
    known = list({one.id for one in stored if one is not None})
    keys = [arrivals[place].group_key for place in fresh]
    homes = await alerts.lock_homes(tx, known, keys)
    batch = _Batch(dict(homes.of_alert), dict(homes.of_group))
    watch = await Watch.of(tx, [arrivals[place].route for place in fresh])
    placed: dict[int, tuple[str, _Touched | None]] = {}
    for place, alert in zip(fresh, stored, strict=True):
        if alert is None:
            placed[place] = ("late", None)
            continue
        watch.count(arrivals[place].route)
        placed[place] = batch.place(arrivals[place], alert)
    await _open(tx, batch, routes, watch)
    await _bring(tx, list(batch.touched.values()), routes, watch)
    await watch.close(tx, routes.storm)
    found = [placed.get(place, ("repeated", None)) for place in range(len(arrivals))]
    return [Taken(word, one.task_id if one else None) for word, one in found]


async def _open(tx: Tx, batch: _Batch, routes: Routes, watch: Watch) -> None:
    """Open what is to be opened, and say to which task each alert belongs."""
    opened = {
        key: (one, one.opening)
        for key, one in batch.touched.items()
        if one.opening is not None
    }
    openings = [opening for _, opening in opened.values()]
    made = await open_tasks(tx, openings, routes, watch)
    for (touched, _), task in zip(opened.values(), made, strict=True):
        touched.task_id = task.id
    links = {
        alert_id: batch.touched[key].task_id
        for alert_id, key in batch.opened_for.items()
    } | batch.of_alert
    pairs = [(task_id, alert) for alert, task_id in links.items() if task_id]
    await alerts.link(tx, pairs)


async def _find_forsaken(
    tx: Tx, arrivals: Sequence[Arrival], fresh: set[int]
) -> list[int]:
    """
    Give repeats of what fires although its task closed, or it ended, some time ago.

    A sender repeats what goes on; a copy that comes at once is a repeat all the same.
    """
    repeated = {
        one.alert.fingerprint: place
        for place, one in enumerate(arrivals)
        if place not in fresh and one.alert.status is AlertStatus.firing
    }
    if not repeated:
        return []
    names = await alerts.find_forsaken(
        tx,
        {
            name: tx.now - max(arrivals[place].calm, AGAIN_AFTER)
            for name, place in repeated.items()
        },
    )
    return [repeated[name] for name in names]


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


async def _bring(
    tx: Tx, touched: Sequence[_Touched], routes: Routes, watch: Watch
) -> None:
    """Tell tasks of their alerts: row, ledger and root message, once each."""
    fired = {one.task_id: one for one in touched if one.task_id and one.fired}
    resolved = {one.task_id: one for one in touched if one.task_id and one.resolved}
    counts = {task_id: one.summed for task_id, one in fired.items()}
    shown: dict[UUID, tuple[Task, str | None]] = {}
    before = await tasks.get_all(tx, list(counts))
    awake = await tasks.wake_all(tx, counts)
    waits = any(task.opens_at is not None for task in awake.values())
    active = await silences.list_active(tx) if waits else ()
    for task_id, task in awake.items():
        was_hidden = task.opens_at is not None
        now = await hasten(
            tx, task, fired[task_id].came, routes, watch=watch, active=active
        )
        shown[task_id] = (now, first_step(now) if was_hidden else None)
        await _flare(tx, before[task_id], now)
    await ledger.append_all(
        tx,
        [
            _said(Event.task_alert_added, task_id, one.fired)
            for task_id, one in fired.items()
        ],
    )
    shown |= await _resolve(tx, resolved)
    await posts.post_roots(tx, list(shown.values()))


async def _flare(tx: Tx, was: Task, now: Task) -> None:
    """Ping those whose open task became critical, or fires after its quiet time."""
    if was.opens_at is not None:
        return
    if now.severity is Severity.critical and was.severity is not Severity.critical:
        await post_flare(tx, now, Why.critical, episode="first")
    elif was.quiet_at is not None and was.quiet_at <= tx.now:
        spell = tx.now.timestamp() // _FLARE_SECONDS
        await post_flare(tx, now, Why.again, episode=f"{spell:.0f}")


async def _resolve(
    tx: Tx, brought: Mapping[UUID, _Touched]
) -> Mapping[UUID, tuple[Task, str | None]]:
    """Start the quiet time of those tasks whose last firing alert has resolved."""
    if not brought:
        return {}
    firing = await alerts.find_firing(tx, list(brought))
    quiet = {
        task_id: tx.now + timedelta(seconds=one.route.quiet_seconds)
        for task_id, one in brought.items()
        if task_id not in firing
    }
    await tasks.begin_quiet(tx, quiet)
    said = [
        _said(Event.task_alert_resolved, task_id, one.resolved)
        for task_id, one in brought.items()
    ]
    await ledger.append_all(
        tx,
        [
            replace(one, body={**one.body, "all_resolved": one.task_id in quiet})
            for one in said
        ],
    )
    found = await tasks.get_all(tx, list(brought))
    return {
        task_id: (task, _closing(task, tx.now) if task_id in quiet else None)
        for task_id, task in found.items()
    }


def _closing(task: Task, now: datetime) -> str | None:
    if task.quiet_at is None or not closes_when_resolved(task.state):
        return None
    left = max(0, round((task.quiet_at - now).total_seconds()))
    return f"all alerts resolved; closes in {left} s"


def _said(event: Event, task_id: UUID, found: Sequence[StoredAlert]) -> Said:
    names = list(dict.fromkeys(one.fingerprint for one in found))
    body = {"alerts": names[:_MOST_NAMED], "count": len(found)}
    return Said(event, f"alert {found[0].source}", task_id, body)
