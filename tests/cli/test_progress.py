"""Progress: on standard error, and fit for a file as well as for a terminal."""

import asyncio
import os
import pty
import subprocess
import sys

import pytest

from cli.processes import ROOT
from cli.progress import Progress

STEP = """
import asyncio
from cli.progress import Progress

async def work():
    async with Progress().step("Started"):
        await asyncio.sleep(0.2)
    print("facts")

asyncio.run(work())
"""


async def test_a_step_that_ends_well_is_ticked(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Off a terminal in one plain line; standard output stays for facts."""
    async with Progress().step("Started"):
        before = capfd.readouterr()
    out, err = capfd.readouterr()

    assert ("", "") == before
    assert "" == out
    assert err.startswith("✓ Started  ")
    assert err.endswith(" s\n")
    assert "\x1b" not in err


@pytest.mark.parametrize("end", [OSError, asyncio.CancelledError])
async def test_a_step_that_fails_is_crossed_out(
    capfd: pytest.CaptureFixture[str], end: type[BaseException]
) -> None:
    """And what ended it goes on."""
    with pytest.raises(end):
        async with Progress().step("Started"):
            raise end

    assert capfd.readouterr().err.startswith("✗ Started  ")


async def test_a_step_leaves_no_task(capfd: pytest.CaptureFixture[str]) -> None:
    before = asyncio.all_tasks()
    async with Progress().step("Started"):
        await asyncio.sleep(0)

    assert before == asyncio.all_tasks()
    assert 1 == len(capfd.readouterr().err.splitlines())


def test_off_a_terminal_a_live_line_is_not_written(
    capfd: pytest.CaptureFixture[str],
) -> None:
    progress = Progress()
    progress.live("5xx 3.1 %")
    progress.say("done")

    assert ("", "done\n") == capfd.readouterr()


def test_on_a_terminal_a_spinner_turns_and_is_wiped() -> None:
    """What stays on the screen is the ticked line."""
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", STEP],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    *turned, last = shown.split("\r\x1b[2K")

    assert b"facts\n" == done.stdout
    assert {"⠋ Started", "⠙ Started"} <= set(turned)
    assert last.startswith("✓ Started")
