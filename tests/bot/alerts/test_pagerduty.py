"""PagerDuty's webhooks, three versions of them."""

import pytest

from bot.alerts.parsed import UnreadableDelivery
from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN_AT, ENDED_AT, message_v2, one, page, parse


def test_a_v3_event_is_read() -> None:
    """Known by the incident, since it was created."""
    alert = one("pagerduty", page("resolved"))

    assert ("pagerduty:incident:PGR0VU2", "feed is slow", "feed") == (
        alert.fingerprint,
        alert.title,
        alert.service,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)


@pytest.mark.parametrize(
    "what",
    ["acknowledged", "unacknowledged", "escalated", "reassigned", "priority_updated"],
)
def test_whatever_is_done_to_it_an_open_incident_fires(what: str) -> None:
    """Since the same instant: intake counts it as a repeat."""
    alert = one("pagerduty", page(what))

    assert (AlertStatus.firing, BEGAN_AT) == (alert.status, alert.starts_at)


def test_a_reopened_incident_fires_anew() -> None:
    """From then on, lest it be taken for a repeat."""
    assert ENDED_AT == one("pagerduty", page("reopened")).starts_at


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("incident.annotated", {"type": "incident_note", "id": "P1"}),
        ("incident.status_update_published", {"type": "incident_status_update"}),
        ("incident.responder.added", {"type": "incident_responder"}),
        ("pagey.ping", {"type": "ping"}),
        ("service.updated", {"type": "service", "id": "P2"}),
    ],
)
def test_what_is_no_incident_is_nothing_to_tell(
    event: str, data: dict[str, object]
) -> None:
    """The reason names the event."""
    parsed = parse("pagerduty", {"event": {"event_type": event, "data": data}})

    assert ((), ()) == (parsed.alerts, parsed.broken)
    assert parsed.ignored[0].reason.startswith(event)


def test_messages_of_v2_are_read_one_by_one() -> None:
    """A note among them tells nothing."""
    fired = message_v2("incident.trigger", "triggered")
    note = message_v2("incident.annotate", "triggered")
    parsed = parse("pagerduty", {"messages": [fired, note, "x"]})

    assert [Severity.warning] == [alert.severity for alert in parsed.alerts]
    assert (1, 1) == (len(parsed.ignored), len(parsed.broken))
    about = parsed.ignored[0].about
    assert about is not None
    assert parsed.alerts[0].fingerprint == about.fingerprint


@pytest.mark.parametrize(
    ("named", "about"),
    [
        ({"id": "P7", "summary": "Checkout is slow"}, "Checkout is slow"),
        ({"id": "P7"}, None),
        ({"summary": "Checkout is slow"}, None),
        ("P7", None),
    ],
)
def test_a_note_names_the_incident_that_it_is_about(
    named: object, about: str | None
) -> None:
    """For people who look; it is taken in as nothing, since its state is not told."""
    data = {"type": "incident_note", "content": "on it", "incident": named}
    event = {"event_type": "incident.annotated", "data": data}
    parsed = parse("pagerduty", {"event": event})
    [ignored] = parsed.ignored

    assert () == parsed.alerts
    assert about == (ignored.about.title if ignored.about else None)


def test_v1_says_the_same_in_other_words() -> None:
    incident = {
        "id": "PIJ90N7",
        "created_on": "2026-01-02T03:04:05Z",
        "status": "triggered",
        "service": {"name": "feed"},
        "trigger_summary_data": {"subject": "feed is slow"},
    }
    message = {"type": "incident.trigger", "data": {"incident": incident}}
    alert = one("pagerduty", {"messages": [message]})

    assert ("feed is slow", "feed", BEGAN_AT) == (
        alert.title,
        alert.service,
        alert.starts_at,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Severity.critical),
        ({"priority": {"name": "SEV-2"}}, Severity.error),
        ({"priority": None}, Severity.error),
        ({"priority": None, "urgency": "low"}, Severity.warning),
        ({"priority": None, "urgency": None}, Severity.warning),
    ],
)
def test_priority_goes_before_urgency(
    changes: dict[str, object], expected: Severity
) -> None:
    assert expected is one("pagerduty", page("triggered", **changes)).severity


def test_a_page_that_lost_its_incident_is_still_a_page() -> None:
    """An end without one is refused: nothing is known to have ended."""
    lost = {"messages": [{"type": "incident.trigger"}, {"type": "incident.resolve"}]}
    parsed = parse("pagerduty", lost)

    assert [Severity.error] == [alert.severity for alert in parsed.alerts]
    assert ["a message needs an incident, an object"] == [
        one.reason for one in parsed.broken
    ]


def test_an_incident_as_the_api_gives_it_is_read() -> None:
    incident = {"type": "incident", "id": "Q1", "title": "x", "status": "acknowledged"}

    assert AlertStatus.firing is one("pagerduty", incident).status
    assert "x" == one("pagerduty", {"incidents": [incident]}).title


def test_messages_are_a_list() -> None:
    with pytest.raises(UnreadableDelivery, match='a list "messages"'):
        parse("pagerduty", {"messages": {}})
