"""docs/sources.md is what the parsers do."""

import json
import re
from pathlib import Path

import pytest

from bot.alerts.generic import generic_parser
from bot.alerts.mapping import load_mappings
from bot.alerts.sources import SOURCES
from cli.sources_page import (
    ABOUT,
    DATA,
    FORMATS,
    PAGE,
    Count,
    measure,
    read_counts,
    render_sources_page,
    source_of,
)
from policy.alert import AlertStatus
from tests.bot.alerts.samples import BEGAN, BEGAN_AT, NOW


def payloads() -> Path:
    """Give the folder of the public payloads, or skip and say why."""
    if not DATA.is_dir():
        print(f"no public payloads at {DATA}")
        pytest.skip(f"no public payloads at {DATA}")
    return DATA


def test_the_page_is_the_codes() -> None:
    """After a change: ``make sources-page``. The counts are those that it keeps."""
    page = PAGE.read_text(encoding="utf-8")
    counts = read_counts(page)

    assert set(SOURCES) == set(counts)
    assert render_sources_page(counts) == page


def test_the_counts_are_measured() -> None:
    """Once more, where the payloads are."""
    assert measure(payloads(), NOW) == read_counts(PAGE.read_text(encoding="utf-8"))


def test_what_was_recorded_is_parsed() -> None:
    """All of it, but what says of no alert that it fires or has ended."""
    for source, count in measure(payloads(), NOW).items():
        assert count.recorded == count.recorded_parsed + count.nothing, source


def test_each_format_has_its_source() -> None:
    """Every name that the payloads go by is in the page."""
    page = PAGE.read_text(encoding="utf-8")
    named = {
        json.loads(path.read_text(encoding="utf-8"))["source_format"]
        for path in payloads().glob("*.json")
    }

    assert {source_of(name) for name in named} <= set(SOURCES)
    assert {n for n in named if f"| `{n}` | `{source_of(n)}` |" not in page} == set()


def test_every_source_is_told_about() -> None:
    """And no other; no format is named that is a source's own name."""
    assert set(SOURCES) == set(ABOUT)
    assert set(FORMATS.values()) <= set(SOURCES)
    assert set() == set(FORMATS) & set(SOURCES)


def test_the_example_is_a_mapping_that_works(tmp_path: Path) -> None:
    """As it stands in the page."""
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    file = tmp_path / "own.yaml"
    file.write_text(example)
    body = {"job": "db", "host": "a", "outcome": "failed", "finished_at": BEGAN}
    parser = generic_parser(load_mappings(file))
    [failed], [done] = (
        parser({**body, "outcome": outcome}, NOW).alerts
        for outcome in ("failed", "done")
    )

    assert ("db: failed", "db", BEGAN_AT) == (
        failed.title,
        failed.service,
        failed.starts_at,
    )
    assert (failed.fingerprint, AlertStatus.resolved) == (done.fingerprint, done.status)


def test_payloads_are_counted_by_outcome(tmp_path: Path) -> None:
    """Parsed, nothing to tell, refused; mocks and API objects apart."""
    ping = {"event": {"event_type": "pagey.ping", "data": {}}}
    incident = {"id": "P1", "type": "incident", "title": "x"}
    for index, (kind, name, payload) in enumerate(
        [
            ("recorded", "pagerduty", ping),
            ("fixture", "pagerduty_v2", {"messages": [{"incident": incident}]}),
            ("fixture", "pagerduty_api_incident", incident),
            ("mock", "pagerduty", {"messages": 7}),
        ]
    ):
        row = {"kind": kind, "source_format": name, "payload": payload}
        (tmp_path / f"{index}.json").write_text(json.dumps(row))

    assert (
        Count(recorded=2, recorded_parsed=1, nothing=1, mocks=2, mocks_parsed=1)
        == measure(tmp_path, NOW)["pagerduty"]
    )
