"""What is meant by a match, and what speaks against it."""

import pytest

from orchestrator.matching import MatchRow, fits, make_match, make_pattern
from policy.alert import Severity
from policy.errors import PolicyError

LABELS = {"team": "growth", "service": "feed-api"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, None),
        ({"source": "datadog"}, None),
        ({"source": "sentry"}, "source is datadog, not sentry"),
        ({"tenant": "acme"}, None),
        ({"tenant": "globex"}, "tenant is acme, not globex"),
        ({"severity": ["critical", "error"]}, None),
        ({"severity": ["critical"]}, "severity is error, not critical"),
        ({"labels": {"team": "growth", "service": "/feed-.*/"}}, None),
        ({"labels": {"team": "/grow/"}}, "label team is 'growth'"),
        ({"labels": {"zone": "a"}}, "label zone lacks"),
        ({"labels": {"zone": "//"}}, None),
    ],
)
def test_all_that_is_named_must_fit(row: dict[str, object], why: str | None) -> None:
    """The first thing that does not is said."""
    match = make_match(MatchRow.model_validate(row), path="routes.yaml", line=3)

    assert why == match.misses("datadog", LABELS, Severity.error, "acme")
    assert (row == {}) == match.is_everything


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("/(/", r"/\(/ is no regular"),
        ("/a{1001}/", "is no regular"),
        ("/(?=a)a/", r"invalid perl operator: \(\?="),
        ("/(a)\\1/", "invalid escape sequence"),
        (f"/{'(' * 149}{')' * 148}/", "is no regular"),
        (f"/{'(' * 5000}{')' * 5000}/", "has 10002 characters, over 300"),
        ("a" * 301, "has 301 characters"),
    ],
)
def test_a_broken_pattern_is_named(pattern: str, why: str) -> None:
    """What RE2 does not take, or before it looks."""
    with pytest.raises(PolicyError, match=f"routes.yaml:3: .*{why}"):
        make_match(MatchRow(labels={"a": pattern}), path="routes.yaml", line=3)


def test_no_pattern_takes_exponential_time() -> None:
    """Python's own engine would not come back from this one in a lifetime."""
    pattern = make_pattern("/(x+x+)+y/", path="routes.yaml", line=3)

    assert not fits(pattern, "x" * 1000)


def test_a_value_is_matched_to_its_thousandth_character() -> None:
    """What is longer is no name of anything."""
    pattern = make_pattern("/x{1000}/", path="routes.yaml", line=3)

    assert fits(pattern, "x" * 1_000_000)
    assert not fits(pattern, "x" * 999)
