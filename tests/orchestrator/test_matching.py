"""What is meant by a match, and what speaks against it."""

import pytest

from orchestrator.matching import MatchRow, make_match
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


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(PolicyError, match=r"routes.yaml:3: /\(/ is no regular"):
        make_match(MatchRow(labels={"a": "/(/"}), path="routes.yaml", line=3)
