"""The sources that are known, by the name in webhook URLs and on the command line."""

from collections.abc import Mapping
from pathlib import Path

from bot.alerts import (
    alertmanager,
    cloudwatch,
    datadog,
    eventbridge,
    gcp,
    generic,
    grafana,
    newrelic,
    opsgenie,
    pagerduty,
    pingdom,
    sentry,
    splunk,
    statuspage,
    uptimerobot,
    zendesk,
)
from bot.alerts.mapping import load_mappings
from bot.alerts.parsed import Parser

SOURCES: Mapping[str, Parser] = {
    alertmanager.SOURCE: alertmanager.parse_alertmanager,
    cloudwatch.SOURCE: cloudwatch.parse_cloudwatch,
    datadog.SOURCE: datadog.parse_datadog,
    eventbridge.SOURCE: eventbridge.parse_eventbridge,
    gcp.SOURCE: gcp.parse_gcp,
    generic.SOURCE: generic.parse_generic,
    grafana.SOURCE: grafana.parse_grafana,
    newrelic.SOURCE: newrelic.parse_newrelic,
    opsgenie.SOURCE: opsgenie.parse_opsgenie,
    pagerduty.SOURCE: pagerduty.parse_pagerduty,
    pingdom.SOURCE: pingdom.parse_pingdom,
    sentry.SOURCE: sentry.parse_sentry,
    splunk.SOURCE: splunk.parse_splunk,
    statuspage.SOURCE: statuspage.parse_statuspage,
    uptimerobot.SOURCE: uptimerobot.parse_uptimerobot,
    zendesk.SOURCE: zendesk.parse_zendesk,
}


def routable() -> frozenset[str]:
    """Give the sources that a route may name: those of alerts, and what people open."""
    return frozenset(SOURCES) | {"slack"}


def sources_with(mapping: Path | None) -> Mapping[str, Parser]:
    """
    Give the sources, ``generic`` by a deployment's own mapping if it has one.

    Raises:
        PolicyError, OSError: the mapping does not load.
    """
    if mapping is None:
        return SOURCES
    own = generic.generic_parser(load_mappings(mapping))
    return {**SOURCES, generic.SOURCE: own}
