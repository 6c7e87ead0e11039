"""
In which environment an alert is taken in: its route's, unless it has a home already.

What fires in an environment ends there, and its task stays there, whatever severity or
labels come later: another route may name another environment by then. A route that
names an environment which nobody has added loses no alert: it goes to its endpoint's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from orchestrator.routing import Route
from policy.alert import Alert, AlertStatus
from policy.scope import Scope
from storage import alerts, directory
from storage.database import Database
from storage.steps import Step

_FRESH = timedelta(seconds=5)
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Routed:
    """An alert, the endpoint that it came to, and the route that takes it."""

    endpoint: Scope
    alert: Alert
    route: Route

    @property
    def wanted(self) -> Scope:
        environment = self.route.environment or self.endpoint.environment
        return Scope(self.endpoint.tenant_id, environment)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an alert is taken in; ``note`` says why not where its route says."""

    scope: Scope
    note: str = ""


@dataclass(slots=True)
class Places:
    """The environments that there are, read anew after ``_FRESH``."""

    known: frozenset[Scope] = frozenset()
    read_at: datetime | None = None

    async def read(self, database: Database) -> frozenset[Scope]:
        now = database.now()
        if self.read_at is None or not now - _FRESH <= self.read_at <= now:
            async with database.dispatch(Step.look) as tx:
                self.known = frozenset(await directory.list_scopes(tx))
            self.read_at = now
        return self.known


async def find_homes(
    database: Database, found: Sequence[Routed], places: Places
) -> list[Home]:
    """Give the home of each, in their order: an earlier one makes a later one's."""
    known = await places.read(database)
    firing = await _find_firing(database, found, known)
    homes = [_home(one, known, firing) for one in found]
    _tell(homes)
    return homes


@dataclass(frozen=True, slots=True)
class _Fires:
    """By fingerprint: the environments where what one endpoint sent still fires."""

    every: dict[str, list[str]] = field(default_factory=dict)
    with_task: dict[str, list[str]] = field(default_factory=dict)


async def _find_firing(
    database: Database, found: Sequence[Routed], known: Collection[Scope]
) -> Mapping[Scope, _Fires]:
    """
    Look in all environments of the tenant, whatever today's routes name.

    Nothing of endpoints whose tenant has one alone.
    """
    firing: dict[Scope, _Fires] = {}
    for own in {one.endpoint for one in found}:
        tenant = own.tenant_id
        every = sorted(one.environment for one in known if one.tenant_id == tenant)
        if len(every) < _SEVERAL:
            continue
        names = {one.alert.fingerprint for one in found if one.endpoint == own}
        fires = firing[own] = _Fires()
        for environment in every:
            scope = Scope(tenant, environment)
            async with database.transaction(scope, Step.look) as tx:
                there = await alerts.find_firing_of(tx, own.environment, list(names))
            for name in there.every:
                fires.every.setdefault(name, []).append(environment)
            for name in there.with_task:
                fires.with_task.setdefault(name, []).append(environment)
    return firing


def _home(
    one: Routed, known: Collection[Scope], firing: Mapping[Scope, _Fires]
) -> Home:
    """Give one's home, and note what it makes of ``firing`` for those that follow."""
    fires = firing.get(one.endpoint)
    if fires is None:
        return _choose(one, known, ())
    name = one.alert.fingerprint
    is_end = one.alert.status is AlertStatus.resolved
    by_name = fires.every if is_end else fires.with_task
    home = _choose(one, known, by_name.get(name, ()))
    for by_name in (fires.every, fires.with_task):
        there = by_name.setdefault(name, [])
        if home.scope.environment in there:
            there.remove(home.scope.environment)
        if not is_end:
            there.append(home.scope.environment)
    return home


def _choose(one: Routed, known: Collection[Scope], fires_in: Sequence[str]) -> Home:
    wanted = one.wanted
    if fires_in and wanted.environment not in fires_in:
        return Home(Scope(wanted.tenant_id, fires_in[0]))
    if wanted in known:
        return Home(wanted)
    if one.route.environment is None:
        return Home(one.endpoint)
    return Home(
        one.endpoint,
        f"route {one.route.id} names environment {wanted.environment}, which "
        f"{wanted.tenant_id} does not have; `autopilot tenant add` makes it",
    )


def _tell(homes: Sequence[Home]) -> None:
    """Be loud about a route that leads nowhere, once a delivery."""
    for note in sorted({one.note for one in homes if one.note}):
        count = sum(one.note == note for one in homes)
        structlog.get_logger().error("route.nowhere", why=note, alerts=count)
