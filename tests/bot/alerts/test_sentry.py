"""Sentry's webhooks, five kinds of them."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import (
    BEGAN,
    BEGAN_AT,
    ENDED,
    ENDED_AT,
    NOW,
    error_event,
    issue,
    metric_alert,
    one,
    parse,
)


@pytest.mark.parametrize(
    ("action", "state", "status"),
    [
        ("created", "unresolved", AlertStatus.firing),
        ("assigned", "unresolved", AlertStatus.firing),
        ("assigned", "ignored", AlertStatus.resolved),
        ("unresolved", "unresolved", AlertStatus.firing),
        ("resolved", "resolved", AlertStatus.resolved),
        ("archived", "ignored", AlertStatus.resolved),
    ],
)
def test_an_issue_says_its_state(action: str, state: str, status: AlertStatus) -> None:
    """Who archives one wants to hear no more of it."""
    assert status is one("sentry", issue(action, status=state)).status


@pytest.mark.parametrize("last_seen", [BEGAN, ENDED])
def test_an_issue_that_came_back_fires_anew(last_seen: str) -> None:
    """Seen once or often, maybe reopened by hand: an old start would be a repeat."""
    again = issue("unresolved", lastSeen=last_seen)

    assert BEGAN_AT == one("sentry", issue("created")).starts_at
    assert NOW == one("sentry", again).starts_at


def test_an_issue_ends_when_that_is_received() -> None:
    """It was last seen before it was reopened, and that end would be late."""
    assert NOW == one("sentry", issue("resolved", status="resolved")).ends_at


def test_an_issue_alert_is_the_issues() -> None:
    """Its event names issue, project and environment; who met it is nobody's label."""
    alert = one("sentry", error_event())

    assert one("sentry", issue("created")).fingerprint == alert.fingerprint
    assert ("feed", "production", Severity.critical) == (
        alert.service,
        alert.environment,
        alert.severity,
    )
    assert "user" not in alert.labels


def test_an_error_and_the_old_plugin_say_the_same() -> None:
    """The issue's number is in the address, if nowhere else."""
    data = error_event()["data"]
    event = dict(data["event"])  # type: ignore[index]
    del event["issue_id"]
    old = {"id": "1234", "project_slug": "feed", "level": "fatal", "event": event}

    for body in ({"action": "created", "data": {"error": event}}, old):
        assert "sentry:issue:1234" == one("sentry", body).fingerprint


def test_a_metric_alert_is_its_rule() -> None:
    """The next incident is the same alert; critical and warning are severities."""
    fired, ended = (
        one("sentry", metric_alert(one_)) for one_ in ("critical", "resolved")
    )

    assert (Severity.critical, "too many errors") == (fired.severity, fired.title)
    assert fired.fingerprint == ended.fingerprint
    assert ENDED_AT == ended.ends_at


@pytest.mark.parametrize(
    "body",
    [
        {"action": "created", "data": {"installation": {"uuid": "a"}}},
        {
            "action": "created",
            "data": {"comment_id": "1", "issue_id": 2, "comment": "x"},
        },
        {"action": "deleted", "data": {}, "installation": {"uuid": "a"}},
        {"installation": {"uuid": "a"}},
    ],
)
def test_what_is_no_issue_is_nothing_to_tell(body: dict[str, object]) -> None:
    parsed = parse("sentry", body)

    assert ((), (), 1) == (parsed.alerts, parsed.broken, len(parsed.ignored))


def test_an_issue_without_words_is_called_by_its_id() -> None:
    body = {"action": "resolved", "data": {"issue": {"id": "1234"}}}

    assert "Sentry issue 1234" == one("sentry", body).title
