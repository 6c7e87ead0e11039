"""Zendesk's tickets."""

from datetime import datetime

import pytest

from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import (
    BEGAN,
    BEGAN_AT,
    ENDED,
    ENDED_AT,
    NOW,
    one,
    parse,
    ticket,
)


def test_a_ticket_is_one_alert_till_it_is_solved() -> None:
    alert = one("zendesk", ticket("status_changed", "SOLVED"))

    assert ("zendesk:ticket:35436", "I can't log in", Severity.critical) == (
        alert.fingerprint,
        alert.title,
        alert.severity,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)


@pytest.mark.parametrize(
    ("what", "status", "expected"),
    [
        ("created", "NEW", AlertStatus.firing),
        ("status_changed", "PENDING", AlertStatus.firing),
        ("status_changed", "CLOSED", AlertStatus.resolved),
        ("soft_deleted", "OPEN", AlertStatus.resolved),
        ("marked_as_spam", "NEW", AlertStatus.resolved),
    ],
)
def test_events_say_whether_it_is_open(
    what: str, status: str, expected: AlertStatus
) -> None:
    assert expected is one("zendesk", ticket(what, status)).status


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ("high", Severity.error),
        ("NORMAL", Severity.warning),
        ("low", Severity.info),
        (None, Severity.warning),
    ],
)
def test_priority_is_the_severity(priority: object, expected: Severity) -> None:
    body = ticket("created", "NEW", priority=priority)

    assert expected is one("zendesk", body).severity


@pytest.mark.parametrize(
    "kind",
    [
        "ticket.comment_added",
        "ticket.tags_changed",
        "ticket.agent_assignment_changed",
        "user.created",
        "article.published",
    ],
)
def test_other_events_are_nothing_to_tell(kind: str) -> None:
    """The reason names the event."""
    body = {**ticket("created", "OPEN"), "type": f"zen:event-type:{kind}"}
    parsed = parse("zendesk", body)

    assert ((), ()) == (parsed.alerts, parsed.broken)
    assert parsed.ignored[0].reason.startswith(kind)


def test_a_triggers_own_json_is_read() -> None:
    """Placeholders keep their names; an address has no scheme there."""
    flat = {
        "ticket_id": 7,
        "ticket_title": "it is slow",
        "ticket_status": "Open",
        "ticket_priority": "High",
        "ticket_url": "acme.zendesk.com/agent/tickets/7",
        "ticket_tags": "login vip",
    }
    nested = {"ticket": {"id": 7, "subject": "it is slow", "status": "open"}}
    alert = one("zendesk", flat)

    assert alert.fingerprint == one("zendesk", nested).fingerprint
    assert ("https://acme.zendesk.com/agent/tickets/7",) == alert.links
    assert (Severity.error, "true") == (alert.severity, alert.labels["vip"])


def test_a_reopened_ticket_fires_anew() -> None:
    """From then on, lest it be taken for a repeat."""
    body = {
        **ticket("status_changed", "OPEN"),
        "event": {"previous": "SOLVED", "current": "OPEN"},
    }

    assert ENDED_AT == one("zendesk", body).starts_at
    assert BEGAN_AT == one("zendesk", ticket("status_changed", "OPEN")).starts_at


@pytest.mark.parametrize("what", ["undeleted", "unmarked_as_spam"])
def test_a_ticket_that_was_no_spam_fires_anew(what: str) -> None:
    """Since that event: since its creation it would be a repeat."""
    assert ENDED_AT == one("zendesk", ticket(what, "OPEN")).starts_at


@pytest.mark.parametrize(
    ("said", "starts_at"),
    [
        ({"updated_at": ENDED}, ENDED_AT),
        ({"updated_at_with_timestamp": ENDED, "updated_at": "May 1, 2026"}, ENDED_AT),
        ({"updated_at": "May 1, 2026"}, NOW),
        ({}, NOW),
        ({"status": "New"}, BEGAN_AT),
    ],
)
def test_a_triggers_ticket_fires_since_its_change(
    said: dict[str, object], starts_at: datetime
) -> None:
    """It may have been reopened; a new one was not."""
    fields = {"id": 7, "subject": "slow", "status": "open", "created_at": BEGAN, **said}
    flat = {f"ticket_{name}": value for name, value in fields.items()}

    assert starts_at == one("zendesk", {"ticket": fields}).starts_at
    assert starts_at == one("zendesk", flat).starts_at


def test_a_triggers_ticket_ends_each_time_it_is_solved() -> None:
    """When it was changed, or else received."""
    solved = {"id": 7, "subject": "slow", "status": "solved", "created_at": BEGAN}
    dated = {**solved, "updated_at_with_timestamp": ENDED}

    assert NOW == one("zendesk", {"ticket": solved}).ends_at
    assert ENDED_AT == one("zendesk", {"ticket": dated}).ends_at


@pytest.mark.parametrize(
    "body", [{"hello": 1}, {"ticket": {}}, {**ticket("created", "NEW"), "detail": {}}]
)
def test_without_a_ticket_there_is_no_alert(body: dict[str, object]) -> None:
    assert 1 == len(parse("zendesk", body).broken)


@pytest.mark.parametrize(
    "body",
    [
        {"ticketId": "5", "title": "x"},
        {"TICKET_ID": 5, "id": "the trigger", "title": "x"},
        {"ticket.id": 5, "ticket.title": "x"},
        {"ticket": {"ticketId": "5", "ticketTitle": "x"}},
    ],
)
def test_a_ticket_is_known_by_its_id_in_any_case(body: dict[str, object]) -> None:
    alert = one("zendesk", body)

    assert ("zendesk:ticket:5", "x") == (alert.fingerprint, alert.title)
