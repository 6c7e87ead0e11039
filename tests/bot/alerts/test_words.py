"""Senders' words."""

import pytest

from bot.alerts.words import (
    bare,
    find_severity,
    find_status,
    is_end,
    severity_of,
    status_if,
    status_of,
)
from policy.alert import AlertStatus, Severity


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("page", Severity.critical),
        ("SEV-1", Severity.critical),
        ("Critical (P3)", Severity.critical),
        ("P2", Severity.error),
        ("Major", Severity.error),
        (" Warn ", Severity.warning),
        ("informational", Severity.info),
        ("purple", None),
        ("", None),
        (None, None),
        (3, None),
        ("x" * 10_000, None),
    ],
)
def test_a_severity_is_found(word: object, expected: Severity | None) -> None:
    """Case and signs don't matter; what is unknown is no severity."""
    assert expected is find_severity(word)


def test_the_first_known_severity_counts() -> None:
    """None at all is a warning, so that it is seen."""
    assert Severity.error is severity_of("purple", "high", "low")
    assert Severity.warning is severity_of("purple", None)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Re-Triggered", AlertStatus.firing),
        ("No Data", AlertStatus.firing),
        ("acknowledged", AlertStatus.firing),
        ("OK", AlertStatus.resolved),
        ("Recovered", AlertStatus.resolved),
        ("Normal (NoData)", AlertStatus.resolved),
        ("Alerting(Error)", AlertStatus.firing),
        ("x" * 10_000, None),
        ("perhaps", None),
        (None, None),
        ([], None),
    ],
)
def test_a_status_is_found(word: object, expected: AlertStatus | None) -> None:
    """An acknowledged alert still fires."""
    assert expected is find_status(word)


def test_what_is_unknown_fires() -> None:
    """Better seen than lost; the first known word counts."""
    assert AlertStatus.resolved is status_of("perhaps", "ok", "firing")
    assert AlertStatus.firing is status_of("perhaps")
    assert AlertStatus.resolved is status_if(ended=True)
    assert AlertStatus.firing is status_if(ended=False)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("incident.resolved", True),
        ("ALERT_RECOVERY", True),
        ("alert-notification-clear", True),
        ("resolved_item", True),
        ("unresolved", False),
        ("alert.not_resolved", False),
        ("partially_resolved", False),
        ("success_rate", False),
        ("the alert was resolved", False),
        (None, False),
        ("x_" * 10_000 + "resolved", False),
    ],
)
def test_an_event_is_an_end_by_its_name(event: object, expected: bool) -> None:  # noqa: FBT001
    """Not if it is denied, and not by a word that measures are called by."""
    assert expected is is_end(event)


@pytest.mark.parametrize(
    "title",
    [
        "feed: is slow",
        "[FIRING:1] [P2] feed: is slow",
        "Problem: feed: is slow",
        "Resolved in 5m 3s: feed: is slow",
    ],
)
def test_a_title_is_bared_of_its_state(title: str) -> None:
    """What is no state stays."""
    assert "feed: is slow" == bare(title)


@pytest.mark.parametrize("title", ["[RESOLVED]", "Resolved: ", "x"])
def test_a_title_that_is_but_a_state_stays(title: str) -> None:
    assert title == bare(title)
