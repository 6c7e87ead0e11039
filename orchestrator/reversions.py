"""Actions whose time is over: each goes to the gateway until it is taken back."""

import structlog

from gateway.client import GatewayAway, GatewayClient, GatewayFailed, GatewayRefused
from storage import reversions
from storage.database import Database
from storage.steps import Step
from wire.control import ReversionRequest

_MOST = 200


async def revert_due(
    database: Database, gateway: GatewayClient, *, environment: str
) -> int:
    """
    Have the gateway take a step of each reversion that is due; give how many moved.

    One that the gateway can't take now stays due: the next look finds it again.
    """
    async with database.dispatch(Step.look) as tx:
        due = await reversions.find_due(tx, environment=environment, most=_MOST)
    moved = 0
    for scope, reversion_id in due:
        log = structlog.get_logger().bind(reversion=str(reversion_id))
        try:
            answer = await gateway.revert(
                ReversionRequest(
                    tenant_id=scope.tenant_id,
                    environment=scope.environment,
                    reversion_id=str(reversion_id),
                )
            )
        except GatewayFailed as exc:
            # A fault of its own on this one: the others go on.
            log.warning("reversion.gateway_failed", error=str(exc))
            continue
        except GatewayAway as exc:
            log.warning("reversion.gateway_away", error=str(exc))
            break
        except GatewayRefused as exc:
            log.warning("reversion.refused", code=exc.refusal.code)
            continue
        moved += 1
        log.info("reversion.step", code=answer.code, text=answer.text)
    return moved
