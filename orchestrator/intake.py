"""
Alerts and people's requests become tasks; what was sent is redacted before.

An alert whose fingerprint has an open task adds to it; a resolved one starts the
route's quiet time, after which the sweeper closes the task.
"""

import asyncio
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

import structlog

from gateway.redaction.fingerprint import tenant_key
from gateway.redaction.pseudonym import Pseudonyms
from gateway.redaction.redact import disarmed, redact, redact_text
from gateway.redaction.rules import policy_of
from gateway.redaction.shortened import shortened
from orchestrator.grouping import Arrival, Taken, take
from orchestrator.homes import Home, Places, Routed, find_homes
from orchestrator.opening import Opening, open_task
from orchestrator.routing import LiveRoutes, Routes
from policy.alert import Alert, Severity
from policy.event import Event
from policy.redaction import RedactionRules
from policy.scope import Scope
from storage import alerts, inbox, ledger, tasks
from storage.database import Database, Tx
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import Task

Found = TypeVar("Found")
# Alerts that one transaction takes in at most.
MOST_AT_ONCE = 1000
MOST_TITLE = 300
# The same words of the same person within so long are one request.
_RETYPED = timedelta(minutes=2)
# Characters that are hidden in one turn of the loop, 15 ms for 2,000 at worst; what is
# longer is hidden in a thread, for all tenants' requests wait for the loop.
MOST_IN_A_TURN = 4000


@dataclass(frozen=True, slots=True)
class BrokenAlert:
    """One alert of a delivery that could not be understood."""

    index: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Received:
    """
    What one delivery came to.

    ``task_ids`` are the tasks that it opened or added to; ``broken`` is what was kept
    with its error instead; ``late`` is news of what is over.
    """

    opened: int
    added: int
    resolved: int
    repeated: int
    late: int
    task_ids: tuple[UUID, ...]
    broken: tuple[BrokenAlert, ...]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """
    What a sender delivered to an endpoint, as its source's parser read it.

    ``length`` is its body's, in bytes.
    """

    endpoint: Scope
    alerts: Sequence[Alert]
    broken: Sequence[BrokenAlert] = ()
    length: int = 0

    @property
    def size(self) -> int:
        """How much of a line it takes: its alerts, or four KiB for each."""
        return max(1, len(self.alerts), self.length // 4096)


@dataclass(frozen=True, slots=True)
class Reception:
    """How alerts and requests are taken in: where they go, and what hides people."""

    live_routes: LiveRoutes
    pseudonym_key: str
    redaction: RedactionRules
    places: Places = field(default_factory=Places)

    @property
    def routes(self) -> Routes:
        return self.live_routes.now

    def pseudonyms(self, tenant_id: str) -> Pseudonyms:
        return Pseudonyms(
            key=tenant_key(self.pseudonym_key, tenant_id),
            policy=policy_of(self.redaction),
        )


@dataclass(frozen=True, slots=True)
class _Sorted:
    """An arrival with its place: which delivery, and where in it."""

    delivery: int
    index: int
    arrival: Arrival

    def routed(self, delivery: NewDelivery) -> Routed:
        return Routed(delivery.endpoint, self.arrival.alert, self.arrival.route)

    def at(self, home: Home, own: Scope) -> "_Sorted":
        """Have the alert say whence it came, and why it is not where its route says."""
        arrival = self.arrival
        if home.scope != own:
            arrival = replace(arrival, came_by=own.environment)
        if home.note:
            said = {**arrival.alert.annotations, "misrouted": home.note}
            arrival = replace(arrival, alert=replace(arrival.alert, annotations=said))
        return replace(self, arrival=arrival)


async def receive(
    database: Database, deliveries: Sequence[NewDelivery], reception: Reception
) -> list[Received]:
    """
    Take in deliveries, a transaction for each environment and ``MOST_AT_ONCE`` alerts.

    What is stored is what is answered; each delivery has its own answer.
    """
    routes = reception.routes
    rejected = [one.broken for one in deliveries]
    found: list[_Sorted] = []
    for number, delivery in enumerate(deliveries):
        length = sum(_length(one) for one in delivery.alerts)
        sort = partial(_sort, number, delivery, routes, reception)
        found += await _aside(sort, length=length)
    homes = await find_homes(
        database,
        [one.routed(deliveries[one.delivery]) for one in found],
        reception.places,
    )
    grouped: dict[Scope, list[_Sorted]] = {}
    for one, home in zip(found, homes, strict=True):
        own = deliveries[one.delivery].endpoint
        grouped.setdefault(home.scope, []).append(one.at(home, own))
    rooms = {one.endpoint for one, bad in zip(deliveries, rejected, strict=True) if bad}
    grouped |= {scope: [] for scope in rooms - grouped.keys()}
    results: list[list[Taken]] = [[] for _ in deliveries]
    for scope, alike in grouped.items():
        left = [
            one
            for delivery, bad in zip(deliveries, rejected, strict=True)
            if scope == delivery.endpoint
            for one in bad
        ]
        kept = await _aside(
            partial(_hide_broken, left, reception.pseudonyms(scope.tenant_id)),
            length=sum(len(one.excerpt) + len(one.reason) for one in left),
        )
        for part in _parts(alike):
            async with database.transaction(scope, Step.receive_alerts) as tx:
                await inbox.receive_all(tx, kept)
                taken = await take(tx, [one.arrival for one in part], routes)
            kept = []
            for one, result in zip(part, taken, strict=True):
                results[one.delivery].append(result)
    return [
        _sum_up(found, broken) for found, broken in zip(results, rejected, strict=True)
    ]


async def _aside(hide: Callable[[], list[Found]], *, length: int) -> list[Found]:
    """Hide what is personal; ``hide`` shares nothing that changes with another."""
    if length > MOST_IN_A_TURN:
        return await asyncio.to_thread(hide)
    found = hide()
    await asyncio.sleep(0)
    return found


def _length(alert: Alert) -> int:
    """Count the characters that are searched for what is personal."""
    pairs = [*alert.labels.items(), *alert.annotations.items()]
    told = sum(len(name) + len(value) for name, value in pairs)
    named = len(alert.fingerprint) + len(alert.title) + len(alert.service or "")
    return told + named + sum(len(one) for one in alert.links)


def _sort(
    number: int, delivery: NewDelivery, routes: Routes, reception: Reception
) -> list[_Sorted]:
    """Route each alert by what its sender said, and hide what is personal."""
    found = []
    endpoint = delivery.endpoint
    hidden = reception.pseudonyms(endpoint.tenant_id)
    places = _places(len(delivery.alerts), delivery.broken)
    for index, alert in zip(places, delivery.alerts, strict=True):
        route = routes.find(
            alert.source,
            alert.labels,
            severity=alert.severity,
            tenant_id=endpoint.tenant_id,
        )
        arrival = Arrival(_clean(alert, hidden), route, alert.labels)
        found.append(_Sorted(number, index, arrival))
    if hidden.secrets_removed:
        structlog.get_logger().info(
            "secrets.removed",
            tenant_id=endpoint.tenant_id,
            alerts=len(found),
            secrets=hidden.secrets_removed,
        )
    return found


def _parts(found: Sequence[_Sorted]) -> Iterator[Sequence[_Sorted]]:
    """Cut what is long: others wait for its locks. Of nothing there is one part."""
    for start in range(0, max(1, len(found)), MOST_AT_ONCE):
        yield found[start : start + MOST_AT_ONCE]


def _sum_up(found: Sequence[Taken], broken: Sequence[BrokenAlert]) -> Received:
    words = [one.word for one in found]
    return Received(
        opened=words.count("opened"),
        added=words.count("added"),
        resolved=words.count("resolved"),
        repeated=words.count("repeated"),
        late=words.count("late"),
        task_ids=tuple(one.task_id for one in found if one.task_id is not None),
        broken=tuple(sorted(broken, key=lambda one: one.index)),
    )


def _places(good: int, broken: Sequence[BrokenAlert]) -> list[int]:
    """Give the place in its delivery of each alert that could be read."""
    taken = {one.index for one in broken}
    return [place for place in range(good + len(broken)) if place not in taken]


@dataclass(frozen=True, slots=True)
class Opened:
    """A person's task; ``again``: this request, or the same words, came before."""

    task: Task
    again: bool


async def open_by_person(
    database: Database,
    scope: Scope,
    *,
    delivery: Delivery,
    title: str,
    service: str | None,
    reception: Reception,
) -> Opened:
    """
    Open a task for a person, unless they asked for the very same a moment before.

    Who was not answered types it again, maybe while the first is not stored yet: one
    waits for the other.
    """
    labels = {"service": service} if service else {}
    routes = reception.routes
    route = routes.find("slack", labels, tenant_id=scope.tenant_id)
    hidden = reception.pseudonyms(scope.tenant_id)
    by = str(delivery.payload.get("user", "someone"))
    said = f"{by}\0{service or ''}\0{title}".encode("utf-8", "replace")
    key = f"said:{hmac.new(hidden.key, said, sha256).hexdigest()[:32]}"
    async with database.transaction(scope, Step.open_by_person) as tx:
        await alerts.lock_groups(tx, [key])
        is_new = await inbox.receive(tx, replace(delivery, state="done")) is not None
        last = await tasks.find_last_of(tx, key)
        if last and (not is_new or _is_retyped(tx, last)):
            return Opened(last, again=True)
        opening = Opening(
            route=route,
            title=redact_text(shortened(title, MOST_TITLE), hidden),
            severity=Severity.warning,
            service=service,
            opened_by=by,
            group_key=key,
        )
        return Opened(await open_task(tx, opening, routes), again=False)


def _is_retyped(tx: Tx, last: Task) -> bool:
    return last.closed_at is None and tx.now - last.created_at < _RETYPED


async def refuse_delivery(
    database: Database,
    scope: Scope,
    reception: Reception,
    *,
    source: str,
    reason: str,
    excerpt: str,
) -> None:
    """Keep a delivery that could not be read at all, with its error."""
    delivery_id = sha256(excerpt.encode()).hexdigest()
    hidden = reception.pseudonyms(scope.tenant_id)
    reason = redact_text(reason, hidden)
    payload = {"excerpt": redact_text(excerpt, hidden)}
    async with database.transaction(scope, Step.refuse_delivery) as tx:
        kept = await inbox.receive(
            tx,
            Delivery(
                source=source,
                delivery_id=f"unreadable:{delivery_id}",
                kind="alert",
                payload=payload,
                state="failed",
                error=reason,
            ),
        )
        if kept is not None:
            await ledger.append(
                tx,
                Event.delivery_refused,
                actor=source,
                task_id=None,
                body={"inbox": kept, "reason": reason},
            )


def _hide_broken(broken: Sequence[BrokenAlert], hidden: Pseudonyms) -> list[Delivery]:
    return [
        Delivery(
            source="alert",
            delivery_id=f"broken:{sha256(one.excerpt.encode()).hexdigest()}",
            kind="alert",
            payload={"index": one.index, "excerpt": redact_text(one.excerpt, hidden)},
            state="failed",
            error=redact_text(one.reason, hidden),
        )
        for one in broken
    ]


def _fingerprint(said: str, hidden: Pseudonyms) -> str:
    """Keep a sender's fingerprint, unless it names somebody: then its HMAC."""
    if redact_text(said, hidden) == said:
        return said
    return hmac.new(hidden.key, said.encode(), sha256).hexdigest()[:32]


def _clean(alert: Alert, hidden: Pseudonyms) -> Alert:
    """Take secrets and what is personal out of what the sender wrote."""

    def clean(texts: Mapping[str, str]) -> dict[str, str]:
        found = redact(disarmed(dict(texts), hidden), hidden)
        return {key: str(value) for key, value in found.items()}

    return replace(
        alert,
        fingerprint=_fingerprint(alert.fingerprint, hidden),
        title=redact_text(alert.title, hidden),
        service=redact_text(alert.service, hidden) if alert.service else None,
        links=tuple(redact_text(one, hidden) for one in alert.links),
        labels=clean(alert.labels),
        annotations=clean(alert.annotations),
    )
