"""Each source's samples in pairs: while it fires, and when it has ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bot.alerts.amazon import alarm, alarm_event, sns
from tests.bot.alerts.samples import (
    Json,
    anything,
    check,
    component,
    datadog,
    datadog_default,
    error_event,
    grafana,
    grafana_legacy,
    incident_gcp,
    issue,
    metric_alert,
    monitor,
    newrelic,
    newrelic_classic,
    opsgenie,
    page,
    page_v2,
    riemann,
    splunk,
    statuspage,
    ticket,
)
from tests.bot.alerts.templates import datadog_camel, deeper, monitor_within, oncall


@dataclass(frozen=True)
class Twins:
    """The same thing while it fires and when it has ended; some never say that."""

    source: str
    name: str
    firing: Json
    resolved: Json | None = None


def all_twins() -> Iterator[Twins]:
    """Give at least one pair of every source."""
    yield Twins("alertmanager", "v4", grafana("firing"), grafana("resolved"))
    yield Twins("cloudwatch", "sns", sns(alarm()), sns(alarm(NewStateValue="OK")))
    yield Twins("cloudwatch", "bare", alarm(), alarm(NewStateValue="OK"))
    yield Twins("datadog", "variables", datadog("Triggered"), datadog("Recovered"))
    yield Twins(
        "datadog", "default", datadog_default("Triggered"), datadog_default("Recovered")
    )
    yield Twins(
        "datadog", "any case", datadog_camel("Triggered"), datadog_camel("Recovered")
    )
    yield Twins("eventbridge", "alarm", alarm_event("ALARM"), alarm_event("OK"))
    yield Twins("gcp", "incident", incident_gcp("open"), incident_gcp("closed"))
    yield Twins("generic", "riemann", riemann("critical"), riemann("ok"))
    yield Twins("generic", "deeper", deeper("new_item"), deeper("resolved_item"))
    yield Twins("generic", "other", anything("open"), anything("resolved"))
    yield Twins("grafana", "oncall", oncall("firing"), oncall("resolved"))
    yield Twins("grafana", "unified", grafana("firing"), grafana("resolved"))
    yield Twins("grafana", "legacy", grafana_legacy("alerting"), grafana_legacy("ok"))
    yield Twins("newrelic", "workflow", newrelic("ACTIVATED"), newrelic("CLOSED"))
    yield Twins(
        "newrelic", "classic", newrelic_classic("open"), newrelic_classic("closed")
    )
    yield Twins("opsgenie", "alert", opsgenie("Create"), opsgenie("Close"))
    yield Twins("pagerduty", "v3", page("triggered"), page("resolved"))
    yield Twins(
        "pagerduty",
        "v2",
        page_v2("incident.trigger", "triggered"),
        page_v2("incident.resolve", "resolved"),
    )
    yield Twins("pingdom", "check", check("DOWN"), check("UP"))
    yield Twins("sentry", "issue", issue("created"), issue("resolved"))
    yield Twins("sentry", "metric", metric_alert("critical"), metric_alert("resolved"))
    yield Twins("sentry", "event", error_event())
    yield Twins("splunk", "search", splunk())
    yield Twins(
        "statuspage", "incident", statuspage("investigating"), statuspage("resolved")
    )
    yield Twins(
        "statuspage", "component", component("major_outage"), component("operational")
    )
    yield Twins("uptimerobot", "monitor", monitor("1", "Down"), monitor("2", "Up"))
    yield Twins("uptimerobot", "deeper", monitor_within("DOWN"), monitor_within("UP"))
    yield Twins(
        "zendesk", "event", ticket("created", "NEW"), ticket("status_changed", "SOLVED")
    )
