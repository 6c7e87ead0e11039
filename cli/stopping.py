"""Run a process's work until somebody tells it to end."""

import asyncio
import signal
from collections.abc import Awaitable

import structlog


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
