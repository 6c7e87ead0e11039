"""Actions whose time is over: each goes to the gateway until it is taken back."""

import asyncio
from uuid import UUID

import structlog

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from policy.scope import Scope
from storage import reversions
from storage.database import Database
from storage.steps import Step
from wire.control import ReversionRequest

_MOST = 200
_AT_ONCE = 4


async def revert_due(
    database: Database, gateway: GatewayClient, *, environment: str
) -> int:
    """
    Have the gateway take a step of each reversion that is due; give how many moved.

    One that the gateway can't take now stays due: the next look finds it again.
    """
    async with database.dispatch(Step.look) as tx:
        due = await reversions.find_due(tx, environment=environment, most=_MOST)
    free, away = asyncio.Semaphore(_AT_ONCE), asyncio.Event()

    async def step(scope: Scope, reversion_id: UUID) -> bool:
        async with free:
            if away.is_set():
                return False
            return await _step(gateway, scope, reversion_id, away)

    async with asyncio.TaskGroup() as group:
        steps = [group.create_task(step(*one)) for one in due]
    return sum(one.result() for one in steps)


async def _step(
    gateway: GatewayClient, scope: Scope, reversion_id: UUID, away: asyncio.Event
) -> bool:
    log = structlog.get_logger().bind(reversion=str(reversion_id))
    request = ReversionRequest(
        tenant_id=scope.tenant_id,
        environment=scope.environment,
        reversion_id=str(reversion_id),
    )
    try:
        answer = await gateway.revert(request)
    except GatewayFailed as exc:
        log.warning("reversion.gateway_failed", error=str(exc))
    except GatewayAway as exc:
        log.warning("reversion.gateway_away", error=str(exc))
        away.set()
    except GatewayRefused as exc:
        log.warning("reversion.refused", code=exc.refusal.code)
    else:
        log.info("reversion.step", code=answer.code, text=answer.text)
        return True
    return False
