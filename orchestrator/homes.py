"""
In which environment an alert is taken in: its route's, unless it has a home already.

What fires in an environment ends there, and its task stays there, whatever severity or
labels come later: another route may name another environment by then. A route that
names an environment which nobody has added loses no alert: it goes to its endpoint's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog

from orchestrator.routing import Route, Routes
from policy.alert import Alert, AlertStatus
from policy.scope import Scope
from storage import alerts, directory
from storage.alerts import Firing
from storage.database import Database
from storage.steps import Step


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


async def find_homes(
    database: Database, found: Sequence[Routed], routes: Routes
) -> list[Home]:
    """Give the home of each, in their order."""
    if not any(one.environment for one in routes.routes):
        return [Home(one.endpoint) for one in found]
    async with database.dispatch(Step.look) as tx:
        known = set(await directory.list_scopes(tx))
    firing = await _find_firing(database, found, _candidates(found, routes, known))
    homes = [_home(one, known, firing) for one in found]
    _tell(homes)
    return homes


def _candidates(
    found: Sequence[Routed], routes: Routes, known: Collection[Scope]
) -> list[Scope]:
    """Give where these may be firing: no tenant is looked at but their own."""
    ends = {one.endpoint for one in found}
    named = {
        Scope(end.tenant_id, route.environment)
        for end in ends
        for route in routes.routes
        if route.environment
    }
    here = sorted(
        (ends | named).intersection(known),
        key=lambda one: (one.tenant_id, one.environment),
    )
    tenants = [one.tenant_id for one in here]
    return [one for one in here if tenants.count(one.tenant_id) > 1]


async def _find_firing(
    database: Database, found: Sequence[Routed], scopes: Sequence[Scope]
) -> Mapping[Scope, Firing]:
    firing: dict[Scope, Firing] = {}
    for scope in scopes:
        names = {
            one.alert.fingerprint
            for one in found
            if one.endpoint.tenant_id == scope.tenant_id
        }
        async with database.transaction(scope, Step.look) as tx:
            firing[scope] = await alerts.find_firing_names(tx, list(names))
    return firing


def _home(
    one: Routed, known: Collection[Scope], firing: Mapping[Scope, Firing]
) -> Home:
    name, wanted = one.alert.fingerprint, one.wanted
    is_end = one.alert.status is AlertStatus.resolved
    fires_in = [
        scope
        for scope, names in firing.items()
        if scope.tenant_id == wanted.tenant_id
        and name in (names.every if is_end else names.with_task)
    ]
    if fires_in and wanted not in fires_in:
        return Home(fires_in[0])
    if wanted in known:
        return Home(wanted)
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
