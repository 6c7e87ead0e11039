"""``autopilot alerts parse``: facts on standard output, complaints beside them."""

import json
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from bot.alerts.sources import SOURCES
from tests.bot.alerts.twins import all_twins
from tests.cli.world import Autopilot, Environment, Said, python
from tests.database import Urls

PARSE = ("alerts", "parse", "--source", "alertmanager")
GENERIC = ("alerts", "parse", "--source", "generic")
GOOD = {
    "labels": {"alertname": "Errors", "service": "feed", "severity": "critical"},
    "startsAt": "2026-01-02T03:04:05.123456789+02:00",
    "status": "firing",
    "generatorURL": "http://prometheus/graph",
}
BROKEN = {"labels": {"service": "feed"}, "startsAt": "yesterday"}


def parse(autopilot: Autopilot, folder: Path, *alerts: object) -> Said:
    file = folder / "delivery.json"
    file.write_text(json.dumps({"alerts": alerts}))
    return autopilot(*PARSE, str(file))


def test_an_alert_is_printed_as_a_task_would_see_it(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """Instants in UTC, the severity in our words, no end while it fires."""
    said = parse(autopilot, tmp_path, GOOD | {"fingerprint": "f1"})

    assert (0, "") == (said.code, said.err)
    assert [
        {
            "source": "alertmanager",
            "fingerprint": "f1",
            "title": "feed: Errors",
            "severity": "critical",
            "status": "firing",
            "service": "feed",
            "environment": None,
            "labels": GOOD["labels"],
            "links": ["http://prometheus/graph"],
            "starts_at": "2026-01-02T01:04:05.123456+00:00",
            "ends_at": None,
        }
    ] == said.document


def test_a_resolved_alert_has_an_end(autopilot: Autopilot, tmp_path: Path) -> None:
    resolved = GOOD | {"status": "resolved", "endsAt": "2026-01-02T04:00:00Z"}
    said = parse(autopilot, tmp_path, resolved)

    assert isinstance(said.document, list)
    assert "2026-01-02T04:00:00+00:00" == said.document[0]["ends_at"]


def test_a_broken_alert_is_named_and_costs_no_other(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """Its place counts from 0; exit 1, and still one document on standard output."""
    said = parse(autopilot, tmp_path, GOOD, BROKEN, GOOD)

    assert isinstance(said.document, list)
    assert (1, 2) == (said.code, len(said.document))
    assert "delivery.json: alert 1: 'yesterday' is no RFC 3339 time" in said.complaint


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("alertmanager", urlencode({"payload": json.dumps({"alerts": [GOOD]})})),
        ("generic", "title=feed%3A+Errors&severity=critical"),
    ],
)
def test_a_form_is_read_as_the_endpoint_does(
    autopilot: Autopilot, tmp_path: Path, source: str, body: str
) -> None:
    """Its one field ``payload`` is JSON; others are the fields of an object."""
    file = tmp_path / "delivery.txt"
    file.write_text(f"{body}\n")
    said = autopilot("alerts", "parse", "--source", source, str(file))

    assert (0, "") == (said.code, said.err)
    assert isinstance(said.document, list)
    assert [("feed: Errors", "critical")] == [
        (one["title"], one["severity"]) for one in said.document
    ]


def test_no_alerts_are_an_empty_list(autopilot: Autopilot, tmp_path: Path) -> None:
    said = parse(autopilot, tmp_path)

    assert (0, []) == (said.code, said.document)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the body is empty"),
        (b'{"alerts": [', "not JSON at character 12"),
        (b"[]", 'a list "alerts"'),
        (b"null", 'a list "alerts"'),
        (b'{"alerts": {}}', 'a list "alerts"'),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[" * 100_000, "more than 64 lists"),
    ],
    ids=["empty", "cut off", "list", "null", "no list", "no UTF-8", "too deep"],
)
def test_an_unreadable_file_is_said_in_one_line(
    autopilot: Autopilot, tmp_path: Path, content: bytes, why: str
) -> None:
    """With its name, and with nothing on standard output."""
    file = tmp_path / "delivery.json"
    file.write_bytes(content)
    said = autopilot(*PARSE, str(file))

    assert (1, "") == (said.code, said.out)
    assert said.complaint.startswith(f"autopilot: {file}: ")
    assert why in said.complaint


@pytest.mark.parametrize("name", ["", "missing.json"], ids=["folder", "missing"])
def test_what_is_no_file_is_said_in_one_line(
    autopilot: Autopilot, tmp_path: Path, name: str
) -> None:
    said = autopilot(*PARSE, str(tmp_path / name))

    assert (1, "") == (said.code, said.out)
    assert str(tmp_path) in said.complaint


def test_an_unknown_source_is_wrong_usage(autopilot: Autopilot) -> None:
    """Before the file is looked for; the known ones are listed."""
    said = autopilot("alerts", "parse", "--source", "pigeons", "missing.json")

    assert (2, "") == (said.code, said.out)
    assert "pigeons is unknown; use one of alertmanager" in said.complaint


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_is_known_by_its_name(
    autopilot: Autopilot, tmp_path: Path, source: str
) -> None:
    """Its sample is printed whole."""
    twins = next(twins for twins in all_twins() if twins.source == source)
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps(twins.firing))
    said = autopilot("alerts", "parse", "--source", source, str(file))

    assert isinstance(said.document, list)
    assert (0, "", source) == (said.code, said.err, said.document[0]["source"])


def test_what_tells_nothing_is_said_beside_and_is_no_failure(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """An empty list, and why."""
    file = tmp_path / "delivery.json"
    file.write_text('{"event": {"event_type": "pagey.ping", "data": {}}}')
    said = autopilot("alerts", "parse", "--source", "pagerduty", str(file))

    assert (0, []) == (said.code, said.document)
    assert "event 0 ignored: pagey.ping" in said.err


def test_the_alert_that_a_note_is_about_is_printed(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """With the word beside it that the endpoint takes no note of it."""
    incident = {"id": "P7", "summary": "Checkout is slow"}
    note = {"type": "incident_note", "incident": incident}
    event = {"event_type": "incident.annotated", "data": note}
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps({"event": event}))
    said = autopilot("alerts", "parse", "--source", "pagerduty", str(file))

    assert isinstance(said.document, list)
    assert ["Checkout is slow"] == [one["title"] for one in said.document]
    assert "event 0 ignored: incident.annotated" in said.err


def test_a_subscription_is_said_to_be_none(
    autopilot: Autopilot, tmp_path: Path
) -> None:
    """Nothing is confirmed here."""
    file = tmp_path / "delivery.json"
    asked = {"Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:x"}
    file.write_text(json.dumps({**asked, "Token": "t", "SubscribeURL": "https://x"}))
    said = autopilot("alerts", "parse", "--source", "cloudwatch", str(file))

    assert (0, []) == (said.code, said.document)
    assert "no alert: a SubscriptionConfirmation of arn:aws:sns:x" in said.err


def test_a_mapping_of_ones_own_is_taken(autopilot: Autopilot, tmp_path: Path) -> None:
    """In place of those that are shipped."""
    file, mapping = tmp_path / "delivery.json", tmp_path / "mine.yaml"
    file.write_text('{"what": "fire", "who": "feed"}')
    mapping.write_text("mappings: [{name: mine, title: what, service: who}]")
    said = autopilot(*GENERIC, "--mapping", str(mapping), str(file))

    assert isinstance(said.document, list)
    assert ("fire", "feed") == (
        said.document[0]["title"],
        said.document[0]["service"],
    )


@pytest.mark.parametrize("text", ["mappings: [{name: a, title: 'x['}]", "mappings: ["])
def test_a_wrong_mapping_is_wrong_usage(
    autopilot: Autopilot, tmp_path: Path, text: str
) -> None:
    """With file and line."""
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(text)
    said = autopilot(*GENERIC, "--mapping", str(mapping), "missing.json")

    assert (2, "") == (said.code, said.out)
    assert said.complaint.startswith(f"autopilot: {mapping}:1: ")


def test_only_generic_takes_a_mapping(autopilot: Autopilot) -> None:
    said = autopilot(*PARSE, "--mapping", "x.yaml", "missing.json")

    assert (2, "") == (said.code, said.out)
    assert "--mapping is for --source generic" in said.complaint


def test_a_dash_reads_standard_input() -> None:
    """As at the end of a pipe: the file's name is what was typed."""
    good = python("-m", "cli.main", *PARSE, "-", text=json.dumps({"alerts": [GOOD]}))
    bad = python("-m", "cli.main", *PARSE, "-", text="nonsense")

    assert (0, 1) == (good.returncode, len(json.loads(good.stdout)))
    assert (1, "") == (bad.returncode, bad.stdout)
    assert bad.stderr.startswith("autopilot: -: ")


def test_what_was_taken_in_is_found(
    autopilot: Autopilot,
    environment: Environment,
    urls: Urls,
    admin: psycopg.Connection,
) -> None:
    """With its task's id, in its environment alone."""
    environment.set(DATABASE_URL_RELEASE=urls["release"])
    autopilot("tenant", "add", "acme", "--slack-team", "T1")
    admin.execute(
        "INSERT INTO alerts (tenant_id, environment, id, source, fingerprint, title,"
        " severity, status, labels, annotations, links, starts_at, first_seen_at,"
        " last_seen_at, count) VALUES ('acme', 'prod', gen_random_uuid(), 's', 'f1',"
        " 'replies are slow', 'error', 'firing', '{}', '{}', '[]', now(), now(),"
        " now(), 3)"
    )
    where = ("--tenant", "acme")
    found = autopilot("alerts", "find", "slow", *where)
    as_json = autopilot("alerts", "find", "slow", *where, "--json")
    none = autopilot("alerts", "find", "slow", *where, "--environment", "dev")

    assert "firing  error  x3  no task  f1  replies are slow" in found.out
    assert isinstance(as_json.document, list)
    assert ["f1"] == [one["fingerprint"] for one in as_json.document]
    assert "no alert of acme dev says 'slow'\n" == none.out
