"""Logs: one JSON line a fact, without secrets and without people."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from cli.logs import hide_people, log_policy
from cli.processes import ROOT
from gateway.redaction.span import Policy

MAIL, TOKEN = "ann@example.org", "xoxb-canary-0123456789abcdef"
SHIPPED = (ROOT / "policy/rules/redaction.yaml").read_text()
TASK = "01990000-0000-7000-8000-000000000000"
SCRIPT = f"""
import logging
import structlog
from cli.logs import configure_logs
from gateway.redaction.span import Policy

configure_logs("web", Policy())
structlog.get_logger().info("said", text="{MAIL}", task="{TASK}")
try:
    raise ValueError("no answer for {MAIL} under {TOKEN}")
except ValueError:
    structlog.get_logger().exception("failed", count=3)
    logging.getLogger("library").exception("lost %s", "{MAIL}")
"""

FAULTS = f"""
import threading
import warnings
from cli.logs import configure_logs
from gateway.redaction.span import Policy

configure_logs("web", Policy())


def fail():
    raise RuntimeError("row of {MAIL} under {TOKEN}")


warnings.warn("old words of {MAIL}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()


class Ended:
    __del__ = lambda self: fail()


Ended()
fail()
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
    hide = hide_people(Policy())
    line = hide(logging.getLogger(), "info", {"who": {MAIL}, "n": None})

    assert {"who": "{'⟨email:1⟩'}", "n": None} == line


def cycle() -> dict[str, object]:
    made: dict[str, object] = {"who": MAIL}
    made["self"] = made
    return made


def deep() -> list[object]:
    made: list[object] = [MAIL]
    for _ in range(100_000):
        made = [made]
    return made


class Mute:
    """Shows itself by no means."""

    def __repr__(self) -> str:
        raise KeyError(MAIL)


@pytest.mark.parametrize(
    "value",
    [{(1, 2): MAIL}, cycle(), deep(), Mute(), {MAIL: Mute()}, 1 << 20_000],
    ids=["keys", "cycle", "deep", "mute", "mute_within", "long_number"],
)
def test_a_line_is_written_whatever_it_holds(value: object) -> None:
    """Keys that are no scalars, cycles, depths: as they show themselves, redacted."""
    line = hide_people(Policy())(
        logging.getLogger(), "info", {"event": "x", "v": value}
    )

    shown = json.dumps(line)
    assert '"event": "x"' in shown
    assert MAIL not in shown


def test_what_shows_itself_at_length_is_cut() -> None:
    """Between words, since half an address is not found."""
    line = hide_people(Policy())(
        logging.getLogger(), "info", {"v": {(1,): [MAIL] * 999}}
    )

    shown = json.dumps(line)
    assert len(shown) < 9_000
    assert "@" not in shown


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (SHIPPED, False),
        (SHIPPED.replace("ip_addresses: false", "ip_addresses: true"), True),
        ("ip_addresses: [", True),
        (None, True),
    ],
)
def test_logs_hide_what_the_deployment_hides(
    tmp_path: Path, text: str | None, *, hidden: bool
) -> None:
    """All that can be hidden, where its policy does not load."""
    if text is not None:
        (tmp_path / "redaction.yaml").write_text(text)
    hide = hide_people(log_policy(tmp_path))
    line = hide(logging.getLogger(), "info", {"text": "no answer of 203.0.113.7"})

    assert hidden == ("203.0.113.7" not in str(line))


def test_what_nobody_caught_is_a_line_as_any_other() -> None:
    """Of process, thread and finalizer, and a warning; it ends as it would."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=False
    )
    faults = [one for one in done.stderr.splitlines() if "process.fault" in one]

    assert 1 == done.returncode
    assert 3 == len(faults)
    assert all("RuntimeError" in json.loads(one)["exception"] for one in faults)
    assert "old words of" in done.stderr
    assert MAIL not in done.stderr
    assert TOKEN not in done.stderr
