"""Splunk's saved searches."""

import pytest

from policy.alert import Severity
from tests.bot.alerts.samples import BEGAN_AT, NOW, one, parse, splunk


def test_a_result_is_read() -> None:
    """Known by the search, whoever ran it and whatever it found."""
    alert = one("splunk", splunk())

    assert ("splunk:search:search:feed errors", "feed errors", Severity.error) == (
        alert.fingerprint,
        alert.title,
        alert.severity,
    )
    assert ("a", None) == (alert.labels["host"], alert.service)


@pytest.mark.parametrize(
    ("fields", "starts_at"),
    [
        ({}, BEGAN_AT),
        ({"result": {}}, BEGAN_AT),
        ({"result": {}, "sid": "1"}, NOW),
    ],
)
def test_it_began_with_the_result_or_the_run(
    fields: dict[str, object], starts_at: object
) -> None:
    """A search's id has when it ran; a statistic has no time of its own."""
    assert starts_at == one("splunk", {**splunk(), **fields}).starts_at


def test_a_search_without_a_name_is_known_by_its_run() -> None:
    assert "splunk:sid:7.1" == one("splunk", {"sid": "7.1"}).fingerprint


def test_what_it_found_serves_for_a_title() -> None:
    """Somebody left the search's name out of the payload."""
    found = {"results_link": "https://splunk/1", "result": {"_raw": "disk is full"}}

    assert "disk is full" == one("splunk", found).title


def test_what_is_no_search_is_broken() -> None:
    assert 1 == len(parse("splunk", {"result": {}}).broken)
