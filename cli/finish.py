"""Run a command's coroutine to its end."""

from collections.abc import Coroutine
from typing import TypeVar

Answer = TypeVar("Answer")


def finish(work: Coroutine[object, object, Answer]) -> Answer:
    import asyncio

    return asyncio.run(work)
