"""
Alerts and people's requests become tasks, in one transaction a delivery.

An alert whose fingerprint has an open task adds to it; a resolved one starts the
route's quiet time, after which the sweeper closes the task. What an outside sender
wrote is redacted before it is stored.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from gateway.redaction.fingerprint import tenant_key
from gateway.redaction.pseudonym import Pseudonyms
from gateway.redaction.redact import disarmed, redact, redact_text
from gateway.redaction.rules import policy_of
from orchestrator.routing import Route, Routes
from policy.alert import Alert, AlertStatus, Severity
from policy.event import Event
from policy.redaction import RedactionRules
from policy.scope import Scope
from storage import alerts, directory, inbox, ledger, posts, tasks, threads
from storage.alerts import StoredAlert, closes_when_resolved
from storage.database import Database, Tx
from storage.inbox import Delivery
from storage.steps import Step
from storage.tasks import NewTask, Task


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
    with its error instead.
    """

    opened: int
    added: int
    resolved: int
    repeated: int
    task_ids: tuple[UUID, ...]
    broken: tuple[BrokenAlert, ...]


@dataclass(frozen=True, slots=True)
class _Routed:
    """An alert with its place in the delivery and its route."""

    index: int
    alert: Alert
    route: Route

    def lock_order(self) -> tuple[str, str]:
        """Order groups alike in every delivery: two never wait for each other."""
        fingerprint = self.alert.fingerprint
        return self.route.group_key(self.alert.labels, fingerprint), fingerprint


@dataclass(frozen=True, slots=True)
class Reception:
    """How alerts and requests are taken in: where they go, and what hides people."""

    routes: Routes
    pseudonym_key: str
    redaction: RedactionRules

    def pseudonyms(self, tenant_id: str) -> Pseudonyms:
        return Pseudonyms(
            key=tenant_key(self.pseudonym_key, tenant_id),
            policy=policy_of(self.redaction),
        )


async def receive(
    database: Database,
    endpoint: Scope,
    found: Sequence[Alert],
    broken: Sequence[BrokenAlert],
    reception: Reception,
) -> Received:
    """Take in one delivery, whole: what is stored is what is answered."""
    counted: list[tuple[str, UUID | None]] = []
    rejected = list(broken)
    grouped: dict[Scope, list[_Routed]] = {}
    hidden = reception.pseudonyms(endpoint.tenant_id)
    for index, alert in zip(_places(len(found), broken), found, strict=True):
        route = reception.routes.find(alert.source, alert.labels)
        scope = Scope(endpoint.tenant_id, route.environment or endpoint.environment)
        routed = _Routed(
            index, _clean(alert, reception.pseudonyms(endpoint.tenant_id)), route
        )
        grouped.setdefault(scope, []).append(routed)
    for scope in await _absent(database, grouped.keys() - {endpoint}):
        rejected += [_homeless(one, scope) for one in grouped.pop(scope)]
    if rejected:
        grouped.setdefault(endpoint, [])
    for scope, alike in grouped.items():
        async with database.transaction(scope, Step.receive_alerts) as tx:
            if scope == endpoint:
                await _keep_broken(tx, rejected, hidden)
            counted += [
                await _take(tx, one.alert, one.route)
                for one in sorted(alike, key=_Routed.lock_order)
            ]
    words = [word for word, _ in counted]
    return Received(
        opened=words.count("opened"),
        added=words.count("added"),
        resolved=words.count("resolved"),
        repeated=words.count("repeated"),
        task_ids=tuple(task for _, task in counted if task is not None),
        broken=tuple(sorted(rejected, key=lambda one: one.index)),
    )


def _places(good: int, broken: Sequence[BrokenAlert]) -> list[int]:
    """Give the place in its delivery of each alert that could be read."""
    taken = {one.index for one in broken}
    return [place for place in range(good + len(broken)) if place not in taken]


async def _absent(database: Database, named: Collection[Scope]) -> list[Scope]:
    """Give the environments that routes name and nobody has added."""
    if not named:
        return []
    async with database.dispatch(Step.look) as tx:
        known = await directory.list_scopes(tx)
    return [scope for scope in named if scope not in known]


def _homeless(one: _Routed, scope: Scope) -> BrokenAlert:
    reason = (
        f"route {one.route.id} names environment {scope.environment}, which "
        f"{scope.tenant_id} does not have; `autopilot tenant add` makes it"
    )
    return BrokenAlert(one.index, reason, f"{one.alert.title} {one.alert.labels}")


async def open_by_person(
    database: Database,
    scope: Scope,
    *,
    delivery: Delivery,
    title: str,
    service: str | None,
    reception: Reception,
) -> Task | None:
    """Open a task for a person; None if this very request came before."""
    labels = {"service": service} if service else {}
    route = reception.routes.find("slack", labels)
    async with database.transaction(scope, Step.open_by_person) as tx:
        if await inbox.receive(tx, replace(delivery, state="done")) is None:
            return None
        hidden = reception.pseudonyms(scope.tenant_id)
        why = _Opening(
            title=redact_text(title, hidden),
            severity=Severity.warning,
            service=service,
            opened_by=str(delivery.payload.get("user", "someone")),
            group_key=f"{route.id}:{delivery.delivery_id}",
        )
        return await _open(tx, route, why)


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
    async with database.transaction(scope, Step.refuse_delivery) as tx:
        kept = await inbox.receive(
            tx,
            Delivery(
                source=source,
                delivery_id=f"unreadable:{delivery_id}",
                kind="alert",
                payload={"excerpt": redact_text(excerpt, hidden)},
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


async def _take(tx: Tx, alert: Alert, route: Route) -> tuple[str, UUID | None]:
    group_key = route.group_key(alert.labels, alert.fingerprint)
    await alerts.lock_group(tx, group_key)
    receipt = await inbox.receive(
        tx,
        Delivery(
            source=alert.source,
            delivery_id=(
                f"{alert.fingerprint}:{alert.starts_at.timestamp():.0f}:{alert.status}"
            ),
            kind="alert",
            payload={"fingerprint": alert.fingerprint, "status": alert.status},
            state="done",
        ),
    )
    if receipt is None:
        return "repeated", None
    stored = await alerts.upsert(tx, alert)
    open_task = await alerts.find_open_task(tx, stored.id)
    if alert.status is AlertStatus.resolved:
        if open_task is not None:
            await _resolve(tx, open_task, stored, route)
        return "resolved", open_task
    if open_task is None:
        open_task = await alerts.find_group_task(tx, group_key)
        if open_task is not None:
            await alerts.link(tx, open_task, stored.id)
    if open_task is not None:
        await _add(tx, open_task, stored)
        return "added", open_task
    why = _Opening(
        title=alert.title,
        severity=alert.severity,
        service=alert.service,
        opened_by=f"alert {alert.source}",
        group_key=group_key,
        alert=stored,
    )
    task = await _open(tx, route, why)
    return "opened", task.id


@dataclass(frozen=True, slots=True)
class _Opening:
    """Why a task is opened, and by whom."""

    title: str
    severity: Severity
    service: str | None
    opened_by: str
    group_key: str
    alert: StoredAlert | None = None


async def _open(tx: Tx, route: Route, why: _Opening) -> Task:
    task = await tasks.create(
        tx,
        NewTask(
            kind=route.kind,
            title=why.title[:300],
            severity=why.severity,
            service=why.service,
            agent=route.agent.name,
            agent_version=route.agent.version,
            agent_digest=route.agent.digest,
            channel=route.channel,
            opened_by=why.opened_by,
            level="",
            group_key=why.group_key,
        ),
    )
    if why.alert is not None:
        await alerts.link(tx, task.id, why.alert.id)
    await threads.open_thread(tx, task.id, route.channel)
    await ledger.append(
        tx,
        Event.task_created,
        actor=why.opened_by,
        task_id=task.id,
        body={
            "kind": task.kind,
            "title": task.title,
            "severity": task.severity,
            "service": why.service,
            "route": route.id,
            "agent": f"{route.agent.name} {route.agent.version}",
            "agent_digest": route.agent.digest,
            "alert": why.alert.fingerprint if why.alert else None,
            "correlation_id": task.correlation_id,
        },
    )
    await posts.post_root(tx, task, next_step="looking at the evidence")
    return task


async def _add(tx: Tx, task_id: UUID, alert: StoredAlert) -> None:
    await tasks.change(tx, task_id, {"quiet_at": None})
    await ledger.append(
        tx,
        Event.task_alert_added,
        actor=f"alert {alert.source}",
        task_id=task_id,
        body={"alert": alert.fingerprint, "count": alert.count},
    )
    await posts.post_root(tx, await tasks.get(tx, task_id))


async def _resolve(tx: Tx, task_id: UUID, alert: StoredAlert, route: Route) -> None:
    """Start the quiet time once the last firing alert has resolved."""
    every = await alerts.list_of_task(tx, task_id)
    quiet = all(one.status is AlertStatus.resolved for one in every)
    task = await tasks.get(tx, task_id)
    later = tx.now + timedelta(seconds=route.quiet_seconds)
    await tasks.change(tx, task_id, {"quiet_at": later if quiet else None})
    await ledger.append(
        tx,
        Event.task_alert_resolved,
        actor=f"alert {alert.source}",
        task_id=task_id,
        body={"alert": alert.fingerprint, "all_resolved": quiet},
    )
    waits = quiet and closes_when_resolved(task.state)
    await posts.post_root(
        tx,
        await tasks.get(tx, task_id),
        next_step=f"all alerts resolved; closes in {route.quiet_seconds} s"
        if waits
        else "",
    )


async def _keep_broken(
    tx: Tx, broken: Sequence[BrokenAlert], hidden: Pseudonyms
) -> None:
    for one in broken:
        excerpt = redact_text(one.excerpt, hidden)
        digest = sha256(one.excerpt.encode()).hexdigest()
        await inbox.receive(
            tx,
            Delivery(
                source="alert",
                delivery_id=f"broken:{digest}",
                kind="alert",
                payload={"index": one.index, "excerpt": excerpt},
                state="failed",
                error=one.reason,
            ),
        )


def _clean(alert: Alert, hidden: Pseudonyms) -> Alert:
    """Take secrets and what is personal out of what the sender wrote."""

    def clean(texts: Mapping[str, str]) -> dict[str, str]:
        found = redact(disarmed(dict(texts), hidden), hidden)
        return {key: str(value) for key, value in found.items()}

    return replace(
        alert,
        title=redact_text(alert.title, hidden),
        service=redact_text(alert.service, hidden) if alert.service else None,
        links=tuple(redact_text(one, hidden) for one in alert.links),
        labels=clean(alert.labels),
        annotations=clean(alert.annotations),
    )
