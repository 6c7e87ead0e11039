"""Any sender by a mapping: the shipped ones, and one's own."""

from pathlib import Path

import pytest

from bot.alerts.generic import generic_parser, shipped
from bot.alerts.mapping import load_mappings
from bot.alerts.parsed import ParsedDelivery, Parser, UnreadableDelivery
from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN, BEGAN_AT, ENDED, NOW, anything, one, parse

OWN = """
mappings:
- name: mine
  when: alarms
  items: alarms
  title: what
  severity: how_bad
  severity_words: {Dreadful: critical}
  status: phase
  status_words: {BURNS: firing, out: resolved, told: ignored}
  fingerprint: [host, service]
  service: where.service
  starts_at: since
  links: [see, more]
  labels: [where, tags]
- name: strict
  when: strict
  title: to_number(strict)
  fingerprint: length(strict)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Parser:
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    return generic_parser(load_mappings(file))


def burning(**fields: object) -> dict[str, object]:
    return {
        "what": "fire",
        "how_bad": "dreadful",
        "phase": "burns",
        "where": {"service": "feed", "host": "a"},
        "since": BEGAN,
        "see": "https://see",
        "more": ["https://more", "ftp://no"],
        "tags": ["env:production"],
        **fields,
    }


def read(parser: Parser, *alarms: object) -> ParsedDelivery:
    return parser({"alarms": list(alarms)}, NOW)


def test_a_mapping_names_each_field(mine: Parser) -> None:
    """Words of one's own in any case, tags in any form."""
    [alert] = read(mine, burning()).alerts

    assert ("fire", Severity.critical, AlertStatus.firing, "feed", "production") == (
        alert.title,
        alert.severity,
        alert.status,
        alert.service,
        alert.environment,
    )
    assert BEGAN_AT == alert.starts_at
    assert ("https://see", "https://more") == alert.links


def test_an_alert_is_known_by_the_labels_named(mine: Parser) -> None:
    """By no other."""
    read_ = read(
        mine,
        burning(),
        burning(phase="out", what="still fire"),
        burning(where={"service": "feed", "host": "b"}),
    )
    first, ended, other = (alert.fingerprint for alert in read_.alerts)

    assert first == ended != other


def test_a_word_may_mean_that_nothing_is_told(mine: Parser) -> None:
    """An unknown one fires: better seen than lost."""
    parsed = read(mine, burning(phase="told"), burning(phase="smokes"))

    assert [0] == [one.index for one in parsed.ignored]
    assert [AlertStatus.firing] == [alert.status for alert in parsed.alerts]


def test_an_expression_that_fails_breaks_its_alert_alone(tmp_path: Path) -> None:
    """The reason names mapping and field, and repeats nothing of the body."""
    file = tmp_path / "own.yaml"
    file.write_text("mappings: [{name: m, items: a, title: \"join(',', @.t)\"}]")
    parsed = generic_parser(load_mappings(file))(
        {"a": [{"t": "ada@example.com"}, {"t": ["x"]}]}, NOW
    )

    assert (1, 1) == (len(parsed.alerts), len(parsed.broken))
    assert "mapping m: title: join() was given string, not array-string" == (
        parsed.broken[0].reason
    )


def test_a_condition_that_fails_is_about_another_body(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "mappings: [{name: m, when: 'length(a) > `1`', title: t}, {name: n, title: t}]"
    )
    parsed = generic_parser(load_mappings(file))({"a": 1, "t": "x"}, NOW)

    assert "n" == parsed.alerts[0].annotations["mapping"]


@pytest.mark.parametrize("body", [{"other": 1}, {"alarms": []}, {"alarms": 7}, {}, 7])
def test_a_body_that_no_mapping_fits_is_refused(mine: Parser, body: object) -> None:
    """With the names of those there are, or what items gave."""
    with pytest.raises(UnreadableDelivery):
        mine(body, NOW)


SHIPPED: list[tuple[str, dict[str, object], AlertStatus]] = [
    (
        "axiom",
        {
            "action": "Closed",
            "event": {"monitorID": "m1", "title": "slow", "timestamp": f"{BEGAN}"},
        },
        AlertStatus.resolved,
    ),
    (
        "checkmk",
        {
            "summary": "feed CRIT",
            "host": "a",
            "what": "SERVICE",
            "service": "load",
            "status": "CRIT",
            "notification_type": "PROBLEM",
            "long_date_time": "Fri Jan 02 03:04:05 UTC 2026",
        },
        AlertStatus.firing,
    ),
    (
        "dash0",
        {
            "type": "alert.ongoing",
            "data": {
                "issue": {
                    "issueIdentifier": "1",
                    "status": "critical",
                    "summary": "slow",
                    "start": BEGAN,
                }
            },
        },
        AlertStatus.firing,
    ),
    (
        "graylog",
        {
            "event_definition_id": "d",
            "event_definition_title": "errors",
            "event": {"priority": 3, "timestamp": BEGAN, "key": "a"},
        },
        AlertStatus.firing,
    ),
    (
        "graylog-stream",
        {
            "check_result": {
                "result_description": "too many",
                "triggered_at": BEGAN,
                "triggered_condition": {"id": "c", "type": "MESSAGE_COUNT"},
            },
            "stream": {"id": "s", "title": "feed"},
        },
        AlertStatus.firing,
    ),
    (
        "thousandeyes",
        {
            "eventType": "ALERT_NOTIFICATION_TRIGGER",
            "alert": {
                "alertId": 7,
                "ruleName": "slow",
                "testName": "feed",
                "severity": "Major",
                "dateStartZoned": "2026-01-02 03:04:05 UTC",
            },
        },
        AlertStatus.firing,
    ),
    (
        "signalfx",
        {
            "incidentId": "i",
            "detectorUrl": "https://app.signalfx.com/1",
            "messageTitle": "slow",
            "severity": "Critical",
            "statusExtended": "manually resolved",
            "timestamp": BEGAN,
        },
        AlertStatus.resolved,
    ),
    (
        "riemann",
        {"host": "a", "service": "feed", "state": "critical", "time": BEGAN},
        AlertStatus.firing,
    ),
    ("batch", {"events": [anything("open")]}, AlertStatus.firing),
    ("other", anything("open"), AlertStatus.firing),
]


@pytest.mark.parametrize(
    ("name", "body", "status"), SHIPPED, ids=[s[0] for s in SHIPPED]
)
def test_a_shipped_mapping_reads_its_sender(
    name: str, body: dict[str, object], status: AlertStatus
) -> None:
    """Chosen by the body alone."""
    alert = one("generic", body)

    assert (name, status, BEGAN_AT) == (
        alert.annotations["mapping"],
        alert.status,
        alert.starts_at,
    )
    assert alert.fingerprint.startswith(f"generic:{name}:")


def test_each_shipped_mapping_is_tried() -> None:
    assert [rule.name for rule in shipped()] == [name for name, _, _ in SHIPPED]


def test_likely_names_serve_for_whoever_is_unknown() -> None:
    """Service, environment, severity, end."""
    body = {**anything("resolved"), "resolved_at": ENDED, "timestamp": None}
    alert = one("generic", body)

    assert ("feed", "production", Severity.critical, NOW) == (
        alert.service,
        alert.environment,
        alert.severity,
        alert.starts_at,
    )
    assert alert.ends_at is not None
    assert "reliability" == alert.labels["team"]


def test_a_list_of_the_unknown_is_read_one_by_one() -> None:
    parsed = parse("generic", [anything("open"), {}, 7])

    assert (1, 2) == (len(parsed.alerts), len(parsed.broken))


@pytest.mark.parametrize(
    ("sender", "status", "title"),
    [
        (
            {
                "ProblemTitle": "it fails",
                "State": "RESOLVED",
                "ProblemSeverity": "ERROR",
                "PID": "-12_34V2",
                "ImpactedEntity": "feed",
            },
            AlertStatus.resolved,
            "it fails",
        ),
        (
            {"alert_name": "slow", "alert_action": "resolve", "alert_id": "a"},
            AlertStatus.resolved,
            "slow",
        ),
        (
            {"event_name": "slow", "event_status": "RESOLVED", "event_id": "1"},
            AlertStatus.resolved,
            "slow",
        ),
        (
            {"trigger_name": "slow", "event_value": "0", "event_id": "1"},
            AlertStatus.resolved,
            "slow",
        ),
        ({"title": "down", "state": "0", "alert_id": 7}, AlertStatus.resolved, "down"),
        ({"title": "down", "state": "1", "alert_id": 7}, AlertStatus.firing, "down"),
        ({"title": "down", "state": "0"}, AlertStatus.firing, "down"),
        ({"alarmName": "hot", "newStateValue": "OK"}, AlertStatus.resolved, "hot"),
        (
            {
                "data": {
                    "essentials": {
                        "alertId": "/alerts/1",
                        "alertRule": "hot",
                        "monitorCondition": "Resolved",
                    }
                }
            },
            AlertStatus.resolved,
            "hot",
        ),
    ],
    ids=[
        "dynatrace",
        "coralogix",
        "zabbix",
        "zabbix in numbers",
        "librenms",
        "librenms fires",
        "zero alone is no end",
        "a bare alarm",
        "azure",
    ],
)
def test_a_likely_name_is_found_in_any_case(
    sender: dict[str, object], status: AlertStatus, title: str
) -> None:
    alert = one("generic", sender)

    assert (status, title) == (alert.status, alert.title)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"item": {"id": 4, "title": "KeyError"}}},
        {"problem": {"title": "KeyError"}},
        {"monitor": {"id": 1, "friendlyName": "KeyError"}},
        {"Incident": {"Name": "KeyError"}, "note": "that is a sentence"},
    ],
)
def test_a_title_one_level_deeper_is_the_last_resort(body: dict[str, object]) -> None:
    """Before any sentence, after what stands at the top."""
    named = {**body, "subject": "at the top"}

    assert "KeyError" == one("generic", body).title
    assert "at the top" == one("generic", named).title


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("new_item", AlertStatus.firing),
        ("resolved_item", AlertStatus.resolved),
        ("incident.resolved", AlertStatus.resolved),
        ("success_rate", AlertStatus.firing),
    ],
)
def test_an_events_name_may_say_the_end(event: str, status: AlertStatus) -> None:
    """What it is about has its id in both: the envelope has another each time."""
    body = {"id": f"of {event}", "event": event, "data": {"id": "i1", "title": "slow"}}
    alert = one("generic", body)

    assert ("generic:other:i1", status) == (alert.fingerprint, alert.status)


def test_which_sentence_is_the_title_is_not_by_the_order_of_names() -> None:
    """And so is not what it is known by."""
    body = {"b": "the disk is full", "a": "feed is slow"}
    turned = dict(reversed(body.items()))

    assert "feed is slow" == one("generic", body).title
    assert one("generic", body).fingerprint == one("generic", turned).fingerprint


def test_a_mapping_of_ones_own_may_ask_in_any_case(tmp_path: Path) -> None:
    """Of labels each keeps its name."""
    file = tmp_path / "own.yaml"
    file.write_text(
        "mappings: [{name: m, any_case: true, when: the_alarm, title: the_alarm.what,"
        " labels: [labels]}]"
    )
    parsed = generic_parser(load_mappings(file))(
        {"TheAlarm": {"WHAT": "fire"}, "Labels": {"theHost": "a"}}, NOW
    )

    assert ["fire"] == [alert.title for alert in parsed.alerts]
    assert {"theHost": "a"} == parsed.alerts[0].labels


def test_an_end_may_come_with_the_id_alone() -> None:
    """What fires needs a title: people are to read it."""
    ended = one("generic", {"event_action": "resolve", "dedup_key": "k"})

    assert ("generic:other:k", AlertStatus.resolved) == (
        ended.fingerprint,
        ended.status,
    )
    assert 1 == len(parse("generic", {"event_action": "trigger", "id": 1}).broken)
