"""UptimeRobot's monitors; and Uptime Kuma's."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, NOW, monitor, one, parse
from tests.bot.alerts.templates import monitor_within


def test_a_monitor_is_read() -> None:
    alert = one("uptimerobot", monitor("1", "Down"))

    assert ("uptimerobot:monitor:777", "feed", Severity.error, BEGAN_AT) == (
        alert.fingerprint,
        alert.title,
        alert.severity,
        alert.starts_at,
    )
    assert ("https://feed.example",) == alert.links


def test_snake_case_and_no_number_are_read() -> None:
    """An older template: known by name and address, since it came."""
    body = {
        "monitor_friendly_name": "feed",
        "monitor_url": "feed.example",
        "alert_type_friendly_name": "Up",
    }
    alert = one("uptimerobot", body)

    assert (AlertStatus.resolved, NOW) == (alert.status, alert.starts_at)


def test_an_expiry_is_another_alert_than_an_outage() -> None:
    """The site is up, and its certificate ends."""
    alert = one("uptimerobot", monitor("3", "SSL expiry"))

    assert ("feed certificate", Severity.warning, AlertStatus.firing) == (
        alert.title,
        alert.severity,
        alert.status,
    )
    assert one("uptimerobot", monitor("1", "Down")).fingerprint != alert.fingerprint


@pytest.mark.parametrize(
    ("beat", "status"), [(0, AlertStatus.firing), (1, AlertStatus.resolved)]
)
def test_uptime_kuma_is_taken_for_it(beat: int, status: AlertStatus) -> None:
    body = {
        "heartbeat": {"status": beat, "time": "2026-01-02 03:04:05.000"},
        "monitor": {"id": 4, "name": "feed"},
        "msg": "[feed] down",
    }
    alert = one("uptimerobot", body)

    assert (status, BEGAN_AT, "feed") == (alert.status, alert.starts_at, alert.title)


def test_a_test_message_is_news_and_no_more() -> None:
    alert = one("uptimerobot", {"heartbeat": None, "monitor": None, "msg": "Testing"})

    assert ("Testing", Severity.info) == (alert.title, alert.severity)


def test_without_a_monitor_there_is_no_alert() -> None:
    assert 1 == len(parse("uptimerobot", {"alertType": "1"}).broken)


def test_what_stands_within_objects_is_guessed() -> None:
    down, up = (one("uptimerobot", monitor_within(word)) for word in ("DOWN", "UP"))

    assert ("Site", AlertStatus.firing) == (down.title, down.status)
    assert (down.fingerprint, AlertStatus.resolved) == (up.fingerprint, up.status)
