"""Statuspage's incidents and components."""

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, component, one, parse, statuspage


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("investigating", AlertStatus.firing),
        ("monitoring", AlertStatus.firing),
        ("in_progress", AlertStatus.firing),
        ("resolved", AlertStatus.resolved),
        ("postmortem", AlertStatus.resolved),
        ("completed", AlertStatus.resolved),
    ],
)
def test_an_incident_says_its_state(status: str, expected: AlertStatus) -> None:
    """It begins when it was created; the first component is the service."""
    alert = one("statuspage", statuspage(status))

    assert (expected, BEGAN_AT, "API") == (alert.status, alert.starts_at, alert.service)


@pytest.mark.parametrize(
    ("impact", "expected"),
    [
        ("critical", Severity.critical),
        ("major", Severity.error),
        ("minor", Severity.warning),
        ("none", Severity.info),
        ("maintenance", Severity.info),
    ],
)
def test_impact_is_the_severity(impact: str, expected: Severity) -> None:
    assert expected is one("statuspage", statuspage("x", impact=impact)).severity


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("major_outage", Severity.critical),
        ("partial_outage", Severity.error),
        ("degraded_performance", Severity.warning),
        ("under_maintenance", Severity.info),
    ],
)
def test_a_component_says_how_bad_it_is(status: str, expected: Severity) -> None:
    alert = one("statuspage", component(status))

    assert (expected, AlertStatus.firing) == (alert.severity, alert.status)


def test_a_page_alone_is_nothing_to_tell() -> None:
    assert 1 == len(parse("statuspage", {"page": {"id": "x"}}).ignored)
    assert 1 == len(parse("statuspage", {"x": 1}).broken)
