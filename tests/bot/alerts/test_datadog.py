"""Datadog's webhook, whose payload is a template."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import (
    BEGAN_AT,
    datadog,
    datadog_default,
    one,
    parse,
)
from tests.bot.alerts.templates import datadog_camel


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


@pytest.mark.parametrize("word", ["Triggered", "Recovered"])
def test_the_variables_are_read_in_any_case(word: str) -> None:
    """The same alert as with the usual names."""
    usual = {"alert_id": "123", "event_title": "[Triggered] CPU"}
    alert = one("datadog", datadog_camel(word))

    assert one("datadog", usual).fingerprint == alert.fingerprint
    assert ("CPU", Severity.critical) == (alert.title, alert.severity)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {
                "incident_title": "slow",
                "incident_status": "resolved",
                "incident_public_id": "7",
                "incident_severity": "SEV-2",
            },
            ("slow", Severity.error, AlertStatus.resolved),
        ),
        (
            {"security_rule_name": "odd", "security_signal_severity": "high"},
            ("odd", Severity.error, AlertStatus.firing),
        ),
        (
            {"alert": {"id": 5, "title": "slow", "transition": "Recovered"}},
            ("slow", Severity.warning, AlertStatus.resolved),
        ),
    ],
    ids=["incident", "signal", "within an object"],
)
def test_what_is_no_monitors_is_read(
    body: dict[str, object], expected: tuple[object, ...]
) -> None:
    alert = one("datadog", body)

    assert expected == (alert.title, alert.severity, alert.status)


def test_an_end_may_come_with_the_monitors_id_alone() -> None:
    """What has neither title nor id is no alert."""
    ended = one("datadog", {"alertId": 123, "alertTransition": "Recovered"})

    assert AlertStatus.resolved is ended.status
    assert one("datadog", datadog_camel("Triggered")).fingerprint == ended.fingerprint
    assert 1 == len(parse("datadog", {"x": 1}).broken)
