"""
Check the ledger from its rows: leaves, chain, sequence, and order within each task.

It recomputes everything and believes nothing that is stored; it never says "verified"
on a doubt. (Tree, signatures and anchors come with the ledger's own issue.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.record import GENESIS, chain
from storage import seals
from storage.database import Tx
from storage.seals import SealedEntry

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """``problem`` names the first bad entry; None if every one is good."""

    tenant_id: str
    entries: int
    unsealed: int
    problem: str | None
    head: str


@dataclass(slots=True)
class _State:
    seq: int = 0
    previous: bytes = GENESIS
    task_seqs: dict[str, int] = field(default_factory=dict)


async def verify_tenant(tx: Tx, tenant_id: str) -> Verified:
    """Walk the tenant's whole ledger in order, over all of its environments."""
    state = _State()
    problem: str | None = None
    last = await seals.read_last(tx)
    while problem is None:
        batch = await seals.list_sealed(tx, after=state.seq, most=_BATCH)
        if not batch:
            break
        problem = check(batch, state)
    if problem is None and state.seq < last:
        problem = f"entry {state.seq + 1}: sealed up to {last}, but it is gone"
    unsealed, _since = await seals.count_unsealed(tx)
    return Verified(tenant_id, state.seq, unsealed, problem, state.previous.hex())


def check(batch: Sequence[SealedEntry], state: "_State") -> str | None:
    """Check the next entries and move the state on; give the first problem."""
    for one in batch:
        problem = _check_one(one, state)
        if problem is not None:
            return f"entry {state.seq + 1} ({one.entry.id}): {problem}"
        state.seq = one.seal.seq
        state.previous = bytes(one.seal.hash)
    return None


def new_state() -> "_State":
    return _State()


def _check_one(one: SealedEntry, state: _State) -> str | None:
    if one.seal.seq != state.seq + 1:
        return f"expected sequence {state.seq + 1}, found {one.seal.seq}"
    if bytes(one.seal.previous) != state.previous:
        return "the previous hash is not the entry before"
    leaf = one.entry.leaf()
    if bytes(one.seal.leaf) != leaf:
        return "the content is not what was sealed"
    if bytes(one.seal.hash) != chain(state.previous, one.seal.seq, leaf):
        return "the hash does not follow from content and order"
    return _check_task(one, state)


def _check_task(one: SealedEntry, state: _State) -> str | None:
    if one.entry.task_id is None:
        return None
    task = str(one.entry.task_id)
    expected = state.task_seqs.get(task, 0) + 1
    if one.entry.task_seq != expected:
        return f"task {task}: expected its entry {expected}, found {one.entry.task_seq}"
    state.task_seqs[task] = expected
    return None
