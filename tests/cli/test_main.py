"""The command's edge: 0 done, 1 a failure that was said, 2 wrong usage, 130 Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import main
from cli.processes import PROCESSES, ROOT
from tests.cli.world import Autopilot, python

COMMANDS = (
    ("demo",),
    ("up",),
    ("run",),
    ("doctor",),
    ("alerts", "parse"),
    ("redact",),
    ("policy", "check"),
    ("audit", "verify"),
    ("db", "upgrade"),
    ("keys", "new"),
    ("tenant", "add"),
    ("webhooks", "add"),
    ("webhooks", "list"),
    ("webhooks", "rotate"),
    ("webhooks", "remove"),
    ("webhooks", "test"),
    ("freeze",),
    ("thaw",),
)


PARSE = ("alerts", "parse", "--source", "alertmanager")


def test_without_a_command_it_says_what_there_is(autopilot: Autopilot) -> None:
    """Nothing was done, so that is no success."""
    said = autopilot()

    assert 2 == said.code
    assert {one[0] for one in COMMANDS} <= set(said.out.split())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_explains_itself(
    capfd: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])

    assert 0 == caught.value.code
    assert capfd.readouterr().out.startswith(f"usage: autopilot {' '.join(command)}")


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("run",),
        ("run", "release"),
        ("run", "lab"),
        ("keys",),
        ("audit", "verify", "acme"),
        ("freeze", "acme"),
        ("tenant", "add", "acme"),
        ("webhooks", "add", "acme"),
        ("webhooks", "rotate", "a", "--new-token", "--secret-from-stdin"),
        ("alerts", "parse", "x.json"),
        ("demo", "--web-port", "http"),
        ("demo", "--sandbox", "docker"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Said on standard error: a pipe gets nothing."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    out, err = capfd.readouterr()

    assert (2, "") == (caught.value.code, out)
    assert err.startswith("usage: autopilot")


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_has_its_command(
    capfd: pytest.CaptureFixture[str], process: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", process, "--help"])

    assert 0 == caught.value.code
    assert process in capfd.readouterr().out


def test_the_exit_code_reaches_the_shell(tmp_path: Path) -> None:
    """A said failure is one line, without a traceback."""
    good = python("-m", "cli.main", "keys", "new")
    bad = python("-m", "cli.main", "alerts", "parse", "--source=x", str(tmp_path))

    assert (0, "") == (good.returncode, good.stderr)
    assert (2, "") == (bad.returncode, bad.stdout)
    assert 1 == len(bad.stderr.splitlines())


def test_ctrl_c_is_exit_130_without_a_traceback(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", *PARSE, str(fifo)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A job in the background has SIGINT ignored, and its children as well.
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - it only sets a signal
    ) as process:
        try:
            with fifo.open("wb"):  # opens as soon as the command reads
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=20)
        finally:
            process.kill()

    assert (130, b"", b"") == (process.returncode, out, err)


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
