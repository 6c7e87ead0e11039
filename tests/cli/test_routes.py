"""``autopilot routes test``: the way of each alert, and why not another."""

import json
from pathlib import Path

import pytest

from tests.cli.world import Autopilot

DELIVERY = {
    "alerts": [
        {
            "labels": {"alertname": "Errors", "team": "growth", "severity": "warning"},
            "startsAt": "2026-01-02T03:04:05Z",
            "fingerprint": "f1",
        },
        {
            "labels": {"alertname": "Down", "team": "ads", "severity": "critical"},
            "startsAt": "2026-01-02T03:04:05Z",
            "fingerprint": "f2",
        },
    ]
}
ROUTES = """routes:
  - id: ads
    match: {labels: {team: ads}, severity: [critical]}
    environment: prod
    kind: reliability
    agent: reliability-triage/1
    channel: C0ADS
    people: [U0ANN, S0ONCALL]
  - id: rest
    match: {}
    kind: reliability
    agent: reliability-triage/1
    channel: C0REST
    debounce_seconds: 30
    cool_down_seconds: 600
maintenance:
  - id: always
    match: {labels: {team: growth}}
    days: [mon, tue, wed, thu, fri, sat, sun]
    at: "00:00"
    minutes: 1440
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    delivery, routes = tmp_path / "delivery.json", tmp_path / "routes.yaml"
    delivery.write_text(json.dumps(DELIVERY))
    routes.write_text(ROUTES)
    return str(delivery), str(routes)


def test_each_alert_has_its_way(autopilot: Autopilot, files: tuple[str, str]) -> None:
    """With what speaks against the routes before, and what it waits for."""
    delivery, routes = files
    said = autopilot("routes", "test", delivery, "--routes", routes)

    assert (0, "") == (said.code, said.err)
    assert (
        """Errors (warning, firing)
  not ads: severity is warning, not critical
  -> rest: reliability in the endpoint's environment, C0REST
     agent reliability-triage/1, group rest:f1
     waits for the end of maintenance always
     waits 30 s for more of its group, 150 s at most
     waits 600 s after its group's last task
Down (critical, firing)
  -> ads: reliability in prod, C0ADS
     agent reliability-triage/1, group ads:f2
     for U0ANN S0ONCALL
"""
        == said.out
    )


def test_the_way_is_a_document_too(
    autopilot: Autopilot, files: tuple[str, str]
) -> None:
    """The same facts as JSON."""
    delivery, routes = files
    said = autopilot("routes", "test", delivery, "--routes", routes, "--json")

    assert isinstance(said.document, list)
    [first, second] = said.document
    assert ("rest", "always") == (first["route"], first["maintenance"])
    assert [{"route": "ads", "because": "severity is warning, not critical"}] == first[
        "passed"
    ]
    assert ("ads", []) == (second["route"], second["passed"])


@pytest.mark.parametrize(
    ("text", "source", "says"),
    [
        ("{", "alertmanager", "not JSON at character 1"),
        ("{}", "alertmanager", 'list "alerts"'),
        ("{}", "carrier-pigeon", "source carrier-pigeon is unknown"),
    ],
)
def test_what_is_no_delivery_is_said(
    autopilot: Autopilot, tmp_path: Path, text: str, source: str, says: str
) -> None:
    file = tmp_path / "delivery.json"
    file.write_text(text)
    said = autopilot("routes", "test", str(file), "--source", source)

    assert 1 == said.code
    assert says in said.complaint
