"""``autopilot alerts parse``: what a payload would become, as JSON."""

import json
import sys
from pathlib import Path

from bot.alerts.parsed import UnreadableDelivery
from bot.alerts.sources import SOURCES
from policy.alert import Alert


def parse_file(source: str, file: str) -> int:
    """Print a JSON array of alerts; broken ones go to standard error, and exit 1."""
    parser = SOURCES.get(source)
    if parser is None:
        known = ", ".join(sorted(SOURCES))
        print(
            f"autopilot: source {source} is unknown; use one of {known}",
            file=sys.stderr,
        )
        return 2
    try:
        delivery = parser(json.loads(_read(file)))
    except (ValueError, RecursionError, UnreadableDelivery) as exc:
        print(f"autopilot: {file}: {exc}", file=sys.stderr)
        return 1
    print(json.dumps([as_row(alert) for alert in delivery.alerts], indent=2))
    for one in delivery.broken:
        print(f"autopilot: {file}: alert {one.index}: {one.reason}", file=sys.stderr)
    return 1 if delivery.broken else 0


def _read(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


def as_row(alert: Alert) -> dict[str, object]:
    """Give the printed fields; instants are ISO 8601 in UTC."""
    return {
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "title": alert.title,
        "severity": alert.severity.value,
        "status": alert.status.value,
        "service": alert.service,
        "environment": alert.environment,
        "labels": dict(alert.labels),
        "links": list(alert.links),
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
    }
