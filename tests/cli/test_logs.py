"""Logs: one JSON line a fact, without secrets and without people."""

import json
import logging
import subprocess
import sys

import pytest

from cli.logs import hide_people

MAIL, TOKEN = "ann@example.org", "xoxb-canary-0123456789abcdef"
TASK = "01990000-0000-7000-8000-000000000000"
SCRIPT = f"""
import logging
import structlog
from cli.logs import configure_logs

configure_logs("web")
structlog.get_logger().info("said", text="{MAIL}", task="{TASK}")
try:
    raise ValueError("no answer for {MAIL} under {TOKEN}")
except ValueError:
    structlog.get_logger().exception("failed", count=3)
    logging.getLogger("library").exception("lost %s", "{MAIL}")
"""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Give what a process of ours writes, its library's words included."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


def test_a_line_is_json_and_names_its_process(lines: list[str]) -> None:
    """Ids, instants and counts stay as they are."""
    said, failed = (json.loads(one) for one in lines[:2])

    assert ("web", "said", "info") == (said["process"], said["event"], said["level"])
    assert TASK == said["task"]
    assert (3, True) == (failed["count"], "ValueError" in failed["exception"])


def test_no_line_holds_a_person_or_a_secret(lines: list[str]) -> None:
    """Neither an exception's text nor what a library says."""
    whole = "\n".join(lines)

    assert MAIL not in whole
    assert TOKEN not in whole
    assert "⟨email:1⟩" in whole
    assert "Traceback" in whole


def test_what_is_no_json_is_told() -> None:
    """A value of any type is written as it shows itself, redacted."""
    line = hide_people(logging.getLogger(), "info", {"who": {MAIL}, "n": None})

    assert {"who": "{'⟨email:1⟩'}", "n": None} == line
