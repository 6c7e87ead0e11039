"""Datadog's webhook, whose payload is a template."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, datadog, datadog_default, one


def test_the_usual_variables_are_read() -> None:
    """Title without its brackets, environment and team from the tags."""
    alert = one("datadog", datadog("Triggered"))

    assert ("feed is slow", "feed", "production", BEGAN_AT) == (
        alert.title,
        alert.service,
        alert.environment,
        alert.starts_at,
    )
    assert ("datadog:monitor:12:host:a,service:feed", Severity.error) == (
        alert.fingerprint,
        alert.severity,
    )
    assert ("https://app.datadoghq.com/monitors/12",) == alert.links


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Triggered", AlertStatus.firing),
        ("Re-Triggered", AlertStatus.firing),
        ("Warn", AlertStatus.firing),
        ("No Data", AlertStatus.firing),
        ("Renotify", AlertStatus.firing),
        ("Recovered", AlertStatus.resolved),
    ],
)
def test_a_transition_says_the_status(word: str, status: AlertStatus) -> None:
    """In its variable, or in the default payload's title."""
    assert status is one("datadog", datadog(word)).status
    assert status is one("datadog", datadog_default(word)).status
    older = one("datadog", {"title": f"[Monitor Alert] {word}: feed is slow"})
    assert (status, "feed is slow") == (older.status, older.title)


def test_a_group_is_known_whatever_the_order_of_its_scope() -> None:
    """Monitor and scope; the event has another id each time."""
    turned = {**datadog("Triggered"), "alert_scope": "service:feed,host:a", "id": "9"}
    other = {**datadog("Triggered"), "alert_scope": "host:b"}
    first = one("datadog", datadog("Triggered")).fingerprint

    assert first == one("datadog", turned).fingerprint
    assert first != one("datadog", other).fingerprint


def test_the_default_payload_tells_groups_apart_by_the_title() -> None:
    other = {
        **datadog_default("Triggered"),
        "title": "[Triggered on {host:b}] feed is slow",
    }

    assert (
        one("datadog", datadog_default("Triggered")).fingerprint
        != one("datadog", other).fingerprint
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"priority": 1}, Severity.critical),
        ({"priority": "P4"}, Severity.info),
        ({"priority": "normal", "alert_type": "error"}, Severity.error),
        ({"alert_type": "success"}, Severity.warning),
        ({"tags": ["severity:high"]}, Severity.error),
        ({"title": "[P1] [Triggered] x"}, Severity.critical),
        ({}, Severity.warning),
    ],
)
def test_priority_is_the_severity(
    fields: dict[str, object], expected: Severity
) -> None:
    """Then a tag, then the kind of event; a success is no severity."""
    assert expected is one("datadog", {"title": "x", **fields}).severity


def test_an_aggregation_key_serves_without_a_monitor() -> None:
    body = {"title": "x", "aggreg_key": "9bd4ac", "id": 1}

    assert "datadog:group:9bd4ac" == one("datadog", body).fingerprint
