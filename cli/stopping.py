"""Run a process's work until somebody tells it to end."""

import asyncio
import signal
from collections.abc import Awaitable

import structlog
import uvicorn


def end_with_signals(server: uvicorn.Server) -> None:
    """
    Have SIGTERM and SIGINT end its serving, and what comes after it go on.

    uvicorn raises a signal again once it has served: to the process, whose end that
    would be otherwise.
    """

    def end() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)


async def until_stopped(work: Awaitable[None]) -> None:
    """Run until SIGTERM or SIGINT, then cancel and let it clean up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        structlog.get_logger().info("stopped")
