"""Rows that are due, taken to the gateway a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

import structlog

from gateway.client import GatewayAway, GatewayFailed, GatewayRefused
from policy.scope import Scope
from storage.errors import StorageError

_AT_ONCE = 4


async def ask_each(
    due: Iterable[tuple[Scope, UUID]],
    ask: Callable[[Scope, UUID], Awaitable[str]],
    *,
    kind: str,
) -> int:
    """
    Ask for each; give how many were answered.

    ``ask`` gives what the log may say. One that the gateway can't take now stays due;
    once it is away no further one is asked.
    """
    free, away = asyncio.Semaphore(_AT_ONCE), asyncio.Event()

    async def one(scope: Scope, row_id: UUID) -> bool:
        async with free:
            if away.is_set():
                return False
            log = structlog.get_logger().bind(kind=kind, id=str(row_id))
            try:
                said = await ask(scope, row_id)
            except GatewayFailed as exc:
                log.warning("due.gateway_failed", error=str(exc))
            except GatewayAway as exc:
                log.warning("due.gateway_away", error=str(exc))
                away.set()
            except GatewayRefused as exc:
                log.warning("due.refused", code=exc.refusal.code)
            except StorageError as exc:
                log.warning("due.storage", error=str(exc))
            else:
                log.info("due.step", said=said)
                return True
            return False

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(one(*row)) for row in due]
    return sum(one.result() for one in asked)
