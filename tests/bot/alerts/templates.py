"""Payloads that people write by templates of their own, and OnCall's."""

from tests.bot.alerts.samples import BEGAN, ENDED, Json


def datadog_camel(word: str) -> Json:
    """A template with names of its own."""
    return {
        "alertId": "123",
        "EVENT_TITLE": "[Triggered] CPU",
        "alert-transition": word,
        "AlertPriority": "P1",
    }


def oncall(state: str) -> Json:
    """Grafana OnCall's outgoing webhook."""
    return {
        "event": {"type": state, "time": ENDED},
        "alert_group": {
            "id": "I68T24C13IFW1",
            "state": state,
            "title": "feed is slow",
            "created_at": BEGAN,
            "resolved_at": ENDED if state == "resolved" else None,
            "permalinks": {"web": "https://grafana/a/oncall/1", "slack": None},
        },
        "alert_group_id": "I68T24C13IFW1",
        "alert_payload": {"commonLabels": {"severity": "high", "service": "feed"}},
        "integration": {"id": "C1", "type": "grafana", "name": "ops"},
    }


def monitor_within(word: str) -> Json:
    return {"monitor": {"id": 1, "friendlyName": "Site"}, "alert": {"type": word}}


def deeper(event: str) -> Json:
    item = {"id": 4, "title": "KeyError", "environment": "production"}
    return {"event_name": event, "data": {"item": item}}
