"""Opsgenie's webhook."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, ENDED_AT, one, opsgenie, parse


def test_an_alert_is_read() -> None:
    """Milliseconds at one end, nanoseconds at the other; tags are labels."""
    alert = one("opsgenie", opsgenie("Close"))

    assert ("opsgenie:feed-latency", "feed", "production", Severity.error) == (
        alert.fingerprint,
        alert.service,
        alert.environment,
        alert.severity,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)
    assert ("1", "true") == (alert.labels["tier"], alert.labels["vip"])


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("Create", AlertStatus.firing),
        ("Acknowledge", AlertStatus.firing),
        ("AddNote", AlertStatus.firing),
        ("Close", AlertStatus.resolved),
        ("Delete", AlertStatus.resolved),
    ],
)
def test_an_action_says_the_status(action: str, status: AlertStatus) -> None:
    """What doesn't end it leaves it firing, since it was created: a repeat."""
    alert = one("opsgenie", opsgenie(action))

    assert (status, BEGAN_AT) == (alert.status, alert.starts_at)


def test_an_alias_that_is_an_address_is_hashed() -> None:
    alert = one("opsgenie", opsgenie("Create", alias="ada@example.com"))

    assert "@" not in alert.fingerprint


@pytest.mark.parametrize(
    ("priority", "expected"),
    [("P1", Severity.critical), (5, Severity.info), (None, Severity.warning)],
)
def test_priorities_are_mapped(priority: object, expected: Severity) -> None:
    """As word or as number."""
    assert expected is one("opsgenie", opsgenie("Create", priority=priority)).severity


def test_an_incident_and_the_apis_own_alert_are_read() -> None:
    """Status closed ends them, whatever the action."""
    alert = {"message": "x", "id": "i1", "status": "closed"}

    for body in (alert, {"data": alert}, {"action": "x", "incident": alert}):
        assert AlertStatus.resolved is one("opsgenie", body).status


def test_an_event_without_an_alert_is_nothing_to_tell() -> None:
    """And what names no action is no event."""
    parsed = parse("opsgenie", {"action": "ScheduleChanged"})

    assert (1, 0) == (len(parsed.ignored), len(parsed.broken))
    assert 1 == len(parse("opsgenie", {"hello": 1}).broken)


@pytest.mark.parametrize("action", ["Close", "Delete"])
@pytest.mark.parametrize(
    ("body", "title"),
    [
        ({"alert": {"alertId": "a1", "tinyId": "7"}}, "Opsgenie alert 7"),
        ({"alert": {"alertId": "a1"}}, "Opsgenie alert a1"),
        ({"alertId": "a1"}, "Opsgenie alert a1"),
    ],
    ids=["short", "long", "without an object"],
)
def test_an_end_may_come_with_the_id_alone(
    action: str, body: dict[str, object], title: str
) -> None:
    """It ends what fired under that id."""
    fired = one("opsgenie", {"alert": {"alertId": "a1", "message": "slow"}})
    ended = one("opsgenie", {"action": action, **body})

    assert (title, AlertStatus.resolved) == (ended.title, ended.status)
    assert fired.fingerprint == ended.fingerprint
