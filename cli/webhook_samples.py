"""
A test event of each source, by hand: an info alert, or the vendor's own ping.

Its identity is the endpoint's, so that a second test adds to the first one's task.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Test:
    slug: str
    now: datetime

    @property
    def title(self) -> str:
        return f"Test of webhook {self.slug}"

    @property
    def iso(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())


def sample_of(source: str, slug: str, now: datetime) -> Body:
    """Give the body that the source would send, of now."""
    return _SAMPLES[source](_Test(slug, now))


def _alertmanager(test: _Test) -> Body:
    return {"version": "4", "status": "firing", "alerts": [_prometheus(test)]}


def _grafana(test: _Test) -> Body:
    return {"version": "1", "status": "firing", "alerts": [_prometheus(test)]}


def _prometheus(test: _Test) -> Body:
    return {
        "status": "firing",
        "labels": {"alertname": test.title, "severity": "info"},
        "annotations": {"summary": test.title},
        "startsAt": test.iso,
        "fingerprint": f"test-{test.slug}",
    }


def _cloudwatch(test: _Test) -> Body:
    return {
        "AlarmName": test.title,
        "NewStateValue": "ALARM",
        "StateChangeTime": test.iso,
        "Severity": "info",
    }


def _datadog(test: _Test) -> Body:
    return {
        "id": f"test-{test.slug}",
        "title": test.title,
        "alert_id": f"test-{test.slug}",
        "alert_transition": "Triggered",
        "alert_type": "info",
        "date": test.seconds * 1000,
    }


def _eventbridge(test: _Test) -> Body:
    return {
        "version": "0",
        "id": f"test-{test.slug}",
        "detail-type": test.title,
        "source": "autopilot.test",
        "time": test.iso,
        "detail": {"state": "started", "severity": "info"},
    }


def _gcp(test: _Test) -> Body:
    return {
        "version": "1.2",
        "incident": {
            "incident_id": f"test-{test.slug}",
            "policy_name": test.title,
            "condition_name": test.title,
            "summary": test.title,
            "state": "open",
            "severity": "info",
            "started_at": test.seconds,
        },
    }


def _generic(test: _Test) -> Body:
    return {
        "id": f"test-{test.slug}",
        "title": test.title,
        "severity": "info",
        "status": "firing",
        "timestamp": test.iso,
    }


def _newrelic(test: _Test) -> Body:
    return {
        "id": f"test-{test.slug}",
        "title": test.title,
        "priority": "LOW",
        "state": "ACTIVATED",
        "createdAt": test.seconds * 1000,
    }


def _opsgenie(test: _Test) -> Body:
    alert = {
        "alertId": f"test-{test.slug}",
        "alias": f"test-{test.slug}",
        "message": test.title,
        "priority": "P5",
        "createdAt": test.seconds * 1000,
    }
    return {"action": "Create", "alert": alert}


def _pagerduty(test: _Test) -> Body:
    """PagerDuty's own ping, which opens nothing."""
    return {
        "event": {
            "id": f"test-{test.slug}",
            "event_type": "pagey.ping",
            "resource_type": "pagey",
            "occurred_at": test.iso,
            "data": {"message": test.title, "type": "ping"},
        }
    }


def _pingdom(test: _Test) -> Body:
    return {
        "check_id": f"test-{test.slug}",
        "check_name": test.title,
        "current_state": "DOWN",
        "previous_state": "UP",
        "importance_level": "LOW",
        "state_changed_timestamp": test.seconds,
    }


def _sentry(test: _Test) -> Body:
    issue = {
        "id": f"test-{test.slug}",
        "title": test.title,
        "level": "info",
        "status": "unresolved",
        "firstSeen": test.iso,
    }
    return {"action": "created", "data": {"issue": issue}}


def _splunk(test: _Test) -> Body:
    return {
        "sid": f"test-{test.slug}",
        "search_name": test.title,
        "result": {"_time": test.seconds, "severity": "info"},
    }


def _statuspage(test: _Test) -> Body:
    incident = {
        "id": f"test-{test.slug}",
        "name": test.title,
        "status": "investigating",
        "impact": "none",
        "created_at": test.iso,
    }
    return {"page": {"id": "test"}, "incident": incident}


def _uptimerobot(test: _Test) -> Body:
    """Uptime Kuma's test button; UptimeRobot's monitors are never mere news."""
    return {"heartbeat": None, "monitor": None, "msg": test.title}


def _zendesk(test: _Test) -> Body:
    return {
        "type": "zen:event-type:ticket.created",
        "id": f"test-{test.slug}",
        "time": test.iso,
        "detail": {
            "id": f"test-{test.slug}",
            "subject": test.title,
            "status": "NEW",
            "priority": "LOW",
            "created_at": test.iso,
        },
        "event": {},
    }


_SAMPLES: Mapping[str, Callable[[_Test], Body]] = {
    "alertmanager": _alertmanager,
    "cloudwatch": _cloudwatch,
    "datadog": _datadog,
    "eventbridge": _eventbridge,
    "gcp": _gcp,
    "generic": _generic,
    "grafana": _grafana,
    "newrelic": _newrelic,
    "opsgenie": _opsgenie,
    "pagerduty": _pagerduty,
    "pingdom": _pingdom,
    "sentry": _sentry,
    "splunk": _splunk,
    "statuspage": _statuspage,
    "uptimerobot": _uptimerobot,
    "zendesk": _zendesk,
}
