"""A process's work ends by a signal, and its clean-up runs."""

import asyncio
import os
import signal

import pytest

from cli.stopping import until_stopped


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_work_gently(number: signal.Signals) -> None:
    said: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            said.append("cleaned up")

    await until_stopped(work())

    assert ["cleaned up"] == said


async def test_work_that_fails_is_not_silent() -> None:
    async def work() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await until_stopped(work())


async def test_work_that_is_done_is_done() -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    await until_stopped(work())
