"""Test events: what their source's parser makes of them."""

import json

import pytest

from bot.alerts.parsed import ParsedDelivery
from bot.alerts.sources import SOURCES
from cli.webhook_samples import sample_of
from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, NOW


def parse(source: str, slug: str = "acme") -> ParsedDelivery:
    body = json.loads(json.dumps(sample_of(source, slug, BEGAN_AT)))
    return SOURCES[source](body, NOW)


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"pagerduty", "uptimerobot"}))
def test_a_sample_is_one_info_alert_of_now(source: str) -> None:
    parsed = parse(source)
    [alert] = parsed.alerts

    assert ((), ()) == (parsed.broken, parsed.ignored)
    assert ("Test of webhook acme", Severity.info, AlertStatus.firing, BEGAN_AT) == (
        alert.title,
        alert.severity,
        alert.status,
        alert.starts_at,
    )


def test_uptime_kumas_test_says_no_time() -> None:
    [alert] = parse("uptimerobot").alerts

    assert ("Test of webhook acme", Severity.info) == (alert.title, alert.severity)


def test_pagerdutys_ping_opens_nothing() -> None:
    parsed = parse("pagerduty")

    assert ((), (), 1) == (parsed.alerts, parsed.broken, len(parsed.ignored))


@pytest.mark.parametrize("source", sorted(set(SOURCES) - {"pagerduty"}))
def test_a_sample_is_its_endpoints_own(source: str) -> None:
    """Tests of two endpoints are two tasks; a second test of one adds to the first."""
    first, again, other = (
        [alert.fingerprint for alert in parse(source, slug).alerts]
        for slug in ("acme", "acme", "globex")
    )

    assert first == again != other
