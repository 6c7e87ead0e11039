"""Signed checkpoints of a tenant's ledger, the tree's frontier, and where it hangs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert

from audit.merkle import HASH_BYTES, Frontier
from storage import tables
from storage.database import Tx
from storage.rows import into

_LEAVES = "SELECT leaf FROM ledger_seals WHERE seq > :after ORDER BY seq LIMIT :most"
_LAST = "SELECT * FROM ledger_checkpoints ORDER BY size DESC LIMIT 1"
_AFTER = (
    "SELECT * FROM ledger_checkpoints WHERE size > :after ORDER BY size LIMIT :most"
)
_UNANCHORED = """
    SELECT c.* FROM ledger_checkpoints c WHERE NOT EXISTS (
      SELECT FROM ledger_anchors a WHERE a.tenant_id = c.tenant_id
      AND a.environment = c.environment AND a.size = c.size AND a.anchor = :anchor)
    ORDER BY c.size LIMIT :most
"""
# The newest word about the key, and whether it has its seal.
_KEY = """
    SELECT l.body::json ->> 'key' AS key, s.seq FROM ledger l LEFT JOIN ledger_seals s
      ON s.tenant_id = l.tenant_id AND s.environment = l.environment
      AND s.ledger_id = l.id
    WHERE l.event = 'ledger.key_changed' AND l.event LIKE 'ledger.%'
    ORDER BY l.at DESC, l.id DESC LIMIT 1
"""
_EPOCH = """
    SELECT coalesce(max((l.body::json ->> 'epoch')::integer), 0) AS epoch
    FROM ledger l JOIN ledger_seals s ON s.tenant_id = l.tenant_id
      AND s.environment = l.environment AND s.ledger_id = l.id
    WHERE l.event = 'ledger.restored' AND l.event LIKE 'ledger.%'
"""
_UNSIGNED = """
    SELECT sealed_at FROM ledger_seals WHERE seq > coalesce(
      (SELECT size FROM ledger_checkpoints ORDER BY size DESC LIMIT 1), 0)
    ORDER BY seq LIMIT 1
"""
_MOST_LEAVES = 10_000


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """
    A checkpoint's row: ``note`` is the signed text, ``key`` its verifier key.

    ``environment`` is that of the last entry in it; the tree is the tenant's.
    """

    environment: str
    size: int
    root: bytes
    frontier: bytes
    epoch: int
    key: str
    note: str
    made_at: datetime


def pack(frontier: Frontier) -> bytes:
    return b"".join(frontier.roots)


def unpack(size: int, packed: bytes) -> Frontier:
    """
    Give the frontier that was kept.

    Raises:
        ValueError: it is none of this size.
    """
    cuts = range(0, len(packed), HASH_BYTES)
    return Frontier(size, tuple(packed[cut : cut + HASH_BYTES] for cut in cuts))


async def find_last(tx: Tx) -> KeptCheckpoint | None:
    row = await tx.row(_LAST)
    return into(KeptCheckpoint, row) if row else None


async def list_after(tx: Tx, size: int, *, most: int) -> Sequence[KeptCheckpoint]:
    rows = await tx.rows(_AFTER, {"after": size, "most": most})
    return [into(KeptCheckpoint, row) for row in rows]


async def extend(tx: Tx, frontier: Frontier) -> Frontier:
    """Give the frontier with all leaves that were sealed behind it."""
    while True:
        rows = await tx.rows(_LEAVES, {"after": frontier.size, "most": _MOST_LEAVES})
        if not rows:
            return frontier
        frontier = frontier.extended(bytes(row["leaf"]) for row in rows)


async def list_leaves(tx: Tx, size: int) -> list[bytes]:
    """Give the leaves of a tree of this size, in order."""
    rows = await tx.rows(_LEAVES, {"after": 0, "most": size})
    return [bytes(row["leaf"]) for row in rows]


async def find_environment(tx: Tx, seq: int) -> str:
    row = await tx.row(
        "SELECT environment FROM ledger_seals WHERE seq = :seq", {"seq": seq}
    )
    if row is None:
        raise LookupError(f"entry {seq}: has no seal")
    return str(row["environment"])


async def keep(tx: Tx, tenant_id: str, kept: KeptCheckpoint) -> None:
    await tx.change(
        insert(tables.ledger_checkpoints), {"tenant_id": tenant_id, **asdict(kept)}
    )


async def find_key(tx: Tx) -> tuple[str, int | None] | None:
    """Give the key that the ledger named last, and the entry's sequence if sealed."""
    row = await tx.row(_KEY)
    return (str(row["key"]), row["seq"]) if row else None


async def find_unsigned_since(tx: Tx) -> datetime | None:
    """Give when the oldest entry was sealed that no checkpoint signs; None if none."""
    row = await tx.row(_UNSIGNED)
    return row["sealed_at"] if row else None


async def read_epoch(tx: Tx) -> int:
    """Give the epoch that this tenant's sealed entries tell of; 0 before a restore."""
    row = await tx.row(_EPOCH)
    return row["epoch"] if row else 0


async def list_unanchored(
    tx: Tx, anchor: str, *, most: int
) -> Sequence[KeptCheckpoint]:
    """Give what does not hang at this anchor yet, oldest first."""
    rows = await tx.rows(_UNANCHORED, {"anchor": anchor, "most": most})
    return [into(KeptCheckpoint, row) for row in rows]


async def note_anchored(
    tx: Tx, tenant_id: str, anchor: str, kept: Sequence[KeptCheckpoint]
) -> None:
    """Say that these hang at the anchor; a repeat changes nothing."""
    await tx.change(
        "INSERT INTO ledger_anchors (tenant_id, environment, size, anchor, anchored_at)"
        " VALUES (:tenant, :environment, :size, :anchor, :now) ON CONFLICT DO NOTHING",
        [
            {
                "tenant": tenant_id,
                "environment": one.environment,
                "size": one.size,
                "anchor": anchor,
                "now": tx.now,
            }
            for one in kept
        ],
    )


async def list_anchored(tx: Tx, anchor: str) -> set[int]:
    """Give the sizes that hang at this anchor, as we wrote it down."""
    rows = await tx.rows(
        "SELECT size FROM ledger_anchors WHERE anchor = :anchor", {"anchor": anchor}
    )
    return {row["size"] for row in rows}
