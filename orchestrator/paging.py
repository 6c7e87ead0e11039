"""What waits in the outbox for a pager, taken to the gateway until it is out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from gateway.client import GatewayClient
from orchestrator.asking import ask_each
from policy.scope import Scope
from storage import outbox
from storage.database import Database
from storage.steps import Step
from wire.control import PageRequest

_MOST = 50


@dataclass(frozen=True, slots=True)
class Pages:
    """
    Has the gateway send each page; ``_later`` is when one may be asked for again.

    ``most`` are drawn at a time, any of them, so that none that stays starves the rest.
    """

    database: Database
    gateway: GatewayClient
    environment: str
    most: int = _MOST
    _later: dict[UUID, datetime] = field(default_factory=dict)

    async def send(self) -> int:
        """Ask for each that may be asked for; give how many were answered."""
        async with self.database.dispatch(Step.look) as tx:
            found = await outbox.find_pages(
                tx, environment=self.environment, most=self.most
            )
        now = self.database.now()
        # What was not among those that were drawn still waits: the row says so too.
        for post_id in [one for one, at in self._later.items() if at <= now]:
            del self._later[post_id]
        due = [one for one in found if self._later.get(one[1], now) <= now]
        return await ask_each(due, self._ask, kind="page")

    async def _ask(self, scope: Scope, post_id: UUID) -> str:
        answer = await self.gateway.page(
            PageRequest(
                tenant_id=scope.tenant_id,
                environment=scope.environment,
                post_id=post_id,
            )
        )
        if answer.code == "waits":
            wait = timedelta(seconds=answer.retry_after_seconds)
            self._later[post_id] = self.database.now() + wait
        return answer.code
