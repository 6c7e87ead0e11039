"""A process's work ends by a signal, and its clean-up runs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI

from cli.stopping import end_with_signals, until_stopped
from tests.journeys.stack import until


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


@pytest.fixture
def raised() -> Iterator[list[int]]:
    """Note the signals that reach the process where nobody else takes them."""
    found: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(one, lambda n, _: found.append(n)) for one in numbers]
    yield found
    for one, handler in zip(numbers, before, strict=True):
        signal.signal(one, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_comes_after_a_server_goes_on(
    raised: list[int], number: signal.Signals
) -> None:
    """The server ends by the signal, and raises it again: to nobody."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        said.append("gently")

    said: list[str] = []
    app = FastAPI(lifespan=lifespan)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    end_with_signals(server)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())

        async def is_up() -> bool:
            return server.started

        await until(is_up, "it serves", 10)
        os.kill(os.getpid(), number)
        await serving
    await asyncio.sleep(0)

    assert ["gently"] == said
    assert [] == raised
