"""Senders' words."""

import pytest

from bot.alerts.words import (
    find_severity,
    find_status,
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
