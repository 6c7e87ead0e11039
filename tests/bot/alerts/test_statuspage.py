"""Statuspage's incidents and components."""

from datetime import timedelta

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


@pytest.mark.parametrize("name", ["incident", "scheduled_maintenance"])
def test_a_maintenance_fires_when_it_is_in_progress(name: str) -> None:
    """It is announced weeks ahead, under either name."""
    told, begun, done = (
        {name: statuspage(word, impact="maintenance")["incident"]}
        for word in ("scheduled", "in_progress", "completed")
    )
    [ignored] = parse("statuspage", told).ignored
    fired, ended = one("statuspage", begun), one("statuspage", done)

    assert ignored.about
    assert (AlertStatus.firing, Severity.info) == (fired.status, fired.severity)
    assert AlertStatus.resolved is ended.status
    assert {fired.fingerprint} == {ended.fingerprint, ignored.about.fingerprint}


def test_an_announcement_without_a_name_is_about_nothing() -> None:
    told = {"incident": {"status": "scheduled"}}

    assert [None] == [one.about for one in parse("statuspage", told).ignored]


def test_an_incident_without_words_is_called_by_its_id() -> None:
    alert = one("statuspage", {"incident": {"id": "l1", "status": "resolved"}})

    assert "Statuspage incident l1" == alert.title


@pytest.mark.parametrize(
    ("told", "starts_at"),
    [
        (["identified", "investigating", "resolved", "investigating"], 2),
        (["identified", "investigating"], None),
        (["resolved", "investigating"], None),
    ],
)
def test_a_reopened_incident_fires_anew(told: list[str], starts_at: int | None) -> None:
    """Since the first update after its last end; the newest one comes first."""
    updates = [
        {"status": word, "created_at": (BEGAN_AT + timedelta(hours=hour)).isoformat()}
        for hour, word in zip(range(len(told) - 1, -1, -1), told, strict=True)
    ]
    alert = one("statuspage", statuspage(told[0], incident_updates=updates))

    assert BEGAN_AT + timedelta(hours=starts_at or 0) == alert.starts_at
