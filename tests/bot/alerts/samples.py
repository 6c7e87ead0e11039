"""Payloads written by hand from the vendors' documented fields; small on purpose."""

from datetime import UTC, datetime

from bot.alerts.parsed import ParsedDelivery
from bot.alerts.sources import SOURCES
from policy.alert import Alert

NOW = datetime(2026, 2, 1, tzinfo=UTC)
BEGAN = "2026-01-02T03:04:05Z"
ENDED = "2026-01-02T04:00:00Z"
BEGAN_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ENDED_AT = datetime(2026, 1, 2, 4, tzinfo=UTC)
SECONDS, END_SECONDS = 1767323045, 1767326400

Json = dict[str, object]


def parse(source: str, body: object) -> ParsedDelivery:
    return SOURCES[source](body, NOW)


def one(source: str, body: object) -> Alert:
    """Parse a delivery of one alert, of which nothing is broken or ignored."""
    parsed = parse(source, body)
    assert ((), ()) == (parsed.broken, parsed.ignored)
    [alert] = parsed.alerts
    return alert


def page(what: str, **changes: object) -> Json:
    """PagerDuty v3."""
    incident = {
        "id": "PGR0VU2",
        "type": "incident",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        "number": 2,
        "status": "resolved" if what == "resolved" else "triggered",
        "incident_key": "d3640fbd41094207a1c11e58e46b1662",
        "created_at": BEGAN,
        "title": "feed is slow",
        "service": {"id": "PF9KMXH", "summary": "feed", "type": "service_reference"},
        "urgency": "high",
        "priority": {"summary": "P1"},
        **changes,
    }
    return {
        "event": {
            "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
            "event_type": f"incident.{what}",
            "resource_type": "incident",
            "occurred_at": ENDED,
            "data": incident,
        }
    }


def message_v2(what: str, status: str) -> Json:
    incident = {
        "id": "PRORDTY",
        "incident_number": 33,
        "title": "feed is slow",
        "created_at": BEGAN,
        "status": status,
        "urgency": "low",
        "service": {"id": "PN49J75", "name": "feed"},
        "html_url": "https://acme.pagerduty.com/incidents/PRORDTY",
    }
    return {"event": what, "incident": incident, "created_on": ENDED, "id": "m1"}


def page_v2(what: str, status: str) -> Json:
    return {"messages": [message_v2(what, status)]}


def opsgenie(action: str, **changes: object) -> Json:
    return {
        "action": action,
        "alert": {
            "alertId": "052652ac-5d1c-464a-812a-7dd18bbfba8c",
            "message": "feed is slow",
            "alias": "feed-latency",
            "tags": ["tier:1", "vip"],
            "entity": "feed",
            "createdAt": SECONDS * 1000,
            "updatedAt": END_SECONDS * 1_000_000_000,
            "priority": "P2",
            "details": {"environment": "production"},
            **changes,
        },
        "integrationName": "ops",
    }


def issue(action: str, **changes: object) -> Json:
    return {
        "action": action,
        "installation": {"uuid": "a8e5d37a"},
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        "data": {
            "issue": {
                "id": "1234",
                "shortId": "FEED-1",
                "title": "KeyError: 'user'",
                "culprit": "feed.views in index",
                "level": "error",
                "status": "unresolved",
                "permalink": "https://sentry.io/organizations/acme/issues/1234/",
                "firstSeen": BEGAN,
                "lastSeen": ENDED,
                "project": {"id": "1", "slug": "feed", "name": "Feed"},
                **changes,
            }
        },
    }


def metric_alert(action: str) -> Json:
    return {
        "action": action,
        "data": {
            "metric_alert": {
                "id": "55" if action == "critical" else "56",
                "date_started": BEGAN,
                "date_closed": ENDED if action == "resolved" else None,
                "alert_rule": {"id": "7", "name": "too many errors"},
                "projects": ["feed"],
            },
            "description_title": f"{action}: too many errors",
            "web_url": "https://sentry.io/organizations/acme/alerts/1/",
        },
    }


def error_event() -> Json:
    return {
        "action": "triggered",
        "data": {
            "event": {
                "event_id": "e1",
                "issue_id": "1234",
                "title": "KeyError: 'user'",
                "level": "fatal",
                "url": "https://sentry.io/api/0/projects/acme/feed/events/e1/",
                "web_url": "https://sentry.io/organizations/acme/issues/1234/",
                "datetime": BEGAN,
                "tags": [["environment", "production"], ["user", "id:7"]],
            },
            "triggered_rule": "tell everybody",
        },
    }


def ticket(what: str, status: str, **changes: object) -> Json:
    return {
        "type": f"zen:event-type:ticket.{what}",
        "account_id": 1,
        "id": "2b24ef10",
        "time": ENDED,
        "subject": "zen:ticket:35436",
        "detail": {
            "id": "35436",
            "subject": "I can't log in",
            "status": status,
            "priority": "URGENT",
            "created_at": BEGAN,
            "updated_at": ENDED,
            "tags": ["login"],
            **changes,
        },
        "event": {},
    }


def grafana(status: str) -> Json:
    return {
        "receiver": "ops",
        "status": status,
        "orgId": 1,
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "Slow", "service": "feed", "severity": "page"},
                "annotations": {"summary": "feed is slow"},
                "startsAt": BEGAN,
                "endsAt": ENDED,
                "generatorURL": "https://grafana/alerting/1/view",
                "fingerprint": "c6eadffa33fcdf37",
                "dashboardURL": "https://grafana/d/1",
                "valueString": "[ value=7 ]",
            }
        ],
        "externalURL": "https://grafana/",
        "version": "1",
    }


def grafana_legacy(state: str) -> Json:
    return {
        "dashboardId": 1,
        "evalMatches": [{"value": 97, "metric": "user", "tags": {"host": "a"}}],
        "orgId": 1,
        "ruleId": 7,
        "ruleName": "CPU of feed",
        "ruleUrl": "https://grafana/d/1?panelId=1",
        "state": state,
        "tags": {"service": "feed", "severity": "critical"},
        "title": f"[{state}] CPU of feed",
        "message": "it is hot",
    }


def check(state: str) -> Json:
    return {
        "check_id": 12345,
        "check_name": "feed",
        "check_type": "HTTP",
        "check_params": {
            "hostname": "feed.example",
            "full_url": "https://feed.example",
        },
        "tags": ["team:reliability"],
        "previous_state": "UP",
        "current_state": state,
        "importance_level": "HIGH",
        "state_changed_timestamp": SECONDS,
        "long_description": "Invalid hostname",
        "first_probe": {"location": "Stockholm, Sweden"},
    }


def statuspage(status: str, **changes: object) -> Json:
    return {
        "page": {"id": "j2mfxwj97wnj", "status_description": "Major System Outage"},
        "incident": {
            "id": "lbkhbwn21v5q",
            "name": "API is down",
            "status": status,
            "impact": "critical",
            "created_at": BEGAN,
            "resolved_at": ENDED if status == "resolved" else None,
            "shortlink": "https://stspg.io/1",
            "incident_updates": [{"body": "we are looking", "status": status}],
            "components": [{"name": "API"}],
            **changes,
        },
    }


def component(status: str) -> Json:
    return {
        "page": {"id": "j2mfxwj97wnj"},
        "component_update": {
            "created_at": BEGAN,
            "new_status": status,
            "old_status": "operational",
            "component_id": "vtnh60py4yd7",
        },
        "component": {"id": "vtnh60py4yd7", "name": "API", "status": status},
    }


def monitor(kind: str, word: str) -> Json:
    return {
        "monitorID": "777",
        "monitorURL": "https://feed.example",
        "monitorFriendlyName": "feed",
        "alertType": kind,
        "alertTypeFriendlyName": word,
        "alertDetails": "HTTP 500",
        "alertDateTime": str(SECONDS),
    }


def incident_gcp(state: str) -> Json:
    return {
        "version": "1.2",
        "incident": {
            "incident_id": "0.mabc",
            "scoping_project_id": "acme",
            "url": "https://console.cloud.google.com/incidents/0.mabc",
            "started_at": SECONDS,
            "ended_at": END_SECONDS if state == "closed" else None,
            "state": state,
            "severity": "Error",
            "summary": "CPU is above 0.8",
            "policy_name": "hot",
            "condition_name": "CPU",
            "resource": {"type": "k8s", "labels": {"container_name": "feed"}},
            "metadata": {"user_labels": {"environment": "production"}},
        },
    }


def newrelic(state: str) -> Json:
    return {
        "id": "d1b1f3fd",
        "issueUrl": "https://radar-api.service.newrelic.com/issues/1",
        "title": "Memory > 90 on 'feed'",
        "priority": "CRITICAL",
        "impactedEntities": ["feed"],
        "state": state,
        "createdAt": SECONDS * 1000,
        "updatedAt": END_SECONDS * 1000,
        "alertPolicyNames": ["golden"],
        "alertConditionNames": ["memory"],
    }


def newrelic_classic(state: str) -> Json:
    return {
        "account_id": 1,
        "condition_name": "Server Down",
        "current_state": state,
        "event_type": "INCIDENT",
        "incident_id": 41,
        "incident_url": "https://alerts.newrelic.com/incidents/41",
        "policy_name": "golden",
        "severity": "WARNING",
        "targets": [{"name": "feed", "type": "Host", "labels": {"env": "production"}}],
        "timestamp": SECONDS * 1000,
    }


def datadog(word: str) -> Json:
    return {
        "id": "900",
        "title": f"[P2] [{word} on {{host:a,service:feed}}] feed is slow",
        "body": "%%% it is slow %%%",
        "date": str(SECONDS * 1000),
        "alert_id": "12",
        "alert_transition": word,
        "alert_scope": "host:a,service:feed",
        "tags": "env:production,team:reliability",
        "link": "https://app.datadoghq.com/monitors/12",
    }


def datadog_default(word: str) -> Json:
    """The default payload knows neither monitor nor transition."""
    return {
        "id": "900" if word == "Triggered" else "901",
        "title": f"[{word} on {{host:a}}] feed is slow",
        "event_type": "query_alert_monitor",
        "date": str(SECONDS * 1000),
        "org": {"id": "1", "name": "acme"},
    }


def splunk() -> Json:
    return {
        "sid": "scheduler__admin__search__feed_at_1767323045_7",
        "search_name": "feed errors",
        "app": "search",
        "owner": "admin",
        "results_link": "https://splunk/app/search/1",
        "result": {"host": "a", "_time": str(SECONDS), "urgency": "high", "_raw": "x"},
    }


def riemann(state: str) -> Json:
    return {
        "host": "a",
        "service": "feed",
        "state": state,
        "metric": 1,
        "time": SECONDS,
    }


def anything(status: str) -> Json:
    return {
        "id": "a-1",
        "name": "feed is slow",
        "status": status,
        "level": "sev-1",
        "service": "feed",
        "env": "production",
        "timestamp": BEGAN,
        "url": "https://feed.example",
        "tags": ["team:reliability"],
    }
