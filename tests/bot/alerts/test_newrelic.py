"""New Relic's issues and incidents."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import (
    BEGAN_AT,
    ENDED_AT,
    NOW,
    newrelic,
    newrelic_classic,
    one,
)


def test_an_issue_is_read() -> None:
    """Known by its id; the entity is the service."""
    alert = one("newrelic", newrelic("CLOSED"))

    assert ("newrelic:issue:d1b1f3fd", "feed", Severity.critical) == (
        alert.fingerprint,
        alert.service,
        alert.severity,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)


def test_an_incident_of_before_is_read() -> None:
    alert = one("newrelic", newrelic_classic("open"))

    assert ("Server Down", "feed", "production", Severity.warning) == (
        alert.title,
        alert.service,
        alert.environment,
        alert.severity,
    )


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "CREATED"}, AlertStatus.firing),
        ({"state": "ACTIVATED"}, AlertStatus.firing),
        ({"state": "closed"}, AlertStatus.resolved),
        ({"current_state": "acknowledged"}, AlertStatus.firing),
        ({"event_type": "INCIDENT_RESOLVED"}, AlertStatus.resolved),
        ({"state": "DEACTIVATED"}, AlertStatus.resolved),
        ({}, AlertStatus.firing),
    ],
)
def test_a_state_is_read_by_any_of_its_names(
    fields: dict[str, object], status: AlertStatus
) -> None:
    """One that isn't said fires."""
    assert status is one("newrelic", {"title": "x", "id": 1, **fields}).status


def test_a_test_incident_is_known_by_its_condition() -> None:
    """Each test has number 0."""
    first = {**newrelic_classic("open"), "incident_id": 0}
    other = {**first, "condition_name": "Another"}

    assert one("newrelic", first).fingerprint != one("newrelic", other).fingerprint


def test_a_list_serves_for_a_text() -> None:
    """Workflows' variables are lists, if they are not told otherwise."""
    body = {"issueId": "x", "issueTitle": ["memory"], "state": "CLOSED"}

    assert "memory" == one("newrelic", body).title


def test_an_unreadable_time_is_kept_beside_the_receipt() -> None:
    body = {**newrelic_classic("open"), "timestamp": "1969-12-31 23:59:55"}
    alert = one("newrelic", body)

    assert NOW == alert.starts_at
    assert alert.annotations["starts_at_said"].startswith("1969-12-31")


def test_a_template_of_ones_own_is_guessed() -> None:
    """A sentence is a better title than none."""
    body = {"one": "https://x.y", "two": "memory of feed is above 90", "n": 1}

    assert "memory of feed is above 90" == one("newrelic", body).title


def test_a_templates_names_may_be_in_any_case() -> None:
    body = {"ISSUE_ID": "1", "IssueTitle": "memory", "Current-State": "closed"}
    alert = one("newrelic", body)

    assert ("newrelic:issue:1", "memory", AlertStatus.resolved) == (
        alert.fingerprint,
        alert.title,
        alert.status,
    )


def test_an_end_may_come_with_the_issues_id_alone() -> None:
    alert = one("newrelic", {"issueId": "1", "state": "CLOSED"})

    assert ("New Relic issue 1", AlertStatus.resolved) == (alert.title, alert.status)
    assert "slow" == one("newrelic", {"issueId": "1", "summary": "slow"}).title
