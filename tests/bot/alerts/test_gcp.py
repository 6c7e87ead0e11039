"""Google Cloud Monitoring's incidents."""

import json
from base64 import b64encode

import pytest

from bot.alerts.parsed import UnreadableDelivery
from policy.alert import Severity
from tests.bot.alerts.samples import BEGAN_AT, ENDED_AT, NOW, incident_gcp, one, parse


def pushed(data: bytes) -> dict[str, object]:
    return {"message": {"data": b64encode(data).decode()}, "subscription": "s"}


def test_an_incident_is_read() -> None:
    """Service from the resource, environment from the user's labels."""
    alert = one("gcp", incident_gcp("closed"))

    assert ("CPU is above 0.8", "feed", "production", Severity.error) == (
        alert.title,
        alert.service,
        alert.environment,
        alert.severity,
    )
    assert (BEGAN_AT, ENDED_AT) == (alert.starts_at, alert.ends_at)


def test_a_push_of_pubsub_is_unwrapped() -> None:
    body = incident_gcp("open")

    assert one("gcp", body) == one("gcp", pushed(json.dumps(body).encode()))


@pytest.mark.parametrize("data", [b"{", b"\xff", b""])
def test_a_push_of_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDelivery, match=r"message\.data"):
        parse("gcp", pushed(data))


def test_a_severity_may_be_a_label() -> None:
    """``No severity`` is none."""
    body = incident_gcp("open")
    incident = {
        **body["incident"],  # type: ignore[dict-item]
        "severity": "No severity",
        "policy_user_labels": {"severity": "critical"},
        "started_at": 0,
    }
    alert = one("gcp", {"incident": incident})

    assert (Severity.critical, NOW) == (alert.severity, alert.starts_at)


def test_what_is_no_incident_is_broken() -> None:
    assert 1 == len(parse("gcp", {"version": "1.2"}).broken)


def test_an_incident_without_words_is_called_by_its_id() -> None:
    alert = one("gcp", {"incident": {"incident_id": "0.m", "state": "closed"}})

    assert "Cloud Monitoring incident 0.m" == alert.title
