"""Alertmanager's payloads, as it and its imitators really send them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.alertmanager import parse_alertmanager
from bot.alerts.parsed import UnreadableDelivery
from policy.alert import Alert, AlertStatus, Severity

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "alerts"
ZERO = "0001-01-01T00:00:00Z"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrors", "service": "feed", "severity": "critical"},
    "annotations": {"summary": "5xx on /feed", "runbook_url": "https://run/book"},
    "startsAt": "2026-01-02T03:04:05Z",
    "endsAt": ZERO,
    "generatorURL": "http://prom/graph",
    "fingerprint": "abc123",
}


def recorded() -> list[Path]:
    found = sorted(RECORDED.glob("*.json")) if RECORDED.is_dir() else []
    return [
        one for one in found if '"source_format": "alertmanager"' in one.read_text()
    ]


def parse(*alerts: object, **body: object) -> Alert:
    """Parse a delivery of which nothing may be broken; give its first alert."""
    parsed = parse_alertmanager({"version": "4", "alerts": list(alerts), **body}, NOW)
    assert () == parsed.broken
    return parsed.alerts[0]


def test_a_plain_alert_is_read() -> None:
    """Every field lands where it belongs."""
    found = parse(ALERT, externalURL="http://am")

    assert ("abc123", "5xx on /feed", Severity.critical, AlertStatus.firing) == (
        found.fingerprint,
        found.title,
        found.severity,
        found.status,
    )
    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == found.starts_at
    assert found.ends_at is None
    assert ("http://prom/graph", "https://run/book", "http://am") == found.links


@pytest.mark.parametrize("path", recorded() or [None], ids=lambda p: p and p.stem)
def test_a_recorded_delivery_parses(path: Path | None) -> None:
    """What others' Alertmanagers and rules give is taken whole."""
    if path is None:
        print(f"no recorded alerts at {RECORDED}")
        pytest.skip(f"no recorded alerts at {RECORDED}")
    found = json.loads(path.read_text())
    parsed = parse_alertmanager(found["payload"], NOW)

    assert () == parsed.broken
    assert len(found["payload"]["alerts"]) == len(parsed.alerts)


def test_labels_may_be_anything_json() -> None:
    """Numbers, booleans and lists among the labels become text; null goes."""
    labels = {"alertname": "x", "code": 500, "on": True, "l": [1], "none": None}
    found = parse({**ALERT, "labels": labels})

    assert {"alertname": "x", "code": "500", "on": "true", "l": "[1]"} == found.labels


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [
        ("2026-01-02T03:04:05.123456789Z", 123456),
        ("2026-01-02T03:04:05.1Z", 100000),
        ("2026-01-02T05:04:05.5+02:00", 500000),
        ("2026-01-02T03:04:05", 0),
    ],
)
def test_instants_are_read_as_utc(written: str, microsecond: int) -> None:
    """Nanoseconds are cut, offsets resolved, a missing zone is UTC."""
    expected = datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)

    assert expected == parse({**ALERT, "startsAt": written}).starts_at


@pytest.mark.parametrize(
    "written", [1_767_323_045, 1_767_323_045_000, "1767323045", 1_767_323_045.5]
)
def test_a_count_of_seconds_is_an_instant(written: object) -> None:
    """Of milliseconds too, as others than Alertmanager write."""
    ended = {**ALERT, "status": "resolved", "endsAt": written}

    assert 2026 == parse({**ALERT, "startsAt": written}).starts_at.year
    assert parse(ended).ends_at == parse({**ALERT, "startsAt": written}).starts_at


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (None, AlertStatus.firing),
        (ZERO, AlertStatus.firing),
        ("2026-02-01T00:05:00Z", AlertStatus.firing),
        ("2026-01-31T00:00:00Z", AlertStatus.resolved),
    ],
)
def test_an_alert_without_an_envelope_is_read(
    ends: str | None, expected: AlertStatus
) -> None:
    """As Prometheus posts them: one that is over by its end; a list of them, or one."""
    bare = {"labels": {"alertname": "x"}, "summary": "slow", "endsAt": ends}

    for body in ([bare], bare):
        [found] = parse_alertmanager(body, NOW).alerts
        assert (expected, "slow") == (found.status, found.title)


def test_a_zero_end_is_the_receipt() -> None:
    """Go's zero time in a resolved alert means that none is known."""
    found = parse({**ALERT, "status": "resolved", "endsAt": ZERO})

    assert (AlertStatus.resolved, NOW) == (found.status, found.ends_at)


def test_a_firing_alert_has_no_end() -> None:
    """Alertmanager's expected end of a firing alert is no end."""
    assert parse({**ALERT, "endsAt": "2026-01-02T04:00:00Z"}).ends_at is None


@pytest.mark.parametrize(
    ("own", "whole", "expected"),
    [
        (None, "resolved", AlertStatus.resolved),
        (None, None, AlertStatus.firing),
        ("Firing", "resolved", AlertStatus.firing),
    ],
)
def test_a_missing_status_is_the_deliverys(
    own: str | None, whole: str | None, expected: AlertStatus
) -> None:
    """Its own goes first, then the delivery's, then firing."""
    assert expected is parse({**ALERT, "status": own}, status=whole).status


def test_a_number_as_group_key_hurts_nobody() -> None:
    """Fields that we don't read may be of any type."""
    assert parse(ALERT, groupKey=17, version=4, receiver=None).fingerprint


def test_without_a_fingerprint_labels_make_one() -> None:
    """The same for any order and for firing and resolved; another for other labels."""
    bare = {key: value for key, value in ALERT.items() if key != "fingerprint"}
    turned = {**bare, "labels": dict(reversed(ALERT["labels"].items()))}  # type: ignore[attr-defined]
    other = {**bare, "labels": {"alertname": "Other"}}
    first = parse(bare).fingerprint

    assert first == parse(turned).fingerprint
    assert first == parse({**bare, "status": "resolved"}).fingerprint
    assert first != parse(other).fingerprint


@pytest.mark.parametrize("written", [{"a": 1}, 17, "x" * 5000, ["a"], ""])
def test_a_fingerprint_is_short_text(written: object) -> None:
    """What stands in an index is never longer than that takes."""
    found = parse({**ALERT, "fingerprint": written}).fingerprint

    assert 0 < len(found) <= 200


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("page", Severity.critical),
        ("P2", Severity.error),
        (" Warn ", Severity.warning),
        ("none", Severity.info),
        ("purple", Severity.warning),
        (None, Severity.warning),
    ],
)
def test_severities_are_mapped(word: str | None, expected: Severity) -> None:
    """Many words, four severities; an unknown one is seen as a warning."""
    labels = {"alertname": "x", "severity": word}

    assert expected is parse({**ALERT, "labels": labels}).severity


@pytest.mark.parametrize(
    ("alert", "reason"),
    [
        ("text", "must be an object"),
        ({**ALERT, "labels": {}}, "needs labels"),
        ({**ALERT, "labels": "a=b"}, "needs labels"),
        ({**ALERT, "startsAt": "yesterday"}, "no RFC 3339 time"),
        ({**ALERT, "startsAt": 7}, "no RFC 3339 time"),
        ({**ALERT, "startsAt": True}, "no RFC 3339 time"),
        ({**ALERT, "status": "resolved", "endsAt": "soon"}, "no RFC 3339 time"),
        ({**ALERT, "status": "on fire"}, "neither firing nor resolved"),
    ],
)
def test_a_broken_alert_says_why(alert: object, reason: str) -> None:
    """The good one beside it is read all the same."""
    parsed = parse_alertmanager({"alerts": [alert, ALERT]}, NOW)

    assert 1 == len(parsed.alerts)
    assert [(0, True)] == [(one.index, reason in one.reason) for one in parsed.broken]


@pytest.mark.parametrize("body", [None, [], [ALERT, 7], "x", 1, {}, {"alerts": {}}])
def test_a_delivery_without_alerts_is_refused(body: object) -> None:
    """The reason is for the sender."""
    with pytest.raises(UnreadableDelivery, match='a list "alerts"'):
        parse_alertmanager(body, NOW)


@pytest.mark.parametrize("said", [None, "", ZERO, "9999-12-31T23:59:59-23:00"])
def test_an_alert_without_a_start_began_when_it_came(said: str | None) -> None:
    """Nobody's clock says year 1 or 9999: what was said is kept beside it."""
    found = parse({**ALERT, "startsAt": said})

    assert NOW == found.starts_at
    assert bool(said) == ("starts_at_said" in found.annotations)


def test_only_web_links_are_kept() -> None:
    """A script in a link field is no link."""
    found = parse({**ALERT, "generatorURL": "javascript:alert(1)", "annotations": {}})

    assert () == found.links


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.lists(
        st.one_of(
            JSON,
            st.fixed_dictionaries(
                {
                    "labels": st.dictionaries(st.text(), JSON),
                    "annotations": JSON,
                    "startsAt": st.one_of(JSON, st.datetimes().map(str)),
                    "endsAt": JSON,
                    "status": JSON,
                    "fingerprint": JSON,
                }
            ),
        ),
        max_size=3,
    )
)
def test_nothing_breaks_the_parser(alerts: list[object]) -> None:
    """Each alert is read or said to be broken."""
    parsed = parse_alertmanager({"alerts": alerts}, NOW)

    assert len(alerts) == len(parsed.alerts) + len(parsed.broken)
