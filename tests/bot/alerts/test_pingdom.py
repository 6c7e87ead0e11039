"""Pingdom's checks."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, check, one, parse


def test_a_check_is_read() -> None:
    """Known by its number, since its state changed."""
    alert = one("pingdom", check("DOWN"))

    assert ("pingdom:check:12345", "feed", Severity.error, BEGAN_AT) == (
        alert.fingerprint,
        alert.title,
        alert.severity,
        alert.starts_at,
    )
    assert ("reliability", ("https://feed.example",)) == (
        alert.labels["team"],
        alert.links,
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("DOWN", AlertStatus.firing),
        ("FAILING", AlertStatus.firing),
        ("UP", AlertStatus.resolved),
        ("SUCCESS", AlertStatus.resolved),
    ],
)
def test_a_state_is_read(state: str, status: AlertStatus) -> None:
    """A transaction fails and succeeds, others go down and up."""
    assert status is one("pingdom", check(state)).status


def test_without_a_check_there_is_no_alert() -> None:
    assert 1 == len(parse("pingdom", {"current_state": "DOWN"}).broken)
