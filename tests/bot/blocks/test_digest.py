"""The digest: in storm mode since when, what it folds, and its end."""

import pytest
from hypothesis import given

from bot.blocks.digest import render_digest
from tests.bot.blocks.facts import HOSTILE, check, texts

GROUP = {
    "short_id": "3fa94c02",
    "title": "5xx on /feed",
    "severity": "critical",
    "waits": True,
    "alerts": 3334,
}
STORM = {
    "since": 1_700_000_000.0,
    "until": None,
    "alerts": 10_000,
    "folded": 12,
    "released": None,
    "groups": [GROUP],
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["Storm mode", "since", "*10,000* alerts", "*12* new groups held back"]),
        ({}, ["`3fa94c02` 5xx on /feed — 3,334 alerts, critical, waits"]),
        ({}, ["Approvals and executions go on as ever"]),
        ({"groups": []}, ["10,000"]),
        ({"until": 1_700_000_300.0, "released": 7}, ["Storm is over", "7 waiting"]),
    ],
)
def test_a_digest_says_what_it_folds(
    changes: dict[str, object], expected: list[str]
) -> None:
    """Each in words, in one message that Slack takes."""
    rendered = render_digest({**STORM, **changes})
    check(rendered)
    shown = "\n".join(texts(rendered))

    for words in expected:
        assert words in shown


@given(HOSTILE)
def test_a_hostile_title_stays_harmless(title: str) -> None:
    """Titles are written by whoever sends alerts."""
    check(render_digest({**STORM, "groups": [{**GROUP, "title": title}] * 5}))
