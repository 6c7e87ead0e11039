"""What holds every tenant's ledger to its word: keys, anchors, and what is known."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.checkpoint import VerifierKey
from audit.verification import Trust
from orchestrator.anchors import FileAnchor
from orchestrator.notary import origin_of
from orchestrator.settings import TrustSettings
from storage.verification import Claim


@dataclass(frozen=True, slots=True)
class Ledgers:
    """``since`` is a checkpoint that somebody kept, of one tenant."""

    log: str
    publics: tuple[bytes, ...]
    anchor: FileAnchor | None = None
    since: str | None = None
    known_lost: int = 0

    async def read_notes(self) -> Sequence[str]:
        """Give what hangs at the anchor now; nothing without one."""
        if self.anchor is None:
            return ()
        return await asyncio.to_thread(self.anchor.read)

    def claim(
        self, tenant_id: str, *, notes: Sequence[str], noted: frozenset[int]
    ) -> Claim:
        """
        Say what a tenant's ledger is held against.

        ``noted`` are the sizes that the rows say hang at the anchor; they were read
        before ``notes`` were, since a sealer may be at work.
        """
        origin = origin_of(self.log, tenant_id)
        own = f"{origin}\n"
        trust = Trust(
            keys=[VerifierKey(origin, one) for one in self.publics],
            anchors=[one for one in notes if one.startswith(own)],
            since=self.since if self.is_since_of(tenant_id) else None,
            known_lost=self.known_lost,
        )
        return Claim(tenant_id, origin, trust, noted)

    def is_since_of(self, tenant_id: str) -> bool:
        """Tell whether the checkpoint that somebody kept is this tenant's."""
        own = f"{origin_of(self.log, tenant_id)}\n"
        return self.since is not None and self.since.startswith(own)


def read_ledgers(settings: TrustSettings) -> Ledgers:
    """Give what the settings say; files are read when a ledger is verified."""
    path = settings.anchor_file
    anchor = None if path is None else FileAnchor(path)
    return Ledgers(settings.log, settings.trusted, anchor)


def read_note(path: str | None) -> str | None:
    """Read a checkpoint from a file: the note that ``audit prove`` prints."""
    return None if path is None else Path(path).read_text(encoding="utf-8")
