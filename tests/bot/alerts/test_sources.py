"""What holds for every source: twins, order, and that no body breaks a parser."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts.delivery import MOST_FINGERPRINT, MOST_LABELS
from bot.alerts.fields import MOST_TEXT
from bot.alerts.parsed import ParsedDelivery, UnreadableDelivery
from bot.alerts.sources import SOURCES, sources_with
from orchestrator.intake import MOST_TITLE
from policy.alert import Alert, AlertStatus
from policy.errors import PolicyError
from tests.bot.alerts.samples import NOW, one, parse
from tests.bot.alerts.twins import Twins, all_twins

TWINS = list(all_twins())
BROTHERS = [twins for twins in TWINS if twins.resolved is not None]
DEEP: object = {"a": 1}
for _ in range(1000):
    DEEP = {"a": DEEP}
HOSTILE = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        float("nan"),
        float("inf"),
        10**30,
        10**5000,
        "",
        "\0",
        "\ud800",
        "x" * 1_000_000,
        "9" * 5000,
        "9999-12-31T23:59:59-23:00",
        "0001-01-01T00:00:00Z",
        "javascript:alert(1)",
        "https://[bad",
        "person@example.com",
        [],
        {},
        [[]],
        [{}] * 300,
        {str(number): number for number in range(10_000)},
        {"name": {"a": 1}, "value": [1]},
        DEEP,
    ]
)


def places(
    value: object, path: tuple[str | int, ...] = ()
) -> list[tuple[str | int, ...]]:
    """Give the way to each node, twenty steps deep."""
    found = [path] if path else []
    if len(path) > 20:
        return found
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


def changed(value: object, path: tuple[str | int, ...], new: object) -> object:
    """Copy with the node at ``path`` replaced, or dropped for ``...``."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        copy = dict(value)
        if not rest and new is ...:
            del copy[head]
        elif head in copy:
            copy[head] = changed(copy[head], tuple(rest), new)
        return copy
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [
            changed(item, tuple(rest), new) if index == head else item
            for index, item in enumerate(value)
        ]
    return value


def shuffled(value: object, order: random.Random) -> object:
    """Copy with the keys of every object in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(item, order)) for key, item in value.items()]
        order.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        return [shuffled(item, order) for item in value]
    return value


def attempt(source: str, body: object) -> ParsedDelivery | None:
    """Parse; None of a body that is refused as a whole. Any other error is a bug."""
    try:
        return parse(source, body)
    except UnreadableDelivery:
        return None


def check_bounds(alert: Alert) -> None:
    assert 0 < len(alert.title) <= MOST_TITLE
    assert 0 < len(alert.fingerprint) <= MOST_FINGERPRINT
    assert "\0" not in alert.fingerprint
    assert len(alert.labels) <= MOST_LABELS + 1
    assert all(len(value) <= MOST_TEXT for value in alert.labels.values())
    assert alert.starts_at.tzinfo is not None
    assert 2000 <= alert.starts_at.year <= NOW.year + 1
    assert all(link.lower().startswith(("http://", "https://")) for link in alert.links)
    for said in (alert.title, *alert.labels.values(), *alert.annotations.values()):
        said.encode()


def test_every_source_has_a_sample() -> None:
    """None goes through these tests unseen."""
    assert set(SOURCES) == {twins.source for twins in TWINS}


@pytest.mark.parametrize("twins", TWINS, ids=lambda t: f"{t.source}-{t.name}")
def test_a_sample_is_read_whole(twins: Twins) -> None:
    """It fires, began when it says, and has no person's address for an id."""
    alert = one(twins.source, twins.firing)

    assert AlertStatus.firing is alert.status
    assert twins.source == alert.source
    assert alert.ends_at is None
    check_bounds(alert)


@pytest.mark.parametrize("twins", BROTHERS, ids=lambda t: f"{t.source}-{t.name}")
def test_twins_have_one_fingerprint(twins: Twins) -> None:
    """What fired is known again when it has ended, by title too."""
    firing, resolved = (
        one(twins.source, twins.firing),
        one(twins.source, twins.resolved),
    )

    assert AlertStatus.resolved is resolved.status
    assert firing.fingerprint == resolved.fingerprint
    assert firing.title == resolved.title


@given(st.sampled_from(TWINS), st.randoms(use_true_random=False))
def test_order_changes_nothing(twins: Twins, order: random.Random) -> None:
    """Of keys in a payload there is none."""
    turned = one(twins.source, shuffled(twins.firing, order))

    found = one(twins.source, twins.firing)
    assert replace(found, links=()) == replace(turned, links=())
    assert set(found.links) == set(turned.links)


@pytest.mark.parametrize("source", SOURCES)
def test_two_sources_never_share_a_fingerprint(source: str) -> None:
    """Each counts from one; but Alertmanager's stands as it was sent."""
    twins = next(twins for twins in TWINS if twins.source == source)
    found = one(source, twins.firing).fingerprint

    assert source == "alertmanager" or found.startswith(f"{source}:")


@given(st.data())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mutation_breaks_a_parser(data: st.DataObject) -> None:
    """Drop, retype, nest or lengthen: an alert within bounds, or a reason."""
    twins = data.draw(st.sampled_from(TWINS))
    body: object = data.draw(st.sampled_from([twins.firing, twins.resolved]))
    for _ in range(data.draw(st.integers(1, 3))):
        ways = places(body)
        if ways:
            new = data.draw(HOSTILE | st.just(...))
            body = changed(body, data.draw(st.sampled_from(ways[:300])), new)
    parsed = attempt(twins.source, body)

    for alert in parsed.alerts if parsed else ():
        check_bounds(alert)
    assert all(one.reason for one in parsed.broken) if parsed else True


@pytest.mark.parametrize("twins", TWINS, ids=lambda t: f"{t.source}-{t.name}")
def test_no_single_change_breaks_a_parser(twins: Twins) -> None:
    """Each place of each sample, dropped and retyped once."""
    for way in places(twins.firing):
        for new in (..., None, 0, "", [], {}, [None], {"a": {}}, "\ud800\0", DEEP):
            parsed = attempt(twins.source, changed(twins.firing, way, new))
            for alert in parsed.alerts if parsed else ():
                check_bounds(alert)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "body", [None, 1, "x", [], {}, [None], [[]], {"alerts": 1}, {"data": None}]
)
def test_what_is_no_delivery_is_said_to_be_none(source: str, body: object) -> None:
    """By a reason, of the whole or of an alert."""
    parsed = attempt(source, body)

    assert parsed is None or parsed.broken or parsed.alerts


def test_a_deployments_own_mapping_is_in_force(tmp_path: Path) -> None:
    """For ``generic`` alone; what does not load says where."""
    mapping = tmp_path / "mine.yaml"
    mapping.write_text("mappings: [{name: mine, title: what, fingerprint: [what]}]\n")
    sources = sources_with(mapping)
    body = {"what": "the backup is late"}
    parsed = sources["generic"](body, datetime(2026, 1, 2, tzinfo=UTC))
    mapping.write_text("mappings: [{name: mine}]\n")

    assert ["the backup is late"] == [one.title for one in parsed.alerts]
    assert sources["sentry"] is SOURCES["sentry"]
    assert SOURCES is sources_with(None)
    with pytest.raises(PolicyError, match=r"mine.yaml:1: "):
        sources_with(mapping)
