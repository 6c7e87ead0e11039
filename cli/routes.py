"""``autopilot routes test``: where alerts would go, and why; nothing is stored."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.alerts.parsed import UnreadableDelivery
from bot.alerts.sources import routable
from bot.bodies import NotJson
from cli.alerts import choose_parser, read_body
from gateway.agents import load_agents
from orchestrator.routing import Route, Routes, load_routes
from policy.alert import Alert, Severity


@dataclass(frozen=True, slots=True)
class Way:
    """``passed`` are the routes before it, each with what speaks against it."""

    route: Route
    passed: tuple[tuple[str, str], ...]


def show_ways(
    chosen: argparse.Namespace, *, routes_file: Path, agents_folder: Path, now: datetime
) -> int:
    """
    Print for each alert of a delivery the route that it takes.

    Raises:
        PolicyError: the routes do not load.
    """
    path, agents = Path(chosen.routes or routes_file), load_agents(agents_folder)
    routes = load_routes(path, agents, sources=routable())
    try:
        parser = choose_parser(chosen.source, chosen.mapping)
        delivery = parser(read_body(chosen.file), now)
    except (LookupError, NotJson, UnreadableDelivery) as exc:
        print(f"autopilot: {chosen.file}: {exc}", file=sys.stderr)
        return 1
    ways = [
        _describe(alert, routes, tenant_id=chosen.tenant, now=now)
        for alert in delivery.alerts
    ]
    if chosen.json:
        print(json.dumps(ways, indent=2))
    else:
        for way in ways:
            print("\n".join(_lines(way)))
    for one in delivery.broken:
        print(f"autopilot: alert {one.index}: {one.reason}", file=sys.stderr)
    return 1 if delivery.broken else 0


def find_way(alert: Alert, routes: Routes, *, tenant_id: str) -> Way:
    """Follow the routes in their order until one takes the alert."""
    passed: list[tuple[str, str]] = []
    for route in routes.routes:
        why = route.match.misses(alert.source, alert.labels, alert.severity, tenant_id)
        if why is None:
            return Way(route, tuple(passed))
        passed.append((route.id, why))
    raise LookupError("the last route takes everything; load_routes saw to it")


def _describe(
    alert: Alert, routes: Routes, *, tenant_id: str, now: datetime
) -> dict[str, object]:
    way = find_way(alert, routes, tenant_id=tenant_id)
    route = way.route
    planned = routes.find_maintenance(
        alert.source,
        alert.labels,
        severity=alert.severity,
        tenant_id=tenant_id,
        now=now,
    )
    return {
        "title": alert.title,
        "severity": alert.severity.value,
        "status": alert.status.value,
        "route": route.id,
        "passed": [{"route": name, "because": why} for name, why in way.passed],
        "environment": route.environment,
        "kind": route.kind.value,
        "agent": f"{route.agent.name}/{route.agent.version}",
        "channel": route.channel,
        "people": list(route.people),
        "group_key": route.group_key(alert.labels, alert.fingerprint),
        "maintenance": planned[0].id if planned else None,
        "waits": list(_waits(alert, route)),
    }


def _waits(alert: Alert, route: Route) -> Iterator[str]:
    if alert.severity is Severity.critical:
        return
    waits = route.waits
    if waits.debounce:
        yield (
            f"{waits.debounce.seconds} s for more of its group, "
            f"{waits.longest.total_seconds():.0f} s at most"
        )
    if waits.cool_down:
        yield f"{waits.cool_down.total_seconds():.0f} s after its group's last task"


def _lines(way: dict[str, object]) -> Iterator[str]:
    environment = way["environment"] or "the endpoint's environment"
    yield f"{way['title']} ({way['severity']}, {way['status']})"
    passed = way["passed"]
    for one in passed if isinstance(passed, list) else []:
        yield f"  not {one['route']}: {one['because']}"
    yield f"  -> {way['route']}: {way['kind']} in {environment}, {way['channel']}"
    yield f"     agent {way['agent']}, group {way['group_key']}"
    people, waits = way["people"], way["waits"]
    if isinstance(people, list) and people:
        yield f"     for {' '.join(people)}"
    if way["maintenance"]:
        yield f"     waits for the end of maintenance {way['maintenance']}"
    for one in waits if isinstance(waits, list) else []:
        yield f"     waits {one}"
