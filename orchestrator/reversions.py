"""Actions whose time is over: each goes to the gateway until it is taken back."""

from uuid import UUID

from gateway.client import GatewayClient
from orchestrator.asking import ask_each
from policy.scope import Scope
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

    async def ask(scope: Scope, reversion_id: UUID) -> str:
        answer = await gateway.revert(
            ReversionRequest(
                tenant_id=scope.tenant_id,
                environment=scope.environment,
                reversion_id=reversion_id,
            )
        )
        return f"{answer.code}: {answer.text}"

    return await ask_each(due, ask, kind="reversion")
