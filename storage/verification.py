"""
Verify the ledger from its rows, by the same verifier that reads exports.

Beyond what an export shows, the rows must agree with themselves: stored leaves and
links, entries that a checkpoint or an anchor was written down for, none missing.
"""

from dataclasses import dataclass, replace

from audit.export import ChainedRecord, Header
from audit.verification import Trust, Verified, Verifier
from storage import checkpoints, exports, seals
from storage.database import Tx
from storage.seals import Seal


@dataclass(frozen=True, slots=True)
class Claim:
    """
    What is verified, and against what.

    ``origin`` is the log's name; ``noted`` are sizes that hang at the anchor whose
    notes ``trust`` has, as the rows say.
    """

    tenant_id: str
    origin: str
    trust: Trust
    noted: frozenset[int] = frozenset()


async def verify_tenant(tx: Tx, claim: Claim) -> Verified:
    """Walk the tenant's whole ledger in order, over all of its environments."""
    verifier = Verifier(claim.trust)
    verifier.take(Header(claim.origin, claim.tenant_id))
    last = await seals.read_last(tx)
    async for line, seal in exports.read_lines(tx):
        previous = verifier.head
        if not verifier.take(line):
            break
        if isinstance(line, ChainedRecord) and not _agrees(seal, previous, verifier):
            verifier.problem = (
                f"entry {line.seq} ({line.record.id}): the stored leaf or link is not "
                "what follows from the content"
            )
            break
    if verifier.problem is None:
        verifier.problem = await _find_missing(tx, claim, verifier, last)
    unsealed = await seals.count_waiting(tx)
    return replace(verifier.finish(may_trail=True), unsealed=unsealed)


def _agrees(seal: Seal | None, previous: bytes, verifier: Verifier) -> bool:
    if seal is None:
        return False
    return bytes(seal.previous) == previous and bytes(seal.leaf) == verifier.last_leaf


async def _find_missing(
    tx: Tx, claim: Claim, verifier: Verifier, last: int
) -> str | None:
    """Say what was written down and is not there."""
    seq = verifier.entries
    if seq < last:
        return f"entry {seq + 1}: sealed up to {last}, but it is gone"
    newest = await checkpoints.find_last(tx)
    if newest is not None and newest.size > seq:
        return f"entry {seq + 1}: signed up to {newest.size}, but it is gone"
    hanging = {
        int(size)
        for origin, size, *_ in (note.split("\n") for note in claim.trust.anchors)
        if origin == claim.origin
    }
    gone = sorted(claim.noted - hanging)
    if gone:
        return (
            f"entry {gone[0]}: its checkpoint was hung up at the anchor, and is gone "
            "there"
        )
    return None
