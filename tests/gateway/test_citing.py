"""Evidence bears out what is quoted, and numbers as people are shown them."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.citing import cite, is_held
from storage.tool_calls import Evidence
from wire.proposals import Finding, RunReport

BODY = {
    "service": "discourse",
    "panels": [{"name": "error_ratio", "current": 0.18234, "baseline": 0.002}],
    "flags": [{"key": "new_ranker", "enabled": True, "rollout_percent": 100}],
    "note": "the canary of feed was paused at 14:02",
    "active_users": 212_000,
}
EVIDENCE = Evidence(
    UUID(int=1),
    UUID(int=2),
    "get_dashboard_snapshot",
    "d",
    "o",
    json.dumps(BODY),
    datetime(2026, 1, 31, tzinfo=UTC),
)
BODIES = {str(EVIDENCE.id): EVIDENCE.body}


def finding(text: str, *quotes: str, ids: tuple[str, ...] | None = None) -> Finding:
    cited = (str(EVIDENCE.id),) if ids is None else ids
    return Finding(text=text, evidence_ids=cited, quotes=quotes)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("Flag new_ranker went up.", ("new_ranker",)),
        ("5xx at 18.2 %, usually 0.2 % [E1].", ("0.18234",)),
        ("The ratio is 0.18.", ("0.18",)),
        ("It reaches 212,000 users.", ("212000",)),
        ("It was paused at 14:02.", ("paused at 14:02",)),
        ("Rollout of new_ranker: 100.", ("new_ranker", "100")),
    ],
)
def test_what_the_snapshot_holds_is_cited(text: str, quotes: tuple[str, ...]) -> None:
    """Values whole, numbers rounded or as a percentage, parts of a longer text."""
    assert is_held(finding(text, *quotes), BODIES)


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("Flag old_ranker went up.", ("old_ranker",)),
        ("Flag new_ranker went up.", ()),
        ("5xx at 42 %.", ("new_ranker",)),
        ("It is on.", ("True",)),
        ("It is about a flag.", ("new",)),
        ("x", ("",)),
        ("It reaches 3 users.", ("discourse",)),
    ],
)
def test_what_it_does_not_hold_is_not(text: str, quotes: tuple[str, ...]) -> None:
    """Nor is what quotes nothing, or says a number that stands nowhere."""
    assert not is_held(finding(text, *quotes), BODIES)


def test_evidence_of_another_task_bears_nothing_out() -> None:
    """Every id has to be this task's."""
    other = str(UUID(int=9))

    assert not is_held(finding("x", "new_ranker", ids=(other,)), BODIES)
    assert not is_held(finding("x", "new_ranker", ids=()), BODIES)
    both = (str(EVIDENCE.id), other)
    assert not is_held(finding("x", "new_ranker", ids=both), BODIES)


def test_a_report_keeps_what_it_says_and_loses_its_evidence() -> None:
    """People read it as uncited."""
    report = RunReport(
        outcome="finished",
        findings=(finding("a", "new_ranker"), finding("b", "nowhere")),
    )
    cited = cite(report, [EVIDENCE])

    assert ["a", "b"] == [one.text for one in cited.findings]
    assert [(str(EVIDENCE.id),), ()] == [one.evidence_ids for one in cited.findings]
