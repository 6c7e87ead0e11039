"""Execution from the worker's side: ask the gateway, step by step, until it is over."""

import asyncio

import structlog

from gateway.client import GatewayAway, GatewayClient, GatewayRefused
from storage.tasks import Claim
from wire.control import ExecutionAnswer, ExecutionRequest

_OVER = {"succeeded", "failed", "lapsed", "idle"}
_AWAY_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0


async def execute(gateway: GatewayClient, claim: Claim) -> ExecutionAnswer | None:
    """
    Take steps until one is over; None if the task is another's by now.

    The caller keeps the lease with heartbeats meanwhile, and may be killed anywhere:
    the next claim goes on from the rows.
    """
    request = ExecutionRequest(
        tenant_id=claim.scope.tenant_id,
        environment=claim.scope.environment,
        task_id=str(claim.task_id),
        fence=claim.fence,
    )
    log = structlog.get_logger().bind(task=str(claim.task_id))
    while True:
        try:
            answer = await gateway.execute(request)
        except GatewayAway as exc:
            log.warning("execution.gateway_away", error=str(exc))
            await asyncio.sleep(_AWAY_SECONDS)
            continue
        except GatewayRefused as exc:
            log.info("execution.refused", code=exc.refusal.code)
            if exc.refusal.code in {"lease_lost", "not_found"}:
                return None
            await asyncio.sleep(_AWAY_SECONDS)
            continue
        log.info("execution.step", code=answer.code, text=answer.text)
        if answer.code in _OVER:
            return answer
        await asyncio.sleep(min(answer.retry_after_seconds, _LONGEST_WAIT_SECONDS))
