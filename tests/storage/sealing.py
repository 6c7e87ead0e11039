"""A tenant with two environments, tasks with entries, and a sealer."""

from dataclasses import dataclass
from uuid import UUID

from policy.event import Event
from policy.scope import Scope, TenantScope
from storage import ledger, seals, verification
from storage.database import Database, Tx
from storage.seals import SealedEntry
from storage.steps import Step
from storage.verification import Verified
from tests.conftest import Databases, Scopes
from tests.samples import add_task

TENANT = "acme"
PROD = Scope(TENANT, "prod")
STAGING = Scope(TENANT, "staging")
BOTH = TenantScope(TENANT, ("prod", "staging"))


@dataclass
class Sealing:
    worker: Database
    sealer: Database

    async def task(self, scope: Scope = PROD) -> UUID:
        async with self.worker.transaction(scope, Step.set_up) as tx:
            return (await add_task(tx)).id

    async def append(
        self, task_id: UUID, scope: Scope = PROD, *, times: int = 1
    ) -> None:
        for _ in range(times):
            async with self.worker.transaction(scope, Step.look) as tx:
                await self.append_in(tx, task_id)

    async def append_in(self, tx: Tx, task_id: UUID | None) -> None:
        await ledger.append(
            tx, Event.task_moved, actor="w1", body={"n": 1}, task_id=task_id
        )

    async def seal(self, *, most: int = 100) -> int:
        async with self.sealer.transaction(BOTH, Step.seal) as tx:
            assert await seals.lock_tenant(tx, TENANT)
            return await seals.seal_batch(tx, TENANT, most=most)

    async def sealed(self) -> list[SealedEntry]:
        async with self.sealer.transaction(BOTH, Step.look) as tx:
            return list(await seals.list_sealed(tx, after=0, most=1000))

    async def verify(self) -> Verified:
        async with self.sealer.transaction(BOTH, Step.look) as tx:
            return await verification.verify_tenant(tx, TENANT)


async def make_sealing(database: Databases, scopes: Scopes) -> Sealing:
    for scope in (PROD, STAGING):
        await scopes(scope.tenant_id, scope.environment)
    return Sealing(database("worker"), database("sealer"))
