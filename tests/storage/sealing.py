"""A tenant with two environments, tasks with entries, and a sealer."""

from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import (
    Checkpoint,
    VerifierKey,
    public_of,
    sign_checkpoint,
    verifier_key,
)
from audit.verification import Trust, Verified
from policy.event import Event
from policy.scope import Scope, TenantScope
from storage import checkpoints, ledger, seals, verification
from storage.checkpoints import KeptCheckpoint
from storage.database import Database, Tx
from storage.seals import SealedEntry
from storage.steps import Step
from storage.verification import Claim
from tests.conftest import Databases, Scopes
from tests.samples import add_task

TENANT = "acme"
ORIGIN = f"ops-autopilot/{TENANT}"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
KEY = verifier_key(ORIGIN, PRIVATE)
CLAIM = Claim(TENANT, ORIGIN, Trust(keys=[KEY]))
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
            return await verification.verify_tenant(tx, CLAIM)

    async def verify_under(self, pem: str) -> Verified:
        """Verify under another key than the sealing's own."""
        trust = Trust(keys=[VerifierKey(ORIGIN, public_of(pem))])
        async with self.sealer.transaction(BOTH, Step.look) as tx:
            return await verification.verify_tenant(tx, Claim(TENANT, ORIGIN, trust))

    async def sign_more(self) -> str:
        """Append, seal and sign one entry more."""
        await self.append(await self.task())
        await self.seal()
        return await self.sign()

    async def notes(self) -> list[str]:
        """Give every checkpoint's note, as an anchor would have it."""
        async with self.sealer.transaction(BOTH, Step.look) as tx:
            kept = await checkpoints.list_after(tx, 0, most=99)
        return [one.note for one in kept]

    async def sign(self) -> str:
        """Sign what was sealed; give the note."""
        async with self.sealer.transaction(BOTH, Step.sign_checkpoint) as tx:
            last = await checkpoints.find_last(tx)
            size, packed = (last.size, last.frontier) if last else (0, b"")
            grown = await checkpoints.extend(tx, checkpoints.unpack(size, packed))
            at = tx.now.isoformat(timespec="microseconds")
            checkpoint = Checkpoint(ORIGIN, grown.size, grown.root(), 0, at)
            note = sign_checkpoint(checkpoint, PRIVATE)
            kept = KeptCheckpoint(
                environment="prod",
                size=grown.size,
                root=checkpoint.root,
                frontier=checkpoints.pack(grown),
                epoch=0,
                key=KEY.text,
                note=note,
                made_at=tx.now,
            )
            await checkpoints.keep(tx, TENANT, kept)
        return note


async def make_sealing(database: Databases, scopes: Scopes) -> Sealing:
    for scope in (PROD, STAGING):
        await scopes(scope.tenant_id, scope.environment)
    return Sealing(database("worker"), database("sealer"))
