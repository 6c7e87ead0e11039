"""The order of the ledger: a gap-free sequence for each tenant, chained by hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert

from storage import tables
from storage.database import Tx
from storage.ledger import Entry
from storage.rows import into

GENESIS = bytes(32)

# The first to get a transaction id may be the second to get a task's row; so an entry
# takes its turn no sooner than the entries of its task before it.
_UNSEALED = """
    SELECT l.*, max(l.xid::text::bigint) OVER (
      PARTITION BY coalesce(l.task_id, l.id) ORDER BY l.task_seq) AS turn
    FROM ledger l
    LEFT JOIN ledger_seals s ON s.tenant_id = l.tenant_id
      AND s.environment = l.environment AND s.ledger_id = l.id
    WHERE s.seq IS NULL AND l.xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY turn, l.task_id, l.task_seq, l.at, l.id LIMIT :most
"""
_SEALED = """
    SELECT s.seq, s.leaf, s.previous, s.hash, s.sealed_at, l.id, l.tenant_id,
      l.environment, l.task_id, l.task_seq, l.event, l.actor, l.at, l.body
    FROM ledger_seals s JOIN ledger l ON l.tenant_id = s.tenant_id
      AND l.environment = s.environment AND l.id = s.ledger_id
    WHERE s.seq > :after ORDER BY s.seq LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Seal:
    """``hash`` is SHA-256 of previous hash, big-endian sequence (8 bytes) and leaf."""

    seq: int
    leaf: bytes
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class SealedEntry:
    seal: Seal
    entry: Entry


def chain(previous: bytes, seq: int, leaf: bytes) -> bytes:
    return sha256(previous + seq.to_bytes(8, "big") + leaf).digest()


async def lock_tenant(tx: Tx, tenant_id: str) -> bool:
    """Be the one sealer of this tenant until the transaction ends."""
    row = await tx.row(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 1)) AS held",
        {"key": f"seal/{tenant_id}"},
    )
    return bool(row and row["held"])


async def seal_batch(tx: Tx, tenant_id: str, *, most: int) -> int:
    """
    Seal what has committed for good, in transaction order; give how many.

    Where transactions overlapped, a task's own order goes before theirs.

    Only rows below the oldest transaction still running are read, so that no late
    commit is skipped.
    """
    entries = [into(Entry, row) for row in await tx.rows(_UNSEALED, {"most": most})]
    if not entries:
        return 0
    last = await tx.row("SELECT seq, hash FROM ledger_seals ORDER BY seq DESC LIMIT 1")
    seq, previous = (last["seq"], bytes(last["hash"])) if last else (0, GENESIS)
    rows: list[dict[str, object]] = []
    for entry in entries:
        seq += 1
        leaf = entry.leaf()
        sealed = chain(previous, seq, leaf)
        rows.append(
            {
                "tenant_id": tenant_id,
                "environment": entry.environment,
                "seq": seq,
                "ledger_id": entry.id,
                "leaf": leaf,
                "previous": previous,
                "hash": sealed,
                "sealed_at": tx.now,
            }
        )
        previous = sealed
    await tx.change(insert(tables.ledger_seals), rows)
    return len(rows)


async def list_sealed(tx: Tx, *, after: int, most: int) -> Sequence[SealedEntry]:
    rows = await tx.rows(_SEALED, {"after": after, "most": most})
    return [SealedEntry(into(Seal, row), into(Entry, row)) for row in rows]


async def read_last(tx: Tx) -> int:
    """Give the last sequence that has a seal; 0 if none has."""
    row = await tx.row("SELECT coalesce(max(seq), 0) AS seq FROM ledger_seals")
    return row["seq"] if row else 0


async def count_unsealed(tx: Tx) -> tuple[int, datetime | None]:
    """Give how many entries wait to be sealed, and since when."""
    row = await tx.row(
        "SELECT count(*) AS n, min(l.at) AS since FROM ledger l LEFT JOIN ledger_seals"
        " s ON s.tenant_id = l.tenant_id AND s.environment = l.environment"
        " AND s.ledger_id = l.id WHERE s.seq IS NULL"
    )
    return (row["n"], row["since"]) if row else (0, None)


async def read_cursor(tx: Tx, bus: str) -> int:
    """Give the last sequence that was relayed to this bus from this scope."""
    row = await tx.row("SELECT seq FROM relays WHERE bus = :bus", {"bus": bus})
    return row["seq"] if row else 0


async def keep_cursor(tx: Tx, bus: str, seq: int) -> None:
    await tx.change(
        "INSERT INTO relays (tenant_id, environment, bus, seq) VALUES (:tenant,"
        " :environment, :bus, :seq) ON CONFLICT (tenant_id, environment, bus)"
        " DO UPDATE SET seq = excluded.seq WHERE relays.seq < excluded.seq",
        {
            "tenant": tx.here.tenant_id,
            "environment": tx.here.environment,
            "bus": bus,
            "seq": seq,
        },
    )
