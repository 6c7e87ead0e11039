"""Effects under way of tasks that nobody executes any more: each is seen to its end."""

from uuid import UUID

from gateway.client import GatewayClient
from orchestrator.asking import ask_each
from policy.scope import Scope
from storage import proposals
from storage.database import Database
from storage.steps import Step
from wire.control import ExecutionRequest

_MOST = 200
_NOBODYS = 0


async def end_left(
    database: Database, gateway: GatewayClient, *, environment: str
) -> int:
    """
    Have the gateway read back and measure what was left; give how many were answered.

    A task that is a person's by now still says what became of its action, and nothing
    begins.
    """
    async with database.dispatch(Step.look) as tx:
        left = await proposals.find_left(tx, environment=environment, most=_MOST)

    async def ask(scope: Scope, task_id: UUID) -> str:
        answer = await gateway.execute(
            ExecutionRequest(
                tenant_id=scope.tenant_id,
                environment=scope.environment,
                task_id=str(task_id),
                fence=_NOBODYS,
            )
        )
        # A measured text may name somebody; what stands on the card is hidden.
        return answer.code

    return await ask_each(left, ask, kind="leftover")
