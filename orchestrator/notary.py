"""
The notary: signs what was sealed, every few seconds, and hangs it up outside.

Theory of operation. For each tenant, in one transaction under the sealer's lock: read
the last checkpoint and its frontier, put the leaves sealed since behind it, sign the
new root. Nothing is signed that would contradict what was signed before: the last
checkpoint must open under a key that is ours, its frontier must have its root, no
anchor may be ahead of the database, and the clock may not have gone back. When the key
is another than the last one, the ledger says so first (``ledger.key_changed``), and the
first checkpoint of the new key covers that entry. Then, outside of any transaction,
what does not hang at an anchor yet is appended there, and that is written down; killed
between, it is appended once more, which changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import (
    BadCheckpoint,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
    sign_checkpoint,
    verifier_key,
)
from audit.export import BadLine
from audit.merkle import Frontier
from orchestrator.anchors import Anchor
from orchestrator.sealer import list_tenants
from policy.event import Event
from policy.scope import Scope, TenantScope
from storage import checkpoints, ledger, seals
from storage.checkpoints import KeptCheckpoint
from storage.database import Database, Tx
from storage.steps import Effect, Step

_ACTOR = "sealer"
_MOST_ANCHORED = 100


class Contradiction(Exception):
    """To sign now would contradict what was signed before; the message says how."""


@dataclass
class Notary:
    """``trusted`` are public keys that signed before this one; they stay verifiable."""

    database: Database
    private: Ed25519PrivateKey
    log: str
    trusted: Sequence[bytes] = ()
    anchors: Sequence[Anchor] = ()
    every_seconds: float = 5.0
    _anchored: dict[str, Checkpoint] = field(default_factory=dict)
    _read: bool = False

    async def sign_all(self) -> int:
        """Sign and hang up what was sealed since; give how many checkpoints."""
        signed = 0
        for scope in await list_tenants(self.database):
            try:
                if not self._read:
                    await self._read_anchors()
                signed += await self._sign(scope)
                await self._hang_up(scope)
            except Contradiction as exc:
                structlog.get_logger().error(
                    "notary.contradiction", tenant=scope.tenant_id, error=str(exc)
                )
            except OSError as exc:
                structlog.get_logger().error("notary.anchor_away", error=str(exc))
        return signed

    def origin(self, tenant_id: str) -> str:
        return origin_of(self.log, tenant_id)

    async def _sign(self, scope: TenantScope) -> bool:
        async with self.database.transaction(scope, Step.sign_checkpoint) as tx:
            if not await seals.lock_tenant(tx, scope.tenant_id):
                return False
            last = await checkpoints.find_last(tx)
            if last is not None and self._is_early(tx, last):
                return False
            frontier = self._trusted_frontier(scope, last)
            epoch = await checkpoints.read_epoch(tx)
            self._hold_against_anchors(scope, frontier.size, epoch)
            if not await self._key_is_known(tx, scope, last):
                return False
            grown = await checkpoints.extend(tx, frontier)
            if grown.size == frontier.size:
                return False
            if last is not None and tx.now < last.made_at:
                raise Contradiction(
                    f"the clock says {tx.now}, the last checkpoint {last.made_at}; "
                    "set the clock, or wait"
                )
            await self._keep(tx, scope, grown, epoch)
        return True

    def _is_early(self, tx: Tx, last: KeptCheckpoint) -> bool:
        since = tx.now - last.made_at
        return timedelta(0) <= since < timedelta(seconds=self.every_seconds)

    def _keys(self, tenant_id: str) -> list[VerifierKey]:
        own = verifier_key(self.origin(tenant_id), self.private)
        older = [VerifierKey(own.name, one) for one in self.trusted]
        return [own, *(one for one in older if one != own)]

    def _trusted_frontier(
        self, scope: TenantScope, last: KeptCheckpoint | None
    ) -> Frontier:
        """
        Give the frontier of the last checkpoint, if that is one of ours.

        Raises:
            Contradiction: it is not, or its frontier has another root.
        """
        if last is None:
            return Frontier()
        try:
            opened, _ = open_checkpoint(last.note, self._keys(scope.tenant_id))
            frontier = checkpoints.unpack(last.size, last.frontier)
        except (BadCheckpoint, ValueError) as exc:
            raise Contradiction(f"the last checkpoint, of {last.size}: {exc}") from exc
        if (opened.size, opened.root) != (frontier.size, frontier.root()):
            raise Contradiction(
                f"the last checkpoint is of {opened.size}, and its frontier of "
                "another tree; run `autopilot audit verify`"
            )
        return frontier

    def _hold_against_anchors(self, scope: TenantScope, size: int, epoch: int) -> None:
        newest = self._anchored.get(self.origin(scope.tenant_id))
        if newest is not None and newest.epoch >= epoch and newest.size > size:
            raise Contradiction(
                f"an anchor has a checkpoint of {newest.size}, the database one of "
                f"{size}; after a restore run `autopilot db after-restore`"
            )

    async def _key_is_known(
        self, tx: Tx, scope: TenantScope, last: KeptCheckpoint | None
    ) -> bool:
        """Tell whether the ledger names our key, sealed; if not yet, have it do so."""
        own = verifier_key(self.origin(scope.tenant_id), self.private).text
        if last is None or last.key == own:
            return True
        named = await checkpoints.find_key(tx)
        if named is None or named[0] != own:
            await tx.enter(Scope(scope.tenant_id, scope.environments[0]))
            await ledger.append(
                tx,
                Event.ledger_key_changed,
                actor=_ACTOR,
                body={"previous": last.key, "key": own},
                task_id=None,
            )
            return False
        return named[1] is not None

    async def _keep(
        self, tx: Tx, scope: TenantScope, frontier: Frontier, epoch: int
    ) -> None:
        checkpoint = Checkpoint(
            self.origin(scope.tenant_id),
            frontier.size,
            frontier.root(),
            epoch,
            tx.now.isoformat(timespec="microseconds"),
        )
        await checkpoints.keep(
            tx,
            scope.tenant_id,
            KeptCheckpoint(
                environment=await checkpoints.find_environment(tx, frontier.size),
                size=frontier.size,
                root=checkpoint.root,
                frontier=checkpoints.pack(frontier),
                epoch=epoch,
                key=verifier_key(checkpoint.origin, self.private).text,
                note=sign_checkpoint(checkpoint, self.private),
                made_at=tx.now,
            ),
        )

    async def _hang_up(self, scope: TenantScope) -> None:
        for anchor in self.anchors:
            while True:
                async with self.database.transaction(scope, Step.look) as tx:
                    waiting = await checkpoints.list_unanchored(
                        tx, anchor.name, most=_MOST_ANCHORED
                    )
                if not waiting:
                    break
                async with self.database.effect(Effect.write_anchor):
                    await asyncio.to_thread(anchor.append, [w.note for w in waiting])
                async with self.database.transaction(scope, Step.note_anchor) as tx:
                    await checkpoints.note_anchored(
                        tx, scope.tenant_id, anchor.name, waiting
                    )

    async def _read_anchors(self) -> None:
        """Learn once what hangs there: a database behind it was restored or cut."""
        for anchor in self.anchors:
            try:
                notes = await asyncio.to_thread(anchor.read)
            except BadLine as exc:
                raise Contradiction(f"anchor {anchor.name}: {exc}") from exc
            for note in notes:
                origin, _, _ = note.partition("\n")
                tenant_id = origin.removeprefix(f"{self.log}/")
                try:
                    opened, _ = open_checkpoint(note, self._keys(tenant_id))
                except BadCheckpoint:
                    # Nobody's word; `audit verify` tells of it.
                    continue
                self._remember(opened)
        self._read = True

    def _remember(self, opened: Checkpoint) -> None:
        known = self._anchored.get(opened.origin)
        if known is None or (known.epoch, known.size) < (opened.epoch, opened.size):
            self._anchored[opened.origin] = opened


def origin_of(log: str, tenant_id: str) -> str:
    """Give the name of a tenant's log."""
    return f"{log}/{tenant_id}"
