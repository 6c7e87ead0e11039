"""A command's coroutine is run to its end, and its answer given."""

import subprocess
import sys

import pytest

from cli.finish import finish


async def answer(number: int) -> int:
    if number < 0:
        raise ValueError(number)
    return number


def test_a_command_is_run_to_its_end() -> None:
    """With its answer, or what it raised."""
    assert 3 == finish(answer(3))
    with pytest.raises(ValueError, match="-1"):
        finish(answer(-1))


def test_what_a_command_does_not_need_is_not_imported() -> None:
    """``autopilot --help`` comes before any event loop is known."""
    code = "import sys, cli.main; print('asyncio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "False\n" == done.stdout
