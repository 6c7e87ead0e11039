"""Grafana's webhook, of unified alerting and before."""

from datetime import datetime

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import (
    BEGAN_AT,
    ENDED,
    ENDED_AT,
    NOW,
    grafana,
    grafana_legacy,
    one,
)
from tests.bot.alerts.templates import oncall


def test_a_unified_alert_is_read() -> None:
    """As Alertmanager's, with the links of its panel."""
    alert = one("grafana", grafana("resolved"))

    assert ("feed is slow", Severity.critical, "feed") == (
        alert.title,
        alert.severity,
        alert.service,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)
    assert "https://grafana/d/1" == alert.links[0]


def test_an_alert_without_labels_takes_the_deliverys() -> None:
    """A notification's own name, if there is nothing else, the same in each state."""
    fired = {"title": "[FIRING:1] Slow", "alerts": [{"status": "firing"}]}
    ended = {"title": "[RESOLVED] Slow", "alerts": [{"status": "resolved"}]}
    alert = one("grafana", fired)

    assert "Slow" == alert.title
    assert alert.fingerprint == one("grafana", ended).fingerprint


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("alerting", AlertStatus.firing),
        ("no_data", AlertStatus.firing),
        ("pending", AlertStatus.firing),
        ("ok", AlertStatus.resolved),
        ("paused", AlertStatus.resolved),
    ],
)
def test_a_legacy_rule_says_its_state(state: str, status: AlertStatus) -> None:
    """Its title is the rule's, the same in each state; it does not say since when."""
    alert = one("grafana", grafana_legacy(state))

    assert (status, "CPU of feed", NOW) == (alert.status, alert.title, alert.starts_at)
    assert Severity.critical is alert.severity


def test_rules_of_two_grafanas_are_two() -> None:
    """Both count from one; so do the organisations of one."""
    first = grafana_legacy("alerting")
    there = one("grafana", {**first, "ruleUrl": "https://other/d/1"})

    assert one("grafana", first).fingerprint != there.fingerprint
    assert one("grafana", {**first, "orgId": 2}).fingerprint != there.fingerprint


def test_a_test_without_a_rule_is_known_by_its_name() -> None:
    """Rule 0 is every test's."""
    body = {**grafana_legacy("alerting"), "ruleId": 0}
    other = {**body, "ruleName": "Another"}

    assert one("grafana", body).fingerprint != one("grafana", other).fingerprint


def test_a_payload_of_ones_own_is_guessed() -> None:
    """Grafana lets the user write the template."""
    alert = one("grafana", {"text": "disk is full", "severity": "high"})

    assert ("disk is full", Severity.error) == (alert.title, alert.severity)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("firing", AlertStatus.firing),
        ("acknowledged", AlertStatus.firing),
        ("silenced", AlertStatus.firing),
        ("resolved", AlertStatus.resolved),
    ],
)
def test_a_group_of_oncall_is_read(state: str, status: AlertStatus) -> None:
    """What OnCall was sent has the labels."""
    alert = one("grafana", oncall(state))

    assert ("grafana:group:I68T24C13IFW1", "feed is slow", status) == (
        alert.fingerprint,
        alert.title,
        alert.status,
    )
    assert (Severity.error, "feed", BEGAN_AT) == (
        alert.severity,
        alert.service,
        alert.starts_at,
    )


@pytest.mark.parametrize(("said", "begins"), [(ENDED, ENDED_AT), (None, NOW)])
def test_a_group_of_oncall_that_is_unresolved_fires_anew(
    said: str | None, begins: datetime
) -> None:
    """Since then: with its old start it would be a repeat, and be hidden."""
    event = {"type": "unresolve", "time": said}
    alert = one("grafana", {**oncall("firing"), "event": event})

    assert (AlertStatus.firing, begins) == (alert.status, alert.starts_at)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("alerting", AlertStatus.firing),
        ("Alerting (NoData)", AlertStatus.firing),
        ("normal", AlertStatus.resolved),
        ("Normal (Error)", AlertStatus.resolved),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        {"title": "slow"},
        {"ruleName": "slow"},
        {"ruleName": "slow", "state": ""},
        {"alerts": [{"labels": {"alertname": "slow"}}]},
    ],
    ids=["custom", "of a rule", "no state", "of alerts"],
)
def test_the_words_of_a_rules_state_are_known(
    body: dict[str, object], word: str, status: AlertStatus
) -> None:
    assert status is one("grafana", {**body, "status": word}).status


def test_a_title_of_ones_own_may_have_its_state() -> None:
    """It is the same alert in each."""
    fired, ended = (
        one("grafana", {"title": title, "status": "x"})
        for title in ("[FIRING:1] feed is slow", "[RESOLVED] feed is slow")
    )

    assert fired.fingerprint == ended.fingerprint
