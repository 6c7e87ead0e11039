"""From drafts to alerts: what is bounded, completed, refused."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.alerts.delivery import (
    MOST_EVENTS,
    MOST_LABELS,
    Draft,
    Nothing,
    deliver,
    events_of,
    finish,
    hashed,
)
from bot.alerts.fields import MOST_TEXT
from bot.alerts.parsed import UnreadableAlert, UnreadableDelivery
from policy.alert import AlertStatus, Severity
from tests.bot.alerts.samples import BEGAN, BEGAN_AT, ENDED, ENDED_AT, NOW

DRAFT = Draft(
    title="feed is slow",
    key="7",
    status=AlertStatus.firing,
    severity=Severity.error,
    starts=BEGAN,
)


def read(event: Mapping[str, object]) -> Draft | Nothing:
    """A source of one's own: ``title`` and nothing else, or ``note``."""
    if "note" in event:
        return Nothing("a note")
    return replace(DRAFT, title=str(event.get("title", "")))


def test_a_delivery_is_read_event_by_event() -> None:
    """A broken one costs no other, nor does one that tells nothing."""
    parsed = deliver("x", [{"note": 1}, {}, {"title": "a"}, 7], read, NOW)

    assert ["a"] == [alert.title for alert in parsed.alerts]
    assert [(0, "a note")] == [(one.index, one.reason) for one in parsed.ignored]
    assert ["needs a title", "must be an object"] == [
        one.reason.partition(",")[0].removeprefix("an alert ") for one in parsed.broken
    ]


def test_the_broken_are_numbered_as_intake_counts() -> None:
    """Among the alerts and the broken: what tells nothing has no place there."""
    parsed = deliver("x", [{"note": 1}, {"title": "a"}, {}, {"title": "b"}], read, NOW)

    assert [1] == [one.index for one in parsed.broken]


def test_a_flood_is_refused_as_a_whole() -> None:
    """Before anything is read."""
    with pytest.raises(UnreadableDelivery, match="at most 20000 alerts"):
        deliver("x", [{}] * (MOST_EVENTS + 1), read, NOW)


@pytest.mark.parametrize("body", [None, "", 7, [], {}])
def test_what_has_no_events_is_refused(body: object) -> None:
    with pytest.raises(UnreadableDelivery):
        events_of(body)


def test_one_object_is_one_event() -> None:
    assert [{"a": 1}] == events_of({"a": 1})
    assert [1, 2] == events_of([1, 2])


@pytest.mark.parametrize(
    ("starts", "is_said"),
    [
        (None, False),
        ("", False),
        (0, False),
        ("yesterday", True),
        ("1969-01-01T00:00Z", True),
    ],
)
def test_an_unknown_start_is_the_receipt(*, starts: object, is_said: bool) -> None:
    """What was said in its place is kept."""
    alert = finish(replace(DRAFT, starts=starts), "x", NOW)

    assert NOW == alert.starts_at
    assert is_said == ("starts_at_said" in alert.annotations)


def test_only_what_has_ended_has_an_end() -> None:
    firing = replace(DRAFT, ends=ENDED)
    resolved = replace(firing, status=AlertStatus.resolved)

    assert finish(firing, "x", NOW).ends_at is None
    assert (BEGAN_AT, ENDED_AT) == (
        finish(resolved, "x", NOW).starts_at,
        finish(resolved, "x", NOW).ends_at,
    )


@pytest.mark.parametrize(
    "ends", [None, "", "soon", NOW + timedelta(days=200), "0001-01-01T00:00:00Z"]
)
def test_an_unknown_end_is_the_receipt(ends: object) -> None:
    """Of one that has ended: the end after the next start would be a repeat else."""
    said = ends.isoformat() if isinstance(ends, datetime) else ends
    resolved = replace(DRAFT, status=AlertStatus.resolved, ends=said)

    assert NOW == finish(resolved, "x", NOW).ends_at


def test_no_unknown_end_is_before_the_start() -> None:
    """A sender's clock may be ahead of ours."""
    ahead = NOW + timedelta(hours=3)
    draft = replace(DRAFT, status=AlertStatus.resolved, starts=ahead.isoformat())

    assert ahead == finish(draft, "x", NOW).ends_at


def test_labels_are_bounded_and_the_loss_is_told() -> None:
    """Ten thousand: those that routes ask for stay."""
    labels = {f"l{number}": "v" for number in range(10_000)} | {"service": "feed"}
    alert = finish(replace(DRAFT, labels={**labels, "l1": "x" * 9000}), "x", NOW)

    assert MOST_LABELS == len(alert.labels)
    assert "feed" == alert.service
    assert MOST_TEXT == max(len(value) for value in alert.labels.values())
    assert "9801 of 10001 labels left out" in alert.annotations["truncated"]
    assert "l1" in alert.annotations["truncated"]


def test_a_title_of_a_megabyte_is_cut() -> None:
    assert 300 == len(finish(replace(DRAFT, title="x" * 1_000_000), "x", NOW).title)


@pytest.mark.parametrize(
    "draft", [replace(DRAFT, title=" \n"), replace(DRAFT, key="::")]
)
def test_without_title_or_identity_there_is_no_alert(draft: Draft) -> None:
    with pytest.raises(UnreadableAlert, match="an alert needs"):
        finish(draft, "x", NOW)


@pytest.mark.parametrize("key", ["ada@example.com", "x" * 500, "a\0b", "a\nb"])
def test_an_id_that_is_a_persons_or_too_long_is_hashed(key: str) -> None:
    """The same each time, and nobody's address."""
    found = finish(replace(DRAFT, key=key), "x", NOW).fingerprint

    assert f"x:{hashed(key)}" == found
    assert "x:7" == finish(DRAFT, "x", NOW).fingerprint


def test_parts_are_told_apart_in_a_hash() -> None:
    assert hashed("a", "b") != hashed("ab")


def test_the_service_is_said_or_found_in_labels() -> None:
    """One that is said becomes a label too, for routes to match."""
    said = finish(replace(DRAFT, service="feed"), "x", NOW)
    found = finish(
        replace(DRAFT, labels={"app": "feed", "env": "production"}), "x", NOW
    )

    assert ("feed", "feed") == (said.service, said.labels["service"])
    assert ("feed", "production") == (found.service, found.environment)
    assert "service" not in found.labels
