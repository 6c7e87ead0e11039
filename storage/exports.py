"""The ledger's rows as the lines of the documented format, in order."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from audit.export import ChainedRecord, Line, Note
from storage import checkpoints, seals
from storage.checkpoints import KeptCheckpoint
from storage.database import Tx
from storage.seals import Seal

_BATCH = 1000


@dataclass(slots=True)
class _Checkpoints:
    """Checkpoints in the order of their sizes, read a batch ahead."""

    tx: Tx
    size: int
    waiting: list[KeptCheckpoint] = field(default_factory=list)

    async def up_to(self, seq: int) -> Sequence[KeptCheckpoint]:
        """Take off what stands right behind this entry, or was left before it."""
        found = []
        while await self._filled() and self.waiting[0].size <= seq:
            found.append(self.waiting.pop(0))
        return found

    async def _filled(self) -> bool:
        if not self.waiting:
            listed = await checkpoints.list_after(self.tx, self.size, most=_BATCH)
            self.waiting = list(listed)
            self.size = listed[-1].size if listed else self.size
        return bool(self.waiting)


async def read_lines(
    tx: Tx, *, after: int = 0, up_to: int | None = None
) -> AsyncIterator[tuple[Line, Seal | None]]:
    """
    Give entries, each with its seal as it is stored, and checkpoints behind them.

    From behind entry ``after``, to entry ``up_to`` or the end.
    """
    pending = _Checkpoints(tx, after)
    while True:
        batch = await seals.list_sealed(tx, after=after, most=_BATCH)
        if not batch:
            return
        for one in batch:
            seq = one.seal.seq
            if up_to is not None and seq > up_to:
                return
            hash_ = bytes(one.seal.hash).hex()
            yield ChainedRecord(seq, hash_, one.entry.record), one.seal
            for kept in await pending.up_to(seq):
                yield Note(kept.note), None
        after = batch[-1].seal.seq
