"""Decide which alerts fire, repeat and resolve, and write Alertmanager's webhook.

Pure: the pace of a rule is platform time (it follows the dynamics), the repetition
and every stamp is wall time (it follows the reader).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from lab.clock import iso
from lab.json_object import JsonObject
from lab.platform.alert_rule import Reading

REPEAT_SECONDS = 30.0
NOT_ENDED = "0001-01-01T00:00:00Z"
EXTERNAL_URL = "http://alertmanager.genme.example"


@dataclass
class Alert:
    """`since` is the platform time at which the value crossed the line."""

    reading: Reading
    firing: bool = False
    since: float | None = None
    starts_at: float = 0.0
    ends_at: float | None = None
    sent_at: float = 0.0
    correlation_id: str = ""

    def advance(self, reading: Reading, elapsed_seconds: float) -> bool:
        """Move the state; say whether it changed sides."""
        self.reading = reading
        rule = reading.rule
        crossed = (
            reading.value < rule.resolves_below
            if self.firing
            else reading.value > rule.fires_above
        )
        if not crossed:
            self.since = None
            return False
        self.since = elapsed_seconds if self.since is None else self.since
        wait = rule.resolves_after_seconds if self.firing else rule.fires_after_seconds
        if elapsed_seconds - self.since < wait:
            return False
        self.firing, self.since = not self.firing, None
        return True


@dataclass
class AlertBook:
    """`base_url` is the lab's own, for links."""

    base_url: str
    alerts: dict[str, Alert] = field(default_factory=dict)

    def evaluate(
        self,
        readings: Iterable[Reading],
        *,
        elapsed_seconds: float,
        now: float,
        failing_traces: dict[str, str],
    ) -> list[JsonObject]:
        """Return the webhooks that are due.

        `failing_traces` maps a service to the correlation id of its newest one.
        """
        due = []
        for reading in readings:
            alert = self.alerts.setdefault(reading.subject, Alert(reading))
            changed = alert.advance(reading, elapsed_seconds)
            if changed and alert.firing:
                alert.starts_at, alert.ends_at = now, None
                alert.correlation_id = failing_traces.get(reading.service, "")
            elif changed:
                alert.ends_at = now
            repeat = alert.firing and now - alert.sent_at >= REPEAT_SECONDS
            if changed or repeat:
                alert.sent_at = now
                due.append(render_webhook(alert, self.base_url))
        return due

    def rendered(self) -> list[JsonObject]:
        """Alerts that fire, or did."""
        return [
            render_alert(alert, self.base_url)
            for alert in self.alerts.values()
            if alert.firing or alert.ends_at is not None
        ]


def render_webhook(alert: Alert, base_url: str) -> JsonObject:
    labels = render_labels(alert.reading)
    rendered = render_alert(alert, base_url)
    group = {name: labels[name] for name in ("alertname", "service")}
    matchers = ", ".join(f"{name}={json.dumps(group[name])}" for name in group)
    return {
        "version": "4",
        "groupKey": f"{{}}:{{{matchers}}}",
        "truncatedAlerts": 0,
        "status": rendered["status"],
        "receiver": "ops-autopilot",
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": rendered["annotations"],
        "externalURL": EXTERNAL_URL,
        "alerts": [rendered],
    }


def render_alert(alert: Alert, base_url: str) -> JsonObject:
    reading = alert.reading
    labels = render_labels(reading)
    annotations = {
        "summary": reading.summary,
        "description": reading.description,
        "dashboard": f"{base_url}/?service={reading.service}",
    }
    if alert.correlation_id:
        annotations["correlation_id"] = alert.correlation_id
    ended = alert.ends_at if not alert.firing else None
    return {
        "status": "firing" if alert.firing else "resolved",
        "labels": labels,
        "annotations": annotations,
        "startsAt": iso(alert.starts_at),
        "endsAt": NOT_ENDED if ended is None else iso(ended),
        "generatorURL": f"{base_url}/?service={reading.service}#{reading.rule.name}",
        "fingerprint": fingerprint(labels),
    }


def render_labels(reading: Reading) -> dict[str, str]:
    labels = {
        "alertname": str(reading.rule.name),
        "service": reading.service,
        "environment": "prod",
        "severity": reading.rule.severity,
        "team": reading.rule.team,
        **dict(reading.labels),
    }
    return labels | ({"queue": reading.queue} if reading.queue else {})


def fingerprint(labels: dict[str, str]) -> str:
    """Give the same labels the same 16 hex digits, as Alertmanager does."""
    ordered = json.dumps(labels, sort_keys=True).encode()
    return hashlib.sha256(ordered).hexdigest()[:16]
